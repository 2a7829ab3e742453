"""The broker's storage on disk: formatted once, and recognised when it comes back."""

import base64
import re
import shutil
import subprocess
import uuid
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from agents.broker.config import Node, as_text
from agents.broker.errors import BrokerError
from agents.broker.processes import last_lines

_SECONDS = 120.0
_CLUSTER = re.compile(r"^cluster\.id=(.*)$", re.MULTILINE)


def cluster_id(data: Path) -> str:
    """Id of the cluster whose storage is in a data folder; BrokerError when the storage is not the one formatted there."""
    meta = data / "kafka" / "meta.properties"
    ours = (data / "kafka" / "cluster.id").read_text().strip() if (data / "kafka" / "cluster.id").is_file() else ""
    found = _CLUSTER.search(meta.read_text("latin-1")) if meta.is_file() else None
    stored = found[1].replace("\\", "").strip() if found else ""
    if not ours or ours != stored:
        raise BrokerError(
            f"{data} holds the data of another cluster ({stored or 'without an id'}; expected {ours or 'one that vigie made'}).\n"
            f"Move it away, and the next start makes a fresh one: mv {data} {data}.old"
        )
    return ours


def is_formatted(data: Path) -> bool:
    """Whether a data folder holds storage already, ours or not."""
    return (data / "kafka").exists() or (data / "meta.properties").exists()


def prepare(java: list[str], node: Node, data: Path, users: Mapping[str, str]) -> None:
    """Format the storage of a data folder, about 1.5 s; a format that is interrupted leaves nothing behind that counts.

    `java` is the command up to the main class; `users` get SCRAM credentials of both kinds (name to password). The
    passwords stand on the tool's command line, so they are fit for tests only.
    """
    fresh = data / "kafka.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    cluster = node.member.cluster if node.member else random_id()
    quorum = ["--initial-controllers", node.member.voters] if node.member else ["--standalone"]
    settings = data / "format.properties"
    settings.write_text(as_text(replace(node, storage=fresh).properties()), "latin-1")
    scram = [
        word
        for name, password in users.items()
        for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512")
        for word in ("--add-scram", f"{mechanism}=[name={name},password={password}]")
    ]
    command = [*java, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(settings), *quorum, *scram]
    try:
        answer = subprocess.run(  # noqa: S603 - our own command, no shell
            command, capture_output=True, text=True, errors="replace", timeout=_SECONDS, check=False, env={"LC_ALL": "C.UTF-8"}
        )
    except subprocess.TimeoutExpired:
        raise BrokerError(
            f"Formatting {fresh} took over {_SECONDS:.0f} s. Is the machine overloaded? Run the command again."
        ) from None
    finally:
        settings.unlink()
    if answer.returncode != 0:
        words = last_lines(answer.stdout + answer.stderr)
        raise BrokerError(f"Kafka could not format its storage:\n{words}\nMend what it names, then run the command again.")
    (fresh / "cluster.id").write_text(cluster + "\n")
    fresh.rename(data / "kafka")


def random_id() -> str:
    """A cluster id or directory id as Kafka makes them: 16 random bytes in URL-safe base64, not starting with a hyphen."""
    while (text := base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith("-"):
        pass
    return text
