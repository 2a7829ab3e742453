"""Several nodes on this machine, each broker and controller: for what one node cannot show, leaders and coordinators that move.

Topics of the broker's own get min(3, nodes) replicas. Which ports belong to the cluster is written beside the nodes' data, so that
`stop` and `status` find them.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from agents.broker import processes
from agents.broker.config import HOST, Member
from agents.broker.errors import BrokerError
from agents.broker.jars import Report, resolve, silent
from agents.broker.local import LocalBroker
from agents.broker.running import Running
from agents.broker.storage import random_id

_REPLICAS = (
    "offsets.topic.replication.factor", "transaction.state.log.replication.factor",
    "share.coordinator.state.topic.replication.factor", "default.replication.factor",
)  # fmt: skip
# Fifty partitions of each, times three, are what several nodes on one machine start slowly by.
_PARTITIONS = dict.fromkeys(("offsets.topic.num.partitions", "transaction.state.log.num.partitions"), "10")
_FILE = "cluster.json"
_LEAST = ("transaction.state.log.min.isr", "share.coordinator.state.topic.min.isr", "min.insync.replicas")


class Plan(msgspec.Struct, frozen=True):
    """What is settled when a cluster is first started, by node: ports for clients, ports for controllers, directory ids."""

    id: str
    ports: tuple[int, ...]
    controllers: tuple[int, ...]
    directories: tuple[str, ...]


class LocalCluster(Running):
    """`count` nodes on 127.0.0.1, the first for clients on `port` and the others on free ports; data in `data`.

    What a LocalBroker does, each does for all; `nodes` are the LocalBrokers, `replicas` how many a topic can have. Every method
    raises BrokerError.
    """

    def __init__(
        self, home: Path, port: int, count: int = 3, data: Path | None = None, extra: Mapping[str, str] | None = None,
        *, report: Report = silent,
    ) -> None:  # fmt: skip
        self.data = data or folder(home, port)
        self._home, self._report = home, report
        self._settled = plan = self._plan(port, count)
        voters = ",".join(
            f"{number}@{HOST}:{controller}:{directory}"
            for number, (controller, directory) in enumerate(zip(plan.controllers, plan.directories, strict=True), 1)
        )
        self.replicas = min(3, count)
        replicas = dict.fromkeys(_REPLICAS, str(self.replicas)) | dict.fromkeys(_LEAST, str(min(2, count)))
        self.nodes = [
            LocalBroker(
                home, each, self.data / str(number), _PARTITIONS | replicas | dict(extra or {}),
                member=Member(number, controller, voters, plan.id), report=report,
            )
            for number, (each, controller) in enumerate(zip(plan.ports, plan.controllers, strict=True), 1)
        ]  # fmt: skip

    @property
    def bootstrap(self) -> str:
        """What clients connect to: every node."""
        return ",".join(node.bootstrap for node in self.nodes)

    def start(self) -> bool:
        """Start the nodes that do not run, all at once: none answers before most of them do. False when all were running."""
        resolve(self._home, self._report)
        self.data.mkdir(parents=True, exist_ok=True)
        self._file.write_bytes(msgspec.json.encode(self._settled))
        with ThreadPoolExecutor(len(self.nodes)) as threads:
            return any(list(threads.map(LocalBroker.start, self.nodes)))

    def stop(self) -> bool:
        """End every node; False when none was running."""
        with ThreadPoolExecutor(len(self.nodes)) as threads:
            return any(list(threads.map(LocalBroker.stop, self.nodes)))

    @property
    def _file(self) -> Path:
        return self.data / _FILE

    def _plan(self, port: int, count: int) -> Plan:
        """The plan that was made at the first start, or a new one."""
        made = _read(self._file)
        if made is None:
            free = [processes.free_port() for _ in range(2 * count - 1)]
            return Plan(random_id(), (port, *free[: count - 1]), tuple(free[count - 1 :]), tuple(random_id() for _ in range(count)))
        if len(made.ports) != count:
            raise BrokerError(
                f"{self.data} holds a cluster of {len(made.ports)} nodes.\n"
                f"Start it with --nodes {len(made.ports)}, or move it away: mv {self.data} {self.data}.old"
            )
        return made


def folder(home: Path, port: int) -> Path:
    """Where the data of a cluster goes whose first node listens on `port`."""
    return home.absolute() / "broker" / f"{port}-cluster"


def find(home: Path, port: int, report: Report = silent) -> LocalCluster | None:
    """The cluster that was started on a port, running or not."""
    plan = _read(folder(home, port) / _FILE)
    return LocalCluster(home, port, len(plan.ports), report=report) if plan else None


def _read(file: Path) -> Plan | None:
    return msgspec.json.decode(file.read_bytes(), type=Plan) if file.is_file() else None
