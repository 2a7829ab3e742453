"""Debian's packages unpacked under VIGIE_HOME and never installed: no root, no daemon that starts by itself.

apt-get checks what it downloads against Debian's signed lists, we check it once more, and the SHA-256 of what is run is written
down and checked at every use.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import TypeVar

from agents.broker import BrokerError, default_home
from agents.broker.lock import locked

_FETCH_SECONDS = 600.0  # for 30 MB and, where apt has no lists yet, 10 MB of lists on a slow line; here it takes 3 s
_SUMS = "sha256sums.txt"
_APT = ("-q", "-o", "Acquire::Retries=3", "-o", "Acquire::http::Timeout=30", "-o", "APT::Sandbox::User=")

Programs = TypeVar("Programs")


class ServersError(Exception):
    """The programs cannot be had on this machine; the message says why and what to do."""


@dataclass(frozen=True)
class Parcel:
    """Packages that are unpacked together into `folder` of a home.

    `finish` makes the programs run from where they were unpacked, tries each, and answers the files that are to stay as they are.
    """

    names: tuple[str, ...]
    folder: str
    finish: Callable[[Path], Sequence[Path]]
    what: str
    elsewhere: str

    def unpacked(self, home: Path) -> Path:
        """Where the packages lie, each file checked; fetched first where they are not there. ServersError says what to do."""
        target = home / self.folder
        try:
            if not (target / _SUMS).is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                with locked(home / f"{self.folder}.lock", _FETCH_SECONDS):
                    if not (target / _SUMS).is_file():  # another process may have fetched them meanwhile
                        self._fetch(target)
        except BrokerError as error:
            raise ServersError(str(error)) from None
        except CommandError as error:
            raise ServersError(self._advice(str(error))) from None
        _check(target)
        return target

    def programs(self, home: Path, found: Callable[[Path], Programs], installed: Callable[[], Programs | None]) -> Programs:
        """What `found` makes of the folder; where the packages cannot be had and never were, what is `installed`."""
        try:
            return found(self.unpacked(home))
        except ServersError:
            if not (home / self.folder).exists() and (own := installed()):
                return own
            raise

    def _fetch(self, target: Path) -> None:
        """Download and unpack beside the target, finish, write the sums, and only then put it in place."""
        partial = target.with_name(f"{target.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        for package in _download(partial, self.names):
            run(["dpkg-deb", "--extract", str(package), str(partial)])
            package.unlink()
        lines = [f"{_digest(each)}  {each.relative_to(partial)}\n" for each in sorted(self.finish(partial))]
        (partial / _SUMS).write_text("".join(lines))
        shutil.rmtree(target, ignore_errors=True)
        partial.rename(target)

    def _advice(self, cause: str) -> str:
        return (
            f"{self.what}, which the tests run, could not be unpacked from Debian's packages: {cause}\n"
            "On Debian and Ubuntu check that this machine reaches the mirror of /etc/apt/sources.list, and run the command again.\n"
            f"Elsewhere {self.elsewhere}."
        )


class CommandError(Exception):
    """A command that failed; the message has its last words."""


def fetch(*programs: Callable[[Path], object]) -> int:
    """Have programs under VIGIE_HOME, for `make install`; exit code 1, with what to do on the screen, when they cannot be had."""
    home = default_home(os.environ)
    try:
        for have in programs:
            have(home)
    except ServersError as error:
        print(f"vigie: {error}", file=sys.stderr)
        return 1
    return 0


def script(path: Path, text: str) -> None:
    """Write a program that starts another one."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def _download(folder: Path, names: Sequence[str]) -> list[Path]:
    """The packages, by the machine's lists of packages; by fresh ones of our own where it has none, or old ones."""
    try:
        return _packages(folder, names, ())
    except CommandError:
        own = folder / "apt"
        for each in ("state/lists/partial", "cache/archives/partial"):
            (own / each).mkdir(parents=True)
        places = {"State": "state", "State::lists": "state/lists", "Cache": "cache"}
        options = [word for name, place in places.items() for word in ("-o", f"Dir::{name}={own / place}")]
        options += ["-o", "Dir::State::status=/var/lib/dpkg/status"]
        run(["apt-get", *_APT, *options, "update"])
        found = _packages(folder, names, options)
        shutil.rmtree(own)
        return found


def _packages(folder: Path, names: Sequence[str], options: Sequence[str]) -> list[Path]:
    """Packages in `folder`, each with the SHA-256 that apt's lists give it."""
    command = ["apt-get", *_APT, *options, "download"]
    # a line: 'URI' file-name size SHA256:hex
    lines = [line.split() for line in run([*command, "--print-uris", *names], folder).splitlines() if line.startswith("'")]
    run([*command, *names], folder)
    found = []
    for _, name, _, digest in lines:
        package = folder / name
        if not package.is_file() or f"SHA256:{_digest(package)}" != digest:
            raise CommandError(f"apt-get did not deliver {name} with {digest}. Run `apt-get update`, then the command again.")
        found.append(package)
    return found


def _check(target: Path) -> None:
    for line in (target / _SUMS).read_text().splitlines():
        digest, name = line.split("  ", 1)
        path = target / name
        if not path.is_file() or _digest(path) != digest:
            raise ServersError(
                f"{path} is not the file that was unpacked. Delete the folder, and it is fetched anew: rm -r {target}"
            )


def _digest(path: Path) -> str:
    with path.open("rb") as handle:
        return file_digest(handle, "sha256").hexdigest()


def run(command: Sequence[str], cwd: Path | None = None) -> str:
    """What a command writes; CommandError with its last words when it fails or is not there."""
    environ = {**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command, cwd=cwd, env=environ, capture_output=True, text=True, errors="replace", timeout=_FETCH_SECONDS, check=False
        )
    except FileNotFoundError:
        raise CommandError(f"there is no `{command[0]}` on the PATH") from None
    except subprocess.TimeoutExpired:
        raise CommandError(f"`{command[0]}` took more than {_FETCH_SECONDS:.0f} s") from None
    if done.returncode != 0:
        words = "\n".join(f"  {line[:300]}" for line in done.stderr.strip().splitlines()[-4:])
        raise CommandError(f"`{command[0]}` failed (exit {done.returncode}):\n{words}")
    return done.stdout
