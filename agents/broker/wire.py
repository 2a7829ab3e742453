"""Two questions in Kafka's own protocol, asked of a port before any client is started: is that a Kafka, and which one?

Raw bytes on purpose: a client library retries, logs and hides the cause, and the answer needed here is short.
Layouts: kafka.apache.org/protocol, Metadata version 4 (no compact fields yet; Kafka 1.0 and all later ones know it).
"""

import socket
import struct
from dataclasses import dataclass

from agents.broker.config import HOST

_METADATA, _VERSION = 3, 4
_NAME = b"vigie"
_LARGEST = 1 << 20


@dataclass(frozen=True)
class Cluster:
    """What a broker says of its cluster: `id`, and the ids of the `nodes` that are up."""

    id: str | None
    nodes: tuple[int, ...]


def ask(port: int, seconds: float) -> Cluster | None:
    """Ask the broker at a loopback port for its cluster's metadata; None when nothing answers as a Kafka does."""
    body = struct.pack(">hhih", _METADATA, _VERSION, 1, len(_NAME)) + _NAME + struct.pack(">ib", 0, 0)
    try:
        with socket.create_connection((HOST, port), timeout=seconds) as connection:
            connection.sendall(struct.pack(">i", len(body)) + body)
            (size,) = struct.unpack(">i", _read(connection, 4))
            if not 0 < size <= _LARGEST:
                return None
            return _cluster(_read(connection, size))
    except (OSError, ValueError, struct.error):
        return None


def _read(connection: socket.socket, size: int) -> bytes:
    """Read exactly `size` bytes; ValueError when the other side ends before."""
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise ValueError("the connection ended")
        data += more
    return data


def _cluster(answer: bytes) -> Cluster:
    """Read correlation id, throttle, then the brokers (node, host, port, rack) and the cluster id."""
    correlation, _throttle, count = struct.unpack_from(">iii", answer)
    if correlation != 1:
        raise ValueError("not an answer to our question")
    at, nodes = 12, []
    for _ in range(count):
        nodes.append(struct.unpack_from(">i", answer, at)[0])
        _, at = _string(answer, at + 4)
        _, at = _string(answer, at + 4)  # after the port
    cluster, _ = _string(answer, at)
    return Cluster(cluster, tuple(nodes))


def _string(answer: bytes, at: int) -> tuple[str | None, int]:
    """A nullable string at an offset, and the offset after it."""
    (size,) = struct.unpack_from(">h", answer, at)
    if size < 0:
        return None, at + 2
    return answer[at + 2 : at + 2 + size].decode(), at + 2 + size
