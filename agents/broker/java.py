"""The Java that runs the broker: found on the PATH, and new enough."""

import re
import shutil
import subprocess

from agents.broker.errors import BrokerError

OLDEST = 17  # Kafka 4 needs it
INSTALL = "sudo apt-get install -y openjdk-17-jre-headless maven"
_VERSION = re.compile(r'version "(?:1\.)?(\d+)')  # "17.0.15"; before Java 9 it was "1.8.0_402"


def find_java() -> str:
    """Path of the `java` on the PATH; BrokerError when there is none, when it fails, or when it is too old."""
    java = shutil.which("java")
    if java is None:
        raise BrokerError(f"Kafka needs Java {OLDEST} or newer, and there is no `java` on the PATH.\nInstall it: {INSTALL}")
    try:
        answer = subprocess.run(  # noqa: S603 - the user's own java, no shell
            [java, "-version"], capture_output=True, text=True, errors="replace", timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BrokerError(f"{java} does not run ({error}).\nInstall Java {OLDEST} or newer: {INSTALL}") from error
    said = answer.stderr + answer.stdout
    found = _VERSION.search(said)
    if answer.returncode != 0 or found is None:
        raise BrokerError(f"`{java} -version` failed: {said.strip() or 'no output'}\nInstall Java {OLDEST} or newer: {INSTALL}")
    if int(found[1]) < OLDEST:
        raise BrokerError(
            f"Kafka needs Java {OLDEST} or newer, and {java} is Java {found[1]}.\n"
            f"Install a newer one: {INSTALL}\nThen put its bin folder first on the PATH."
        )
    return java
