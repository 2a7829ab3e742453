"""The broker as a process of its own: started apart from the shell, found again, ended."""

import errno
import os
import secrets
import socket
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

import psutil

from agents.broker.config import HOST
from agents.broker.errors import BrokerError

MAIN = "kafka.Kafka"
_PORT = "-Dvigie.port="
_LINES, _WIDTH = 12, 300


def spawn(command: Sequence[str], log: Path) -> psutil.Process:
    """Start a process in a session of its own, its output appended to `log`; it outlives us and the shell.

    posix_spawn and not Popen: nothing here waits for it, and a Popen that is dropped while its child runs warns.
    """
    append = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(log), append, 0o644),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    # A small environment: the broker is the same in every shell, and a UTF-8 locale keeps paths with accents readable to Java.
    environment = {"LC_ALL": "C.UTF-8", "PATH": os.defpath}
    pid = os.posix_spawn(command[0], list(command), environment, file_actions=actions, setsid=True)
    return psutil.Process(pid)


def find(pid_file: Path, properties: Path) -> psutil.Process | None:
    """The running broker that was started with this properties file: the one in the pid file, else whichever is.

    A pid alone proves nothing, since the kernel gives the number again; the command line does.
    """
    with suppress(OSError, ValueError, OverflowError):
        if process := _matching(int(pid_file.read_text()), properties):
            return process
    return next((process for each in psutil.pids() if (process := _matching(each, properties))), None)


def port_option(port: int) -> str:
    """Option that has the command line tell the broker's port, whatever becomes of the files beside it."""
    return f"{_PORT}{port}"


def port(process: psutil.Process) -> int | None:
    """Port of a broker that was started with `port_option`; None when it has ended."""
    with suppress(psutil.Error, OSError):
        return next((int(word.removeprefix(_PORT)) for word in process.cmdline() if word.startswith(_PORT)), None)
    return None


def _matching(pid: int, properties: Path) -> psutil.Process | None:
    try:
        process = psutil.Process(pid)
        return process if process.cmdline()[-2:] == [MAIN, str(properties)] else None
    except (psutil.Error, OSError, ValueError):  # no such number, ended meanwhile, a zombie, or somebody else's
        return None


def alive(process: psutil.Process) -> bool:
    """Whether a process still runs; a child of ours that ended is reaped on the way.

    A killed Java process is a zombie once its first thread is gone; its others hold its ports until they are gone too.
    """
    try:
        if process.status() != psutil.STATUS_ZOMBIE:
            return bool(process.is_running())
        if process.num_threads() > 1:
            return True
        process.wait(timeout=0)
    except (psutil.TimeoutExpired, psutil.NoSuchProcess):  # a zombie whose parent does not look; gone meanwhile
        pass
    return False


def end(process: psutil.Process, seconds: float) -> bool:
    """Ask a process to end, and kill it when it does not within `seconds`; whether it ended when asked."""
    with suppress(psutil.NoSuchProcess):
        process.terminate()
    if _ended(process, seconds):
        return True
    kill(process)
    return False


def kill(process: psutil.Process) -> None:
    """End a process with -9, and wait until it is gone."""
    with suppress(psutil.NoSuchProcess):
        process.kill()
    if not _ended(process, 60):
        raise BrokerError(f"Process {process.pid} does not end, not even by kill -9: its disk or this machine hangs.")


def _ended(process: psutil.Process, seconds: float) -> bool:
    deadline = monotonic() + seconds
    while alive(process):
        if monotonic() > deadline:
            return False
        sleep(0.05)
    return True


def bind_error(port: int) -> OSError | None:
    """Why a loopback port cannot be listened on, or None."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as Java does: leftovers of closed connections do not count
        try:
            probe.bind((HOST, port))
        except OSError as error:
            return error
    return None


def free_port(address: str = HOST) -> int:
    """A port of an address of this machine that nothing uses now, below those that the kernel lends to outgoing connections.

    A server that is killed and started again would otherwise find its port lent to somebody's client.
    """
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
            try:
                probe.bind((address, port))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
            else:
                return port


def owner(port: int) -> str:
    """Who listens on a port, in words, as far as the kernel tells."""
    try:
        for each in psutil.net_connections(kind="tcp"):
            if each.status == psutil.CONN_LISTEN and each.laddr.port == port and each.pid:
                return f"{psutil.Process(each.pid).name()} (pid {each.pid})"
    except (psutil.Error, OSError):
        pass
    return "another process"


def last_words(log: Path, since: int = 0) -> str:
    """The last lines of a log from a byte offset on, for the screen."""
    try:
        with log.open("rb") as handle:
            size = handle.seek(0, os.SEEK_END)
            handle.seek(max(min(since, size), size - 200_000))
            return last_lines(handle.read().decode("utf-8", "replace"))
    except OSError:
        return last_lines("")


def last_lines(text: str) -> str:
    """The last lines of what a Java program said, without the frames of stack traces, indented for the screen."""
    kept = [line.rstrip()[:_WIDTH] for line in text.splitlines() if line.strip() and not line.startswith(("\tat ", "\t... "))]
    return "\n".join(f"  {line}" for line in kept[-_LINES:]) or "  (nothing)"
