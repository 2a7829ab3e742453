"""The broker as a process and a port: what it finds there, and what it says of it."""

import os
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from time import sleep

import psutil
import pytest

from agents.broker import BrokerError, LocalBroker
from agents.broker.processes import alive, free_port, kill, last_words
from agents.broker.wire import Cluster, ask

# A program whose first thread ends while another sleeps on, as when a Java process of many threads is being killed.
HALF_DEAD = (
    "import ctypes, threading, time; threading.Thread(target=time.sleep, args=(60,)).start(); ctypes.CDLL(None).pthread_exit(None)"
)


@contextmanager
def server(answer: bytes) -> Iterator[int]:
    """A program on a port that reads a little, says `answer` and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(1000)
                    connection.sendall(answer)

        thread = Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def metadata(cluster: bytes, *nodes: int) -> bytes:
    brokers = b"".join(struct.pack(">ih1sih", node, 1, b"h", 9092, -1) for node in nodes)
    body = struct.pack(">iii", 1, 0, len(nodes)) + brokers + struct.pack(">h", len(cluster)) + cluster + struct.pack(">ii", 1, 0)
    return struct.pack(">i", len(body)) + body


def test_port_taken_by_another_program(tmp_path: Path):
    with server(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port, pytest.raises(BrokerError) as caught:
        LocalBroker(tmp_path, port).start()
    assert str(caught.value).startswith(f"Port {port} is taken by ")
    assert f"(pid {os.getpid()})" in str(caught.value)
    assert f"vigie broker start --port {port + 1}" in str(caught.value)


def test_port_taken_by_another_kafka(tmp_path: Path):
    with server(metadata(b"theirs", 1)) as port, pytest.raises(BrokerError, match="Another Kafka listens on"):
        LocalBroker(tmp_path, port).start()


@pytest.mark.parametrize(("answer", "cluster"), [
    (metadata(b"abc", 1, 2), Cluster("abc", (1, 2))),
    (metadata(b""), Cluster("", ())),
    (metadata(b"abc", 1)[:-20], None),
    (b"", None),
    (b"\xff" * 40, None),
    (struct.pack(">ii", 4, 1), None),
    (struct.pack(">iiiiih", 18, 1, 0, 1, 1, 30000), None),
])  # fmt: skip
def test_ask(answer: bytes, cluster: Cluster | None):
    with server(answer) as port:
        assert ask(port, 2) == cluster


def test_ask_where_nothing_listens():
    assert ask(free_port(), 2) is None


def test_pid_that_now_is_another_process(tmp_path: Path):
    broker = LocalBroker(tmp_path, free_port())
    broker.data.mkdir(parents=True)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        (broker.data / "broker.pid").write_text(f"{other.pid}\n")
        assert broker.status().died
        assert not broker.status().running
        assert not broker.kill()
        assert not broker.stop()
        assert other.poll() is None
        other.communicate(b"\n")
    assert not broker.status().died, "stop forgets the pid"


def test_process_lives_until_its_last_thread_is_gone():
    with subprocess.Popen([sys.executable, "-c", HALF_DEAD]) as child:
        process = psutil.Process(child.pid)
        while process.status() != psutil.STATUS_ZOMBIE:
            sleep(0.01)
        assert alive(process)
        kill(process)
        assert not alive(process)


def test_last_words_leave_out_stack_frames(tmp_path: Path):
    log = tmp_path / "log"
    log.write_text("before\n" + "java.lang.Error: disk\n\tat a.b.c(d)\n\t... 3 more\n\nend\n")
    assert last_words(log, len("before\n")) == "  java.lang.Error: disk\n  end"
    assert last_words(tmp_path / "none") == "  (nothing)"
