"""Three nodes: one is killed with -9, what it led and coordinated moves to the others; it comes back."""

import asyncio
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

from agents.broker import LocalBroker, LocalCluster
from agents.broker.processes import free_port
from tests.faults.world import world
from tests.fixtures.spine import Spine

_COORDINATE = {"__consumer_offsets": "coordinators of groups", "__transaction_state": "coordinators of transactions"}


async def run(broker: LocalBroker, folder: Path, *, seed: int, kills: int = 10) -> dict[str, Any]:
    """So many kills on a cluster of this round's own; `broker` only lends its jars."""
    await asyncio.to_thread(broker.stop)  # its memory is wanted
    with LocalCluster(broker.home, free_port(), 3, broker.data / "cluster") as cluster:
        return await kill(cluster, folder, seed=seed, kills=kills)


async def kill(cluster: LocalCluster, folder: Path, *, seed: int, kills: int, workers: int = 2) -> dict[str, Any]:
    """So many kills, node by node; topics have three replicas, of which two must have a record."""
    random, kinds = Random(seed), Counter[str]()  # noqa: S311 - when to kill is no secret
    async with world(cluster.bootstrap, folder, VIGIE_REPLICATION="3", VIGIE_SESSION_TIMEOUT="6") as here:
        started = await here.workers(workers)
        for number in range(kills):
            await here.progress(random.randint(20, 200))
            chosen = (number + seed) % 3
            kinds += await led(here.spine, chosen + 1)
            kinds["node killed"] += 1
            cluster.nodes[chosen].kill()
            here.mark()
            await here.progress(50)  # by the others
            await asyncio.sleep(random.uniform(0, 3))
            await asyncio.to_thread(cluster.nodes[chosen].start)
            await here.progress(50)
            assert all(worker.running for worker in started), "a worker ended"
        note = "the others went on while a node was away; no worker had to be started again"
        return {"faults": kills, "kinds": dict(kinds), "note": note} | await here.check()


async def led(spine: Spine, node: int) -> Counter[str]:
    """How many partitions a node leads: of the topics of the spine, and of those that make it a coordinator."""
    found = Counter[str]()
    async with spine.admin() as admin:
        for topic in await admin.describe_topics():
            kind = _COORDINATE.get(topic["topic"], "leaders" if topic["topic"].startswith(spine.prefix) else "")
            found[kind] += sum(each["leader"] == node for each in topic["partitions"])
    del found[""]
    return Counter({f"{kind} moved": count for kind, count in found.items()})
