"""Maven, run for one thing: copying the jars of a pom into a folder."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from threading import Timer
from typing import IO

from agents.broker.errors import BrokerError
from agents.broker.java import INSTALL

_SECONDS = 900.0  # for 44 MB on a slow line; cold it took 11 s on a quick one
_FETCHED = re.compile(r"Downloaded from [^:]+: \S*?/([^/\s]+\.jar)\b")
_ADVICE = re.compile(r"^\[ERROR\]\s*(?:$|\[Help|To see the full|Re-run Maven|For more information|-> \[Help)")


def copy_jars(pom: Path, folder: Path, fetched: Callable[[str], None]) -> None:
    """Have Maven copy the runtime jars of `pom` into `folder`, laid out as in a Maven repository.

    `fetched` hears the file name of each jar that is downloaded (Maven's own plugins among them).
    """
    mvn = shutil.which("mvn")
    if mvn is None:
        raise BrokerError(f"Kafka's jars are fetched by Maven, and there is no `mvn` on the PATH.\nInstall it: {INSTALL}")
    goal = [
        "org.apache.maven.plugins:maven-dependency-plugin:copy-dependencies",
        "-DincludeScope=runtime",
        "-Dmdep.useRepositoryLayout=true",
        f"-DoutputDirectory={folder}",
    ]
    # -U: ask again for what could not be fetched last time, instead of remembering the failure for a day.
    command = [mvn, "-B", "-U", "-Dstyle.color=never", "-f", str(pom), *goal]
    process = subprocess.Popen(  # noqa: S603 - the user's own mvn, no shell
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        cwd=folder.parent,
    )
    watchdog = Timer(_SECONDS, process.kill)
    watchdog.start()
    try:
        lines = _follow(process.stdout, fetched)
        code = process.wait()
    finally:
        watchdog.cancel()
        process.kill()
        process.communicate()
    if code != 0:
        raise BrokerError(_failure(lines, code))


def _follow(output: IO[str] | None, fetched: Callable[[str], None]) -> list[str]:
    """Read Maven's output to its end, reporting what was fetched; its last lines come back."""
    lines: list[str] = []
    for line in output or ():
        if found := _FETCHED.search(line):
            fetched(found[1])
        elif line.strip():
            lines = [*lines[-199:], line.rstrip()]
    return lines


def _failure(lines: list[str], code: int) -> str:
    """Say why Maven failed, in its own last words."""
    errors = [line for line in lines if line.startswith("[ERROR]") and not _ADVICE.search(line)]
    words = "\n".join(f"  {line[:600]}" for line in (errors or lines)[-6:])
    cause = f"Maven took more than {_SECONDS:.0f} s" if code < 0 else f"Maven failed (exit {code})"
    return (
        f"Kafka's jars could not be fetched: {cause}. Its last lines:\n{words}\n"
        "Check that this machine reaches Maven Central, or name your mirror or proxy in ~/.m2/settings.xml.\n"
        "Then run the command again."
    )
