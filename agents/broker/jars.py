"""Kafka's jars: resolved once by Maven into VIGIE_HOME, and checked against the committed SHA-256 list at every start.

The list names each jar by its path in a Maven repository. Only what it names is put on the class path.
"""

import shutil
from collections.abc import Callable, Mapping
from functools import cache
from hashlib import file_digest
from importlib.resources import as_file, files
from pathlib import Path, PurePosixPath

from agents.broker.errors import BrokerError
from agents.broker.lock import locked
from agents.broker.maven import copy_jars

VERSION = "4.1.1"
_FETCH_SECONDS = 1000.0  # Maven's own bound is below

# Hears (jars fetched, jars wanted, file name of the last one).
Report = Callable[[int, int, str], None]


def silent(done: int, wanted: int, name: str) -> None:
    """Report nothing."""


@cache
def wanted() -> Mapping[str, str]:
    """SHA-256 by path in a Maven repository, in the order of the class path."""
    lines = files("agents.broker").joinpath("sha256sums.txt").read_text("utf-8").splitlines()
    return {path: digest for digest, path in (line.split() for line in lines)}


def folder(home: Path) -> Path:
    """Where the jars of this version stand."""
    return home / "kafka" / VERSION


def resolve(home: Path, report: Report = silent) -> list[Path]:
    """Class path of the broker, every jar checked; fetched first where one is missing (about 10 s), otherwise 0.2 s.

    BrokerError: no Maven, no network, a folder that cannot be written, a jar that is not the one of the list.
    """
    target = folder(home)
    if not _complete(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with locked(target.parent / "lock", _FETCH_SECONDS):
            if not _complete(target):  # another process may have fetched them meanwhile
                _fetch(target, report)
    return check(target, "Delete that file and run the command again, and it is fetched anew: rm {jar}")


def _complete(target: Path) -> bool:
    return all((target / path).is_file() for path in wanted())


def _fetch(target: Path, report: Report) -> None:
    """Fetch into a folder beside the target, check, and only then put it in place."""
    partial = target.with_name(f"{VERSION}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    missing = {PurePosixPath(path).name for path in wanted()}

    def fetched(name: str) -> None:
        if name in missing:
            missing.remove(name)
            report(len(wanted()) - len(missing), len(wanted()), name)

    report(0, len(wanted()), "")
    with as_file(files("agents.broker").joinpath("pom.xml")) as pom:
        copy_jars(pom, partial, fetched)
    check(partial, "Delete Maven's copy and run the command again, and it is fetched anew: rm ~/.m2/repository/{path}")
    shutil.rmtree(target, ignore_errors=True)
    partial.rename(target)
    report(len(wanted()), len(wanted()), "")


def check(target: Path, mend: str) -> list[Path]:
    """Class path of the jars in `target`; BrokerError, ending with `mend`, names one that is missing or not the one of the list."""
    for path, digest in wanted().items():
        jar = target / path
        if not jar.is_file():
            raise BrokerError(f"Maven did not deliver {jar.name}. Run the command again.")
        with jar.open("rb") as handle:
            found = file_digest(handle, "sha256").hexdigest()
        if found != digest:
            advice = mend.format(jar=jar, path=path)
            raise BrokerError(f"{jar} is not the file that vigie expects: its SHA-256 is {found}, expected {digest}.\n{advice}")
    return [target / path for path in wanted()]
