"""server.properties of the local broker: one KRaft node that is broker and controller, on loopback only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

HOST = "127.0.0.1"
# One node: every internal topic has one replica. The session is short, or a broker killed with -9 takes 14 s to come back, not 6.
_COMMON = {
    "process.roles": "broker,controller",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "offsets.topic.replication.factor": "1",
    "offsets.retention.minutes": "43200",  # as long as dead letters are kept: commits mark which were replayed
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "auto.create.topics.enable": "false",
    "group.initial.rebalance.delay.ms": "0",
    "broker.session.timeout.ms": "2000",
    "broker.heartbeat.interval.ms": "500",
}
# What a caller gives for these is added to ours instead of replacing it: the plain listener stays, and stays first.
_ADDED = ("listeners", "advertised.listeners", "listener.security.protocol.map")


@dataclass(frozen=True)
class Member:
    """What makes a node one of several; `voters` are the controllers, each as `id@host:port:directory`."""

    id: int
    controller_port: int
    voters: str
    cluster: str

    @property
    def bootstrap(self) -> str:
        """Where the controllers are."""
        return ",".join(voter.partition("@")[2].rpartition(":")[0] for voter in self.voters.split(","))


@dataclass(frozen=True, kw_only=True)
class Node:
    """A node: the only one, or a `member` of several, which differ in the ports and the storage too."""

    port: int
    controller_port: int  # a free one at each start: nothing but the node itself remembers it
    storage: Path
    member: Member | None = None
    extra: Mapping[str, str] = field(default_factory=dict)

    def properties(self) -> dict[str, str]:
        """Every property of the node, the caller's last word included."""
        plain = f"PLAINTEXT://{HOST}:{self.port}"
        controller = f"{HOST}:{self.controller_port}"
        ours = _COMMON | {
            "node.id": str(self.member.id if self.member else 1),
            "listeners": f"{plain},CONTROLLER://{controller}",
            "advertised.listeners": plain,
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "controller.quorum.bootstrap.servers": self.member.bootstrap if self.member else controller,
            "log.dirs": str(self.storage),
        }
        extra = dict(self.extra)
        extra.setdefault("advertised.listeners", extra.get("listeners", ""))
        added = {name: f"{ours[name]},{extra[name]}" for name in _ADDED if extra.get(name)}
        return {name: value for name, value in (ours | extra | added).items() if value}


def as_text(properties: Mapping[str, str]) -> str:
    """Render properties as Java reads them: Latin-1, everything else escaped, so that any path survives."""
    return "".join(f"{_escaped(name)}={_escaped(value)}\n" for name, value in sorted(properties.items()))


def _escaped(text: str) -> str:
    """One key or value; code points beyond 16 bits become the two surrogates that Java wants."""
    units = text.encode("utf-16-be", "surrogatepass")
    codes = (int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2))
    return "".join(chr(code) if 32 < code < 127 and chr(code) not in r"\:=#!" else f"\\u{code:04x}" for code in codes)
