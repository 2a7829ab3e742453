"""How far files were published, kept in a file so that a run that was broken off goes on where it was."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

_HEAD_BYTES = 64 * 1024


class NotAState(Exception):
    """The file that should say how far it came says something else."""


class Resume:
    """Events of each file that were delivered. A file is known again by its name and its first 64 KiB; it may have grown."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._files: dict[str, dict[str, Any]] = {}
        self._known: set[Path] = set()  # files that begin as they did
        if path is None or not path.exists():
            return
        try:
            self._files = {name: dict(each) for name, each in orjson.loads(path.read_bytes())["files"].items()}
            for each in self._files.values():
                int(each["events"]), int(each["head_bytes"]), str(each["head"])
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise NotAState(f"{path}: is not what --resume writes; name another file, or delete it to begin anew") from error

    def done(self, files: Iterable[Path]) -> dict[Path, int]:
        """How many events of each file were delivered; nothing of one that begins otherwise than it did."""
        found = {}
        for path in files:
            known = self._files.get(_name(path))
            if known and known["head"] == _head(path, known["head_bytes"]):
                found[path] = int(known["events"])
                self._known.add(path)
        return found

    def delivered(self, path: Path, events: int) -> None:
        """Note that so many events of a file, from its beginning, are done with."""
        if self._path is None:
            return
        if path not in self._known:
            size = min(path.stat().st_size, _HEAD_BYTES)
            self._files[_name(path)] = {"head_bytes": size, "head": _head(path, size)}
            self._known.add(path)
        self._files[_name(path)]["events"] = events

    def save(self) -> None:
        """Write the file, whole or not at all."""
        if self._path is None:
            return
        partial = self._path.with_name(f"{self._path.name}.partial")
        partial.write_bytes(orjson.dumps({"files": self._files}, option=orjson.OPT_INDENT_2))
        partial.replace(self._path)


def _name(path: Path) -> str:
    return os.fspath(path.resolve())


def _head(path: Path, size: int) -> str:
    with path.open("rb") as source:
        return hashlib.sha256(source.read(size)).hexdigest()
