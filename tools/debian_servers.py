"""Prometheus and Alertmanager from Debian's packages, unpacked under VIGIE_HOME and never installed: no root, no daemon.

The tests run the real servers; `make install` fetches them. apt-get checks what it downloads against Debian's signed lists, we
check it once more, and the SHA-256 of what is run is written down and checked at every use.

Debian's Alertmanager reads its built-in templates from /usr/share/prometheus/alertmanager, which an unpacked one does not have.
In the unpacked copy that path is therefore made relative (the same number of bytes), and `bin/prometheus-alertmanager` starts it
in the folder that the path is relative to. Nothing else is changed.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from agents.broker import BrokerError, default_home
from agents.broker.lock import locked

PACKAGES = ("prometheus", "prometheus-alertmanager")
_FETCH_SECONDS = 600.0  # for 30 MB and, where apt has no lists yet, 10 MB of lists on a slow line; here it takes 3 s
_SUMS = "sha256sums.txt"
_TEMPLATES = (b"/usr/share/prometheus/alertmanager", b"usr//share/prometheus/alertmanager")
_APT = ("-q", "-o", "Acquire::Retries=3", "-o", "Acquire::http::Timeout=30", "-o", "APT::Sandbox::User=")


class ServersError(Exception):
    """The servers cannot be had on this machine; the message says why and what to do."""


@dataclass(frozen=True)
class Servers:
    """Programs to run, each checked; paths in their arguments must be absolute."""

    prometheus: Path
    promtool: Path
    alertmanager: Path
    amtool: Path


def servers(home: Path) -> Servers:
    """The programs under `home`/debian; fetched first where they are not there (about 10 s), otherwise 0.5 s.

    Where apt-get cannot give them, those on the PATH serve. ServersError: neither, or a file that is not the one that was unpacked.
    """
    target = home / "debian"
    if not (target / _SUMS).is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with locked(home / "debian.lock", _FETCH_SECONDS):
                if not (target / _SUMS).is_file():  # another process may have fetched them meanwhile
                    _fetch(target)
        except BrokerError as error:
            raise ServersError(str(error)) from None
        except ServersError:
            if found := _on_path():
                return found
            raise
    _check(target)
    programs = target / "usr/bin"
    return Servers(programs / "prometheus", programs / "promtool", target / "bin/prometheus-alertmanager", programs / "amtool")


def _on_path() -> Servers | None:
    """What somebody installed, under Debian's name of Alertmanager or its own."""
    names = ("prometheus", "promtool", "prometheus-alertmanager", "amtool")
    found = [shutil.which(name) or shutil.which(name.removeprefix("prometheus-")) for name in names]
    return Servers(*(Path(each) for each in found if each)) if all(found) else None


def _fetch(target: Path) -> None:
    """Download and unpack beside the target, try each program, write the sums, and only then put it in place."""
    partial = target.with_name("debian.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    for package in _download(partial):
        _run(["dpkg-deb", "--extract", str(package), str(partial)])
        package.unlink()
    _relocate(partial)
    for name in ("usr/bin/prometheus", "usr/bin/promtool", "bin/prometheus-alertmanager", "usr/bin/amtool"):
        _run([str(partial / name), "--version"])
    kept = [
        *(partial / "usr/bin").iterdir(),
        *(partial / "bin").iterdir(),
        *partial.glob("usr/share/prometheus/alertmanager/*.tmpl"),
    ]
    lines = [f"{_digest(each)}  {each.relative_to(partial)}\n" for each in sorted(kept)]
    (partial / _SUMS).write_text("".join(lines))
    shutil.rmtree(target, ignore_errors=True)
    partial.rename(target)


def _download(folder: Path) -> list[Path]:
    """The packages, by the machine's lists of packages; by fresh ones of our own where it has none, or old ones."""
    try:
        return _packages(folder, ())
    except ServersError:
        own = folder / "apt"
        for each in ("state/lists/partial", "cache/archives/partial"):
            (own / each).mkdir(parents=True)
        places = {"State": "state", "State::lists": "state/lists", "Cache": "cache"}
        options = [word for name, place in places.items() for word in ("-o", f"Dir::{name}={own / place}")]
        options += ["-o", "Dir::State::status=/var/lib/dpkg/status"]
        _run(["apt-get", *_APT, *options, "update"])
        found = _packages(folder, options)
        shutil.rmtree(own)
        return found


def _packages(folder: Path, options: Sequence[str]) -> list[Path]:
    """Packages in `folder`, each with the SHA-256 that apt's lists give it."""
    command = ["apt-get", *_APT, *options, "download"]
    # a line: 'URI' file-name size SHA256:hex
    lines = [line.split() for line in _run([*command, "--print-uris", *PACKAGES], folder).splitlines() if line.startswith("'")]
    _run([*command, *PACKAGES], folder)
    found = []
    for _, name, _, digest in lines:
        package = folder / name
        if not package.is_file() or f"SHA256:{_digest(package)}" != digest:
            raise ServersError(f"apt-get did not deliver {name} with {digest}. Run `apt-get update`, then the command again.")
        found.append(package)
    return found


def _relocate(folder: Path) -> None:
    """Have Alertmanager find its templates in the folder where it was unpacked."""
    program = folder / "usr/bin/prometheus-alertmanager"
    program.write_bytes(program.read_bytes().replace(*_TEMPLATES))
    start = folder / "bin/prometheus-alertmanager"
    start.parent.mkdir()
    start.write_text('#!/bin/sh\ncd "$(dirname "$0")/.." && exec usr/bin/prometheus-alertmanager "$@"\n')
    start.chmod(0o755)


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


def _run(command: Sequence[str], cwd: Path | None = None) -> str:
    """What a command writes; ServersError with its last words when it fails or is not there."""
    environ = {**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command, cwd=cwd, env=environ, capture_output=True, text=True, errors="replace", timeout=_FETCH_SECONDS, check=False
        )
    except FileNotFoundError:
        raise ServersError(_advice(f"there is no `{command[0]}` on the PATH")) from None
    except subprocess.TimeoutExpired:
        raise ServersError(_advice(f"`{command[0]}` took more than {_FETCH_SECONDS:.0f} s")) from None
    if done.returncode != 0:
        words = "\n".join(f"  {line[:300]}" for line in done.stderr.strip().splitlines()[-4:])
        raise ServersError(_advice(f"`{command[0]}` failed (exit {done.returncode}):\n{words}"))
    return done.stdout


def _advice(cause: str) -> str:
    return (
        f"Prometheus and Alertmanager, which the tests run, could not be unpacked from Debian's packages: {cause}\n"
        "On Debian and Ubuntu check that this machine reaches the mirror of /etc/apt/sources.list, and run the command again.\n"
        "Elsewhere install both, so that prometheus, promtool, alertmanager and amtool are on the PATH."
    )


def main() -> int:
    """Fetch the servers; exit code 1 with what to do when they cannot be had."""
    try:
        servers(default_home(os.environ))
    except ServersError as error:
        print(f"vigie: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
