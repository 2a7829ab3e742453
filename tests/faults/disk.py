"""The broker's disk is full: the broker stops; once there is space, and it was started again, nothing is lost or doubled."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agents.broker import LocalBroker
from agents.broker.processes import free_port
from tests.faults.world import world
from tests.fixtures.kafka import SHORT_SESSIONS

_MIB = 1 << 20
_SIZE = 400 * _MIB


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A tmpfs of 400 MiB at a folder; only root may mount one."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


async def run(broker: LocalBroker, folder: Path, *, seed: int, times: int = 3) -> dict[str, Any]:
    """So many times under load: ballast fills the disk until the broker ends by itself; the ballast goes, the broker starts."""
    extra = SHORT_SESSIONS | {"offsets.topic.num.partitions": "5", "transaction.state.log.num.partitions": "5"}
    extra |= {"transaction.state.log.segment.bytes": str(8 * _MIB), "log.segment.bytes": str(8 * _MIB)}
    with small_disk(broker.data / "small") as disk, LocalBroker(broker.home, free_port(), disk / "data", extra) as full:
        async with world(full.bootstrap, folder) as here:
            worker = here.worker()
            await here.busy(worker)
            for _ in range(times):
                await here.progress(100)
                ballast = disk / "ballast"
                fill(ballast)
                await here.ledger.until(lambda: not full.status().running, "the broker ended by itself", 120)
                ballast.unlink()
                await asyncio.to_thread(full.start)
                here.mark()
                await here.progress(50)
            note = "no worker had to be started again" if worker.running else f"the worker ended with {worker.process.returncode}"
            return {"faults": times, "kinds": {"disk full": times}, "note": note} | await here.check()


def fill(ballast: Path) -> None:
    """Take every byte that is left."""
    with ballast.open("wb") as file:
        for size in (_MIB, 4096):
            try:
                while True:
                    os.write(file.fileno(), bytes(size))
            except OSError:
                continue
