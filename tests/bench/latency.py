"""(e) Latency from publish to committed output, at 30, 70 and 90 % of the maximum, without coordinated omission.

Pages are published at moments drawn beforehand (a Poisson process, fixed seed) whatever the worker does, and the latency of each
counts from the moment at which it should have been published, not from when the publisher came round to it.
"""

import asyncio
import random
import statistics
import sys
import time

from agents import kafka
from tests.bench import pages
from tests.bench.cluster import START_SECONDS, WORK_SECONDS, Outputs, Site, broker, drain, vigie
from tests.bench.measure import Rows

_LOADS = (0.3, 0.7, 0.9)
_WANTED = {(0.7, "p50"): "<= 150", (0.7, "p99"): "<= 600"}
_PROCESSES = 2


def measure(rows: Rows, repetitions: int, size: int) -> None:
    """Fill the rows: the maximum of this moment, then `size` pages at each load, in each repetition."""
    with broker() as bootstrap:
        for repetition in range(repetitions):
            work = pages.events(size)
            warm = [(key + b"?warm", value.replace(key, key + b"?warm")) for key, value in work[:100]]
            took = asyncio.run(drain(Site(bootstrap, f"max{repetition}."), vigie(_PROCESSES), warm, work))
            rows.add(f"maximum, {_PROCESSES} processes", "pages/s", 1 / took.wall)
            for load in _LOADS:
                site = Site(bootstrap, f"load{repetition}-{load}.")
                waits = sorted(asyncio.run(_at_rate(site, load / took.wall, warm, work)))
                figures = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999, "greatest": 1.0}
                for name, share in figures.items():
                    value = waits[min(len(waits) - 1, int(share * len(waits)))] * 1000
                    rows.add(f"{name} at {load:.0%} of the maximum", "ms", value, wanted=_WANTED.get((load, name), ""))
                middle = f"p50 {statistics.median(waits) * 1000:.0f} ms"
                print(
                    f"  {repetition + 1}/{repetitions} at {load:.0%} ({load / took.wall:.1f} pages/s): {middle}",
                    file=sys.stderr,
                    flush=True,
                )


async def _at_rate(site: Site, rate: float, warm: list[tuple[bytes, bytes]], work: list[tuple[bytes, bytes]]) -> list[float]:
    """Publish at a rate, in pages a second; the latency of each page, in seconds."""
    await site.prepare()
    await site.publish(warm)
    with site.running(vigie(_PROCESSES)) as children:
        async with site.outputs() as outputs, kafka.producer(site.settings, linger_ms=0) as producer:
            await outputs.until(len(warm), children, START_SECONDS)
            due: dict[bytes, float] = {}
            reading = asyncio.create_task(_read(outputs))
            chance, moment = random.Random(7), time.monotonic() + 0.5  # noqa: S311 - arrivals, no secrets
            for key, value in work:
                moment += chance.expovariate(rate)
                await asyncio.sleep(max(0.0, moment - time.monotonic()))
                due[key] = moment
                await producer.send(site.settings.topic("articles.raw"), value, key=key)
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            await outputs.until(len(warm) + len(work), children, WORK_SECONDS)
            return [outputs.seen[key] - moment for key, moment in due.items()]


async def _read(outputs: Outputs) -> None:
    while True:
        await outputs.poll()
