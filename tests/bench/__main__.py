"""`make bench`: speed as ratios within one run; CPU seconds beside pages a second, medians of interleaved repetitions.

(a) process() alone, by stage; (b) the worker with one process on a real Kafka, exactly once, and the share of its CPU that is
process()'s own.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import psutil

from agents import kafka
from agents.broker import LocalBroker, default_home
from agents.broker.processes import free_port
from agents.cli.publish import send
from agents.settings import Settings
from agents.topics import create
from pipeline.codec import decode_raw
from pipeline.process import load_pipeline, process

_PAGE = Path(__file__).parents[1] / "data" / "page.txt"
_READY_SECONDS = 60
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # our own addresses, whatever proxy is set


def pages(count: int) -> list[tuple[bytes, bytes]]:
    """Pages like the sample, each at an address of its own: 6.6 kB, 12 to 17 comments."""
    text = _PAGE.read_text(encoding="utf-8")
    return [
        (url.encode(), orjson.dumps({"url": url, "content": text, "fetched_at": "2026-11-23T08:00:00Z"}))
        for url in (f"https://bench.example/{number}" for number in range(count))
    ]


def alone(count: int) -> dict[str, Any]:
    """Run process() on pages in this process: CPU seconds a page, in all and by stage."""
    pipeline = load_pipeline()
    values = [value for _, value in pages(count)]
    by_stage: defaultdict[str, float] = defaultdict(float)
    process(decode_raw(values[0]), pipeline)
    begun = time.process_time()
    for value in values:
        for stage, seconds in process(decode_raw(value), pipeline, time.process_time)[1].items():
            by_stage[stage] += seconds / count
    cpu = (time.process_time() - begun) / count
    return {"cpu_ms": cpu * 1000, "pages_per_s": 1 / cpu, "stages_ms": {name: seconds * 1000 for name, seconds in by_stage.items()}}


@contextmanager
def worker(settings: Settings) -> Iterator[tuple[psutil.Process, str]]:
    """A worker with one process, ready to work."""
    port = free_port()
    settings_of_worker = {"VIGIE_BROKER": settings.broker, "VIGIE_PREFIX": settings.prefix, "VIGIE_PROCESSES": "1"}
    environ = os.environ | settings_of_worker | {"VIGIE_WEB_PORT": str(port)}
    with tempfile.TemporaryFile() as log:
        child = subprocess.Popen([sys.executable, "-m", "agents", "worker"], env=environ, stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + _READY_SECONDS
            while time.monotonic() < deadline:
                try:
                    _direct.open(f"http://127.0.0.1:{port}/health/ready", timeout=2).close()
                    break
                except OSError:
                    time.sleep(0.1)
            yield psutil.Process(child.pid), f"http://127.0.0.1:{port}/metrics"
        finally:
            child.terminate()
            child.wait(20)


def cpu_of(process: psutil.Process) -> float:
    """CPU seconds of a worker and of the processes of its pool."""
    return sum(sum(each.cpu_times()[:2]) for each in (process, *process.children(recursive=True)))


def counted(url: str) -> float:
    """How many events the worker has committed."""
    with _direct.open(url, timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("vigie_received_events_total "))


def on_kafka(broker: LocalBroker, count: int, repetition: int) -> dict[str, float]:
    """CPU and wall seconds a page of a worker with one process, from the first committed page to the last."""
    settings = Settings(broker=broker.bootstrap, prefix=f"bench{repetition}.")

    async def prepare(records: list[tuple[bytes, bytes]]) -> None:
        async with kafka.admin(settings) as admin:
            await create(admin, settings)
        await send(settings, records)

    warm = 200
    asyncio.run(prepare(pages(warm)))
    with worker(settings) as (child, url):
        while counted(url) < warm:
            time.sleep(0.05)
        asyncio.run(prepare(pages(count)))
        begun, cpu, done = time.monotonic(), cpu_of(child), counted(url)
        while counted(url) < warm + count:
            time.sleep(1.0)  # each look is a scrape, which costs the worker some 15 ms
        took = warm + count - done
        return {"cpu_ms": (cpu_of(child) - cpu) / took * 1000, "pages_per_s": took / (time.monotonic() - begun)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    ours, theirs = [], []
    with (
        tempfile.TemporaryDirectory() as folder,
        LocalBroker(default_home(os.environ), free_port(), Path(folder) / "kafka") as broker,
    ):
        for repetition in range(options.repetitions):
            print(f"repetition {repetition + 1} of {options.repetitions} ...", file=sys.stderr, flush=True)
            ours.append(alone(options.pages // 2))
            theirs.append(on_kafka(broker, options.pages, repetition))
    ratios = [mine["cpu_ms"] / whole["cpu_ms"] for mine, whole in zip(ours, theirs, strict=True)]
    figures = {
        "process_cpu_ms": statistics.median(each["cpu_ms"] for each in ours),
        "process_pages_per_s": statistics.median(each["pages_per_s"] for each in ours),
        "stages_ms": {stage: statistics.median(each["stages_ms"][stage] for each in ours) for stage in ours[0]["stages_ms"]},
        "worker_cpu_ms": statistics.median(each["cpu_ms"] for each in theirs),
        "worker_pages_per_s": statistics.median(each["pages_per_s"] for each in theirs),
        "process_share_of_worker_cpu": statistics.median(ratios),
        "share_spread": [min(ratios), max(ratios)],
    }
    if options.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:28} {value if not isinstance(value, float) else round(value, 3)}")


if __name__ == "__main__":
    main()
