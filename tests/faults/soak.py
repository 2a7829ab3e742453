"""A worker under full load for an hour: how its memory, and that of its processes, goes on growing."""

import asyncio
import os
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import orjson
import psutil
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from agents.broker import LocalBroker
from tests.faults.load import Load
from tests.fixtures.spine import OUTPUTS, Spine
from tests.fixtures.worker import Worker

_SAMPLE_SECONDS = 5.0
_MIB = 1 << 20
_LINES = (Path(__file__).parents[1] / "data" / "page.txt").read_text(encoding="utf-8").splitlines()
Sample = tuple[float, float, float, float]  # seconds since the start; MiB of the parent, of the processes; events by then


def page(url: str, number: int) -> bytes:
    """The sample page with its lines in an order of its own and words that no other page has, so that a cache would show."""
    random = Random(number)  # noqa: S311 - the same page for the same number
    lines = random.sample(_LINES, k=min(len(_LINES), random.randint(4, 30)))
    lines.append(" ".join(random.randbytes(random.randint(2, 5)).hex().capitalize() for _ in range(20)))
    return orjson.dumps({"url": url, "content": "\n".join(lines), "headline": f"Page {number}"})


async def run(broker: LocalBroker, folder: Path, *, seed: int, minutes: float = 0) -> dict[str, Any]:
    """So many minutes (FAULTS_MINUTES, else 60); the slope is taken over their last three quarters, in % an hour of the mean."""
    minutes = minutes or float(os.environ.get("FAULTS_MINUTES", "60"))
    spine = await Spine(broker.bootstrap, folder, VIGIE_PROCESSES="2", VIGIE_PAGE_TIMEOUT="5", VIGIE_STOP_TIMEOUT="8").create()
    await _bounded(spine)
    worker = await spine.worker().ready(600)
    load = Load(spine.bootstrap, spine.topic("articles.raw"), keys=1 << 40, make=page)
    try:
        async with load:
            samples = await _watch(worker, load, 60 * minutes)
        restarts = worker.metrics()["vigie_pool_restarts_total", "recycled"]
        assert await worker.stop(30) == 0
    finally:
        spine.close()
    late = [sample for sample in samples if sample[0] > samples[-1][0] / 4]
    parent, processes = (slope([(each[0], each[of]) for each in late]) for of in (1, 2))
    note = (
        f"{minutes:g} minutes, {samples[-1][3]:,.0f} events; parent {late[0][1]:.0f} to {late[-1][1]:.0f} MiB ({parent:+.1f} %/h), "
        f"both processes {late[0][2]:.0f} to {late[-1][2]:.0f} MiB ({processes:+.1f} %/h), recycled {restarts:.0f} times"
    )
    return {
        "faults": 1,
        "kinds": {},
        "events": int(samples[-1][3]),
        "note": note,
        "samples": samples[:: max(1, len(samples) // 60)],
    }


async def _bounded(spine: Spine) -> None:
    """Let the broker keep 64 MiB a partition: the disk is not what is tried."""
    configs = {"retention.bytes": str(64 * _MIB), "segment.bytes": str(16 * _MIB)}
    async with spine.admin() as admin:
        for name in ("articles.raw", *OUTPUTS):
            await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, spine.topic(name), configs=configs)])


async def _watch(worker: Worker, load: Load, seconds: float) -> list[Sample]:
    """Sample memory and events until the time is over; the load follows what the worker has taken in."""
    samples: list[Sample] = []
    begun = time.monotonic()
    done = 0.0
    load.waiting = lambda: load.sent - int(done)
    while time.monotonic() - begun < seconds:
        await asyncio.sleep(_SAMPLE_SECONDS)
        assert worker.running, worker.said[-3000:]
        done = (await asyncio.to_thread(worker.metrics))["vigie_received_events_total", ""]
        samples.append((time.monotonic() - begun, _mib(psutil.Process(worker.process.pid)), _children(worker), done))
    return samples


def _children(worker: Worker) -> float:
    """MiB of the processes of the pool: all that were started but the two that only start others."""
    return sum(_mib(child) for child in worker.descendants() if child.ppid() != worker.process.pid)


def _mib(process: psutil.Process) -> float:
    """Private memory, in MiB; 0 for a process that has just ended."""
    try:
        return float(process.memory_full_info().uss) / _MIB
    except (psutil.Error, OSError):
        return 0.0


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Growth by least squares, in % an hour of the mean."""
    mean_x, mean_y = (sum(each[axis] for each in points) / len(points) for axis in (0, 1))
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    growth = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0
    return growth * 3600 / mean_y * 100
