"""The parts of `make faults`: how many rounds, and what each is to show."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from tests.faults import cluster, disk, fuzz, kills, network, outage, pause, poison, rebalance, soak


@dataclass(frozen=True)
class Part:
    """`run(broker, folder, seed=...)` is one round; `extra()` gives further properties of its broker."""

    promise: str
    rounds: int
    run: Callable[..., Awaitable[dict[str, Any]]]
    extra: Callable[[], dict[str, str]] = dict


PARTS = {
    "kills": Part("kill -9 of a worker, half at random, half at a step of a transaction", 10, kills.run),
    "broker": Part("the broker killed with -9 and started again", 2, outage.run),
    "cluster": Part("one of three nodes killed with -9", 1, cluster.run),
    "disk": Part("the broker's disk (a tmpfs; needs root) filled", 1, disk.run),
    "rebalance": Part("members that join and leave the group", 2, rebalance.run),
    "pause": Part("a worker stopped past its session (3 s), and continued", 1, pause.run),
    "network": Part("between worker and broker", 1, network.run, network.extra),
    "poison": Part("one page in 100 of a stream", 4, poison.run),
    "fuzz": Part("hostile inputs", 10, fuzz.run),
    "soak": Part("a worker under full load", 1, soak.run),
}
