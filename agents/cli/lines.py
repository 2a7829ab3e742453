"""JSON Lines in, JSON Lines out: one answer per input line, in order, flushed as read; a refused line never stops the rest."""

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import orjson
import typer

from pipeline.codec import Limits
from pipeline.errors import InvalidEvent, Reason
from pipeline.jsontext import load, type_name

Answer = Callable[[bytes], Any]


def answer_lines(files: Iterable[Path], answer: Answer) -> None:
    """Answer each line of the files (standard input when there are none); exits 1 when a file cannot be read.

    A blank line is passed over, as JSON Lines readers do. A line that `answer` refuses gives its id and the reason.
    """
    out = sys.stdout.buffer
    for line in _lines(files):
        if not line.strip():
            continue
        try:
            given = answer(line)
        except InvalidEvent as error:
            given = {"id": _id_of(line), "error": {"reason": error.reason.value, "message": error.message}}
        except Exception as error:  # noqa: BLE001 - a fault of ours on one line must not stop the others
            message = f"{type(error).__name__} while the line was processed; please report it to vigie's developers"
            given = {"id": _id_of(line), "error": {"reason": Reason.INTERNAL.value, "message": message}}
        out.write(given if isinstance(given, bytes) else dumps(given))
        out.write(b"\n")
        out.flush()


def dumps(value: Any) -> bytes:
    """Write a value as JSON, structs included; text that JSON cannot hold (a lone surrogate) is replaced."""
    return orjson.dumps(msgspec.to_builtins(value, builtin_types=()), default=str)


def read_fields(line: bytes, limits: Limits, *required: str) -> dict[str, Any]:
    """Read a line as an object with `required` text fields; InvalidEvent in the order of the closed reasons."""
    value = load(line, limits)
    if not isinstance(value, dict):
        raise InvalidEvent(Reason.NOT_OBJECT, f"the line is {type_name(value)}; give a JSON object with {', '.join(required)}")
    for name in required:
        if value.get(name) is None:
            raise InvalidEvent(Reason.MISSING_FIELD, f"`{name}` is missing; give it as text")
        if not isinstance(value[name], str):
            raise InvalidEvent(Reason.WRONG_TYPE, f"`{name}` is {type_name(value[name])}; give it as text")
        if len(value[name]) > limits.content_chars:
            raise InvalidEvent(
                Reason.TOO_LARGE, f"`{name}` has {len(value[name]):,} characters, {limits.content_chars:,} are allowed"
            )
    return value


def _lines(files: Iterable[Path]) -> Iterator[bytes]:
    given = False
    for path in files:
        given = True
        if str(path) == "-":
            yield from _without_end(sys.stdin.buffer)
            continue
        try:
            with path.open("rb") as source:
                yield from _without_end(source)
        except OSError as error:
            typer.echo(f"vigie: {path}: {error.strerror}; name a file that can be read, or - for standard input", err=True)
            raise typer.Exit(1) from None
    if not given:
        yield from _without_end(sys.stdin.buffer)


def _without_end(source: BinaryIO) -> Iterator[bytes]:
    for line in source:
        yield line.rstrip(b"\r\n")


def _id_of(line: bytes) -> Any:
    """Return the id of a refused line where it has one that can be read, else None."""
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return value.get("id") if isinstance(value, dict) else None
