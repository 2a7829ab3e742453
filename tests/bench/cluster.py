"""A broker, contenders on it as processes of their own, and pages sent through them."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from aiokafka import AIOKafkaConsumer

from agents import kafka
from agents.broker import LocalBroker, default_home
from agents.broker.processes import free_port
from agents.cli.send import send
from agents.settings import Settings
from agents.topics import create
from tests.bench.measure import cpu_of

ROOT = Path(__file__).parents[2]
PEERS = ROOT / ".venv-bench" / "bin" / "python"
START_SECONDS, WORK_SECONDS = 120, 600


@dataclass(frozen=True)
class Contender:
    """Something that turns articles.raw into articles.enriched; `{folder}` and so on in a command are filled in at start."""

    name: str
    guarantee: str
    command: tuple[str, ...]
    processes: int = 1  # how many are started
    environ: dict[str, str] = field(default_factory=dict)


@contextlib.contextmanager
def broker() -> Iterator[str]:
    """A Kafka of its own, for as long as it is needed."""
    with (
        tempfile.TemporaryDirectory(prefix="vigie-bench-") as folder,
        LocalBroker(default_home(os.environ), free_port(), Path(folder) / "kafka") as started,
    ):
        yield started.bootstrap


def vigie(processes: int, python: str = sys.executable) -> Contender:
    """The worker as it is shipped."""
    name = f"vigie, {processes} process{'es' if processes > 1 else ''}"
    return Contender(name, "exactly once", (python, "-m", "agents", "worker"), environ={"VIGIE_PROCESSES": str(processes)})


class Site:
    """Topics of one measurement, and the contender that works on them."""

    def __init__(self, bootstrap: str, prefix: str, partitions: int = 4) -> None:
        self.settings = Settings(broker=bootstrap, prefix=prefix, partitions=partitions)

    async def prepare(self) -> None:
        """Make the topics."""
        async with kafka.admin(self.settings) as admin:
            await create(admin, self.settings)

    async def publish(self, records: list[tuple[bytes, bytes]]) -> None:
        await send(self.settings, records)

    @contextlib.contextmanager
    def running(self, contender: Contender) -> Iterator[list[psutil.Process]]:
        """Start a contender's processes; they are ended afterwards, with all that they started."""
        with tempfile.TemporaryDirectory(prefix="vigie-bench-") as folder:
            ports = [free_port() for _ in range(contender.processes)]
            peers = ";".join(f"127.0.0.1:{port}" for port in ports)
            children = []
            try:
                for number in range(contender.processes):
                    environ = os.environ | {
                        "VIGIE_BROKER": self.settings.broker, "VIGIE_PREFIX": self.settings.prefix, "BENCH_FOLDER": folder,
                    } | contender.environ  # fmt: skip
                    filled = [word.format(folder=folder, number=number, peers=peers) for word in contender.command]
                    with (Path(folder) / f"{number}.log").open("wb") as log:
                        children.append(psutil.Popen(filled, env=environ, stdout=log, stderr=log, cwd=ROOT))
                yield children
            except BaseException:
                for log in Path(folder).glob("*.log"):
                    print(
                        f"--- {contender.name}: {log.name}\n{log.read_text(errors='replace')[-3000:]}", file=sys.stderr, flush=True
                    )
                raise
            finally:
                _end(children)

    @contextlib.asynccontextmanager
    async def outputs(self, isolation: str = "read_committed") -> AsyncIterator["Outputs"]:
        """A reader of articles.enriched, from its beginning."""
        consumer = AIOKafkaConsumer(
            self.settings.topic("articles.enriched"), bootstrap_servers=self.settings.broker, isolation_level=isolation,
            enable_auto_commit=False, auto_offset_reset="earliest", max_partition_fetch_bytes=16 << 20, fetch_max_wait_ms=20,
        )  # fmt: skip
        await consumer.start()
        try:
            yield Outputs(consumer)
        finally:
            await consumer.stop()


class Outputs:
    """Articles that came out: when each was first seen (monotonic seconds), by its URL."""

    def __init__(self, consumer: Any) -> None:
        self._consumer = consumer
        self.seen: dict[bytes, float] = {}

    async def poll(self, milliseconds: int = 50) -> None:
        for records in (await self._consumer.getmany(timeout_ms=milliseconds)).values():
            now = time.monotonic()
            for record in records:
                self.seen.setdefault(_url(record.value), now)

    async def until(self, count: int, children: list[psutil.Process], seconds: float) -> None:
        """Read until so many articles came out; RuntimeError when a contender ended or it took too long."""
        deadline = time.monotonic() + seconds
        while len(self.seen) < count:
            await self.poll()
            if time.monotonic() > deadline or not all(child.is_running() and child.poll() is None for child in children):
                raise RuntimeError(f"{len(self.seen)} of {count} articles came out before it ended or {seconds:g} s were over")


def _url(value: bytes) -> bytes:
    """The value of `"url":`, of an event whose URLs are ours and hold nothing to escape."""
    begin = value.index(b'"url":"') + 7
    return value[begin : value.index(b'"', begin)]


@dataclass(frozen=True)
class Drained:
    """What it took to get pages through: seconds a page."""

    cpu: float
    wall: float


async def drain(site: Site, contender: Contender, warm: list[tuple[bytes, bytes]], work: list[tuple[bytes, bytes]]) -> Drained:
    """Start a contender, let it warm up, then send the pages: CPU and wall seconds a page, from the first sent to the last out."""
    await site.prepare()
    await site.publish(warm)
    with site.running(contender) as children:
        async with site.outputs() as outputs:
            await outputs.until(len(warm), children, START_SECONDS)
            await asyncio.sleep(1.0)  # what comes after a commit: snapshots, metrics
            cpu, begun = cpu_of(children), time.monotonic()
            await site.publish(work)
            await outputs.until(len(warm) + len(work), children, WORK_SECONDS)
            wall, spent = max(outputs.seen.values()) - begun, cpu_of(children) - cpu
    return Drained(spent / len(work), wall / len(work))


def _end(children: list[psutil.Process]) -> None:
    """SIGTERM, then SIGKILL for whatever of them and of their children is left."""
    family = [each for child in children if child.is_running() for each in (child, *child.children(recursive=True))]
    for child in children:
        with contextlib.suppress(psutil.NoSuchProcess):
            child.send_signal(signal.SIGTERM)
    _, alive = psutil.wait_procs(family, timeout=15)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    for child in children:
        with contextlib.suppress(subprocess.TimeoutExpired, psutil.TimeoutExpired):
            child.wait(5)
