"""Rebalances under load: members of the group that come and go, and workers that join and leave."""

import asyncio
from pathlib import Path
from random import Random
from typing import Any

from aiokafka import AIOKafkaConsumer

from agents.broker import LocalBroker
from tests.faults.world import World, world


async def run(broker: LocalBroker, folder: Path, *, seed: int, rebalances: int = 50) -> dict[str, Any]:
    """So many joins and leaves: of ten, eight of a member that does nothing, two of a worker."""
    random, done = Random(seed), 0  # noqa: S311 - when to join is no secret
    kinds = {"member joins or leaves": 0, "worker joins or leaves": 0}
    async with world(broker.bootstrap, folder) as here:
        workers = await here.workers()
        while done < rebalances:
            await here.progress(random.randint(1, 100))
            if done % 10 == 8:
                workers.append(here.worker())
                await here.busy(workers[-1])
                assert await workers.pop(0).stop(30) == 0
                kinds["worker joins or leaves"] += 2
            else:
                await member(here, random.uniform(0, 1.5))
                kinds["member joins or leaves"] += 2
            here.mark()
            done += 2
        return {"faults": done, "kinds": kinds} | await here.check()


async def member(here: World, seconds: float) -> None:
    """Join the workers' group, be given partitions, hold them, leave."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=here.spine.bootstrap, group_id=here.spine.settings.full_group,
        enable_auto_commit=False, session_timeout_ms=6000,
    )  # fmt: skip
    consumer.subscribe([here.spine.topic("articles.raw")])
    await consumer.start()
    try:
        await here.ledger.until(consumer.assignment, "the member has partitions", 600)
        await asyncio.sleep(seconds)
    finally:
        await consumer.stop()
