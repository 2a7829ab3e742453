"""kill -9 of workers: at random, and at every step of a transaction."""

from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

from agents.broker import LocalBroker
from tests.faults.worker import STEPS
from tests.faults.world import World, world
from tests.fixtures.worker import Worker


async def run(broker: LocalBroker, folder: Path, *, seed: int, kills: int = 20, least: int = 100_000) -> dict[str, Any]:
    """So many kills under load, every second one at a step of a transaction; then everything is weighed.

    `least` is how many output records there must be before the load ends.
    """
    random, done = Random(seed), Counter[str]()  # noqa: S311 - when to kill is no secret
    async with world(broker.bootstrap, folder) as here:
        workers = await here.workers()
        for number in range(kills):
            if number % 2:
                step = STEPS[(seed + number // 2) % len(STEPS)]
                await at_step(here, step, random.randint(1, 8))
                done[step] += 1
            else:
                workers = [*workers[1:], await at_random(here, workers[0], random)]
                done["random"] += 1
        await here.ledger.until(lambda: written(here) >= least, f"{least} output records", 1800)
        return {"faults": kills, "kinds": dict(done)} | await here.check()


def written(here: World) -> int:
    """How many output records were read."""
    return sum(count for topic, count in here.ledger.counts.items() if topic != "articles.raw")


async def at_random(here: World, victim: Worker, random: Random) -> Worker:
    """Kill a worker that has work, at any moment; answers its successor."""
    await here.busy(victim)
    await here.progress(random.randint(1, 60))
    victim.kill()
    here.mark()
    return here.worker()


async def at_step(here: World, step: str, transaction: int) -> None:
    """Have a worker join that dies at a step of a transaction."""
    victim = here.worker(FAULTS_STEP=step, FAULTS_AT=str(transaction))
    await here.ledger.until(lambda: not victim.running, f"the worker died at {step}", 600)
    assert victim.process.returncode == -9, f"ended with {victim.process.returncode}:\n{victim.said[-3000:]}"
    here.mark()
