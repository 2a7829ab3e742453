"""The broker killed with -9 and started again, under load."""

import asyncio
from pathlib import Path
from random import Random
from typing import Any

from agents.broker import LocalBroker
from tests.faults.world import world


async def run(broker: LocalBroker, folder: Path, *, seed: int, kills: int = 25) -> dict[str, Any]:
    """So many kills; recovery counts from the moment that the broker answers again."""
    random = Random(seed)  # noqa: S311 - when to kill is no secret
    async with world(broker.bootstrap, folder) as here:
        workers = await here.workers()
        for _ in range(kills):
            await here.progress(random.randint(20, 200))
            broker.kill()
            await asyncio.sleep(random.uniform(0, 3))
            await asyncio.to_thread(broker.start)
            here.mark()
            await here.progress(50)
        alive = sum(worker.running for worker in workers)
        note = "no worker had to be started again" if alive == len(workers) else f"{len(workers) - alive} workers ended"
        return {"faults": kills, "kinds": {"kill and restart": kills}, "note": note} | await here.check()
