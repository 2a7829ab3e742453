"""Supervised processes, for real: pages that hang, kill their process, eat its memory or raise cost themselves alone."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from agents.messages import Record
from agents.pool import Pool, PoolBroken
from agents.settings import Settings
from pipeline.errors import Reason
from tests.agents import pages

MIB = 1024 * 1024


class Restarts(list[str]):
    """Why processes were replaced."""


async def started(restarts: Restarts, **settings: float) -> Pool:
    defaults = {"processes": 2, "page_timeout": 1.0, "process_memory": 512 * MIB}
    pool = Pool(Settings(**(defaults | settings)), restarts.append, start=pages.start)
    await pool.start()
    return pool


@pytest.fixture(scope="module")
def restarts() -> Restarts:
    return Restarts()


@pytest.fixture(scope="module")
async def shared(restarts: Restarts) -> AsyncIterator[Pool]:
    pool = await started(restarts)
    yield pool
    await pool.stop()


@pytest.fixture
def pool(shared: Pool, restarts: Restarts) -> Pool:
    restarts.clear()
    return shared


async def answers(pool: Pool, *values: bytes) -> list[bytes | Reason]:
    """For each value what came back: the value, or the reason of its refusal."""
    outcomes = await pool.run([Record(value) for value in values], None)
    return [each.refusal.reason if each.refusal else each.outputs[0].value for each in outcomes]


async def test_order_is_kept_over_the_processes(pool: Pool):
    values = [b"%d" % number for number in range(101)]
    assert await answers(pool, *values) == values
    assert await answers(pool) == []


async def test_processes_are_forked_with_the_models_loaded_from_a_process_of_one_thread(pool: Pool):
    """Another thread could hold a lock at that moment, which would then be held for ever in the new process."""
    assert await answers(pool, b"loaded", b"loaded") == [b"True", b"True"]
    (parent, _) = await answers(pool, b"parent", b"")
    assert psutil.Process(int(parent)).num_threads() == 1


def test_the_worker_itself_imports_no_stages():
    """They are a fifth of what a start costs, and it has processes for them."""
    code = "import sys, agents.app, agents.cli.worker; print(*(name for name in sys.modules if name.startswith('pipeline.')))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout.split()
    assert "pipeline.codec" in found
    assert not {"pipeline.enrich", "pipeline.split", "pipeline.language", "pipeline.entities"} & set(found)


async def test_page_that_hangs(pool: Pool, restarts: Restarts):
    assert await answers(pool, b"a", b"b", b"hang", b"c") == [b"a", b"b", Reason.TIMEOUT, b"c"]
    assert set(restarts) == {"timeout"}


async def test_page_that_kills_its_process(pool: Pool, restarts: Restarts):
    values = [b"a", b"b", b"c", b"die", b"e", b"f", b"g", b"h"]
    assert await answers(pool, *values) == [*values[:3], Reason.CRASHED, *values[4:]]
    assert set(restarts) == {"crashed"}


async def test_page_that_eats_memory(pool: Pool):
    assert await answers(pool, b"eat", b"b") == [Reason.CRASHED, b"b"]


async def test_page_that_raises_is_refused_without_its_text(pool: Pool, restarts: Restarts):
    (outcome, other) = await pool.run([Record(b"raise"), Record(b"b")], None)
    assert (outcome.refusal.reason, outcome.refusal.exception) == (Reason.INTERNAL, "ValueError")
    assert "text of the page" not in outcome.refusal.message
    assert other.refusal is None
    assert restarts == []


async def test_page_that_was_unlucky_once_is_enriched(pool: Pool, tmp_path: Path):
    value = f"die-once {tmp_path / 'died'}".encode()
    assert await answers(pool, value) == [value]


async def test_several_bad_ones_in_one_task(pool: Pool):
    found = await answers(pool, b"die", b"a", b"raise", b"b", b"die", b"c")
    assert found == [Reason.CRASHED, b"a", Reason.INTERNAL, b"b", Reason.CRASHED, b"c"]


async def test_process_that_dies_between_tasks_costs_nothing(pool: Pool):
    (pid,) = await answers(pool, b"pid")
    os.kill(int(pid), 9)
    await asyncio.sleep(1)  # until pebble has noticed
    assert await answers(pool, *[b"%d" % number for number in range(20)]) == [b"%d" % number for number in range(20)]


async def test_processes_are_replaced_after_their_tasks():
    restarts = Restarts()
    pool = await started(restarts, processes=1, process_tasks=3)
    pids = [(await answers(pool, b"pid"))[0] for _ in range(8)]
    assert len(set(pids)) >= 3
    assert set(restarts) == {"recycled"}
    await pool.stop()
    assert not [pid for pid in pids if psutil.pid_exists(int(pid))]


async def test_processes_that_do_not_start():
    pool = Pool(Settings(processes=1), Restarts().append, start=pages.broken)
    with pytest.raises(PoolBroken, match="vigie doctor"):
        await pool.start()
    await pool.stop()
