"""What a part of the faults needs: topics of its own, load, workers, the ledger; and how soon work goes on after a fault."""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from tests.faults.ledger import Ledger
from tests.faults.load import ALERTS, RULES, Load, Make, page
from tests.fixtures.spine import Spine
from tests.fixtures.worker import Worker

# Small transactions, so that a fault finds one under way; a lost session ends soon.
BUSY = {"VIGIE_PARTITIONS": "4", "VIGIE_SESSION_TIMEOUT": "3", "VIGIE_BATCH_RECORDS": "50"}
WORKER = ("-m", "tests.faults.worker")
AHEAD = 1000  # pages that may lie before the workers; all of them have to be done once a round's faults are
_WINDOW = 3.0  # seconds over which throughput is taken
_AROUND = 60.0  # seconds before and after a fault that tell what throughput is without it


@dataclass
class World:
    """One round: a spine, its load and its ledger; `marks` are the moments of faults that were seen."""

    spine: Spine
    ledger: Ledger
    load: Load
    marks: list[float] = field(default_factory=list)

    def worker(self, **settings: str) -> Worker:
        """Start a worker, without waiting for it."""
        return self.spine.worker(command=WORKER, **settings)

    async def workers(self, count: int = 2) -> list[Worker]:
        """Start workers, and wait until each commits batches."""
        started = [self.worker() for _ in range(count)]
        for worker in started:
            await self.busy(worker)
        return started

    async def busy(self, worker: Worker) -> None:
        """Wait until a worker commits batches."""

        def holds() -> bool:
            assert worker.running, f"the worker ended with {worker.process.returncode}:\n{worker.said[-3000:]}"
            return '"batch.committed"' in worker.said

        await self.ledger.until(holds, "the worker commits", 600)

    async def progress(self, events: int = 1, seconds: float = 600) -> None:
        """Wait until so many more events have ended."""
        wanted = self.ledger.ended + events
        await self.ledger.until(lambda: self.ledger.ended >= wanted, f"{events} more events", seconds)

    def mark(self) -> None:
        """A fault is over now (a worker was killed, a broker is back): what follows is its recovery."""
        self.marks.append(time.monotonic())

    async def check(self, seconds: float = 600) -> dict[str, Any]:
        """End the load, wait for all of it, stop the workers; answers the figures of the round."""
        await self.load.end()
        await self.ledger.complete(self.load.sent, seconds)
        codes = await asyncio.gather(*(worker.stop(30) for worker in self.spine.workers if worker.running))
        assert not any(codes), f"workers ended with {codes}"
        wrong = self.ledger.faults()
        figures = {name: len(found) for name, found in wrong.items()}
        examples = {name: found[:3] for name, found in wrong.items() if found}
        return {"events": self.load.sent, "records": dict(self.ledger.counts), **figures, **self._recovery()} | (
            {"examples": examples} if examples else {}
        )

    def _recovery(self) -> dict[str, Any]:
        """Seconds from each mark to the first event that ended after it, and to 80 % of the throughput of undisturbed windows.

        Undisturbed is the upper quartile of the windows of the minute before and the minute after: the faults themselves fill many
        of the others, and others on the machine make it slower or faster as the round goes on.
        """
        pace = list(self.ledger.pace)
        rates = _rates(pace)
        first, full = [], []
        for mark in self.marks:
            after = [(when, ended) for when, ended in pace if when >= mark]
            if not after:
                continue
            at_mark = after[0][1]
            first += [when - mark for when, ended in after if ended > at_mark][:1]
            wanted = 0.8 * _undisturbed(rate for when, rate in rates if abs(when - mark) < _AROUND)
            full += [max(0.0, when - mark) for when, rate in _rates(after) if rate >= wanted][:1]
        whole = round(_undisturbed(rate for _, rate in rates), 1)
        return {"pace": whole, "first": _rounded(first), "recovered": _rounded(full), "marks": len(self.marks)}


def _undisturbed(rates: Iterable[float]) -> float:
    """The upper quartile, in events a second."""
    found = list(rates)
    return statistics.quantiles(found, n=4)[-1] if len(found) > 1 else 0.0


def _rounded(values: Sequence[float]) -> list[float]:
    return [round(value, 2) for value in values]


def _rates(pace: Sequence[tuple[float, int]]) -> list[tuple[float, float]]:
    """(when a window begins, events a second in it); windows slide by a reading."""
    found = []
    end = 0
    for when, ended in pace:
        while end < len(pace) and pace[end][0] < when + _WINDOW:
            end += 1
        if end == len(pace):
            break
        found.append((when, (pace[end][1] - ended) / (pace[end][0] - when)))
    return found


@asynccontextmanager
async def world(
    bootstrap: str, folder: Path, *, through: str = "", total: int = 1 << 40, make: Make = page, **settings: str
) -> AsyncIterator[World]:
    """A round on a broker: topics with a prefix of their own, rules put, load running. `through` is where workers connect."""
    spine = await Spine(bootstrap, folder, **(BUSY | settings)).create()
    await spine.send_records([(rule["id"].encode(), orjson.dumps(rule), ()) for rule in RULES], to="watch-rules")
    if through:
        spine.environ["VIGIE_BROKER"] = through
    load = Load(bootstrap, spine.topic("articles.raw"), ahead=AHEAD, total=total, make=make)
    try:
        async with Ledger(bootstrap, spine.prefix, alerts=ALERTS) as ledger:
            load.waiting = lambda: load.sent - ledger.ended
            async with load:
                yield World(spine, ledger, load)
    finally:
        spine.close()
