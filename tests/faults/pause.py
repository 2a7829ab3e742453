"""A worker stopped (SIGSTOP) for longer than its session, and continued: it is fenced, and carries on."""

import asyncio
import signal
from pathlib import Path
from random import Random
from typing import Any

from agents.broker import LocalBroker
from tests.faults.world import World, world
from tests.fixtures.worker import Worker

_SESSION = 3.0  # VIGIE_SESSION_TIMEOUT of these workers


async def run(broker: LocalBroker, folder: Path, *, seed: int, pauses: int = 20) -> dict[str, Any]:
    """So many pauses under load, of one of two workers or, every third time, of both."""
    random, restarts = Random(seed), 0  # noqa: S311 - when to pause is no secret
    async with world(broker.bootstrap, folder) as here:
        workers = await here.workers()
        for number in range(pauses):
            paused = workers if number % 3 == 2 else [workers[number % 2]]
            await here.progress(random.randint(20, 200))
            for worker in paused:
                worker.process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(_SESSION + random.uniform(1, 4))
            said = [worker.said.count('"batch.committed"') for worker in paused]
            for worker in paused:
                worker.process.send_signal(signal.SIGCONT)
            here.mark()
            for worker, before in zip(paused, said, strict=True):
                restarts += await _recovers(here, workers, worker, before)
        note = f"{restarts} paused workers had to be started again" if restarts else "every paused worker carried on by itself"
        return {"faults": pauses, "kinds": {"pause": pauses}, "restarts": restarts, "note": note} | await here.check()


async def _recovers(here: World, workers: list[Worker], worker: Worker, before: int) -> int:
    """Wait until a worker that was paused commits again, by itself (0) or, where it ended itself, started again (1)."""
    await here.ledger.until(
        lambda: worker.said.count('"batch.committed"') > before or not worker.running, "the paused worker commits", 600
    )
    if worker.running:
        return 0
    workers[workers.index(worker)] = successor = here.worker()
    await here.busy(successor)
    return 1
