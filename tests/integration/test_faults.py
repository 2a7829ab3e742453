"""Workers that are told to stop, or killed while they are busy. What is lost or doubled is weighed in tests/faults/."""

import psutil
import pytest

from tests.fixtures.kafka import Spines
from tests.fixtures.reader import Reader, faults, until
from tests.fixtures.spine import Spine, page, urls

pytestmark = pytest.mark.broker

# Small transactions, so that a kill finds one under way; a lost session ends soon.
BUSY = {"VIGIE_BATCH_RECORDS": "8", "VIGIE_SESSION_TIMEOUT": "1"}


async def publish(spine: Spine, pages: list[str]) -> None:
    await spine.send_records([(url.encode(), page(url, comments=1 + len(url) % 4), ()) for url in pages])


async def check(reader: Reader, pages: list[str]) -> None:
    """Every page was read once, whole, once all were seen and what followed them too."""
    await reader.until(lambda _: len(reader.records["articles.enriched"]) >= len(pages), "every article", 120)
    await reader.rest()
    assert not faults(reader, pages)
    assert not reader.records["articles.dead-letter"]


def articles(reader: Reader) -> int:
    return len(reader.records["articles.enriched"])


async def test_sigterm_under_load(make_spine: Spines):
    spine = await make_spine(**BUSY).create()
    pages = urls(300)
    worker = await spine.worker().ready()
    await publish(spine, pages)
    async with spine.reader() as reader:
        await reader.until(lambda _: articles(reader) > 10, "some progress")
        assert await worker.stop(10) == 0
        assert articles(reader) < len(pages)
        assert not worker.logged("batch.aborted")
        await spine.worker().ready()
        await check(reader, pages)


async def test_no_process_outlives_its_worker(make_spine: Spines):
    """Killed in the middle of a page that takes long, with a process that is busy and reads nothing."""
    spine = await make_spine(VIGIE_PAGE_TIMEOUT="60").create()
    worker = await spine.worker().ready()
    children = worker.descendants()
    sentence = "Le ministre est arrivé à Bamako pour une visite de deux jours. "
    await spine.send(page("https://long.example/", headline=sentence * 20_000))
    busy = {child.pid: sum(child.cpu_times()[:2]) for child in children}
    await until(lambda: any(sum(child.cpu_times()[:2]) > busy[child.pid] + 0.2 for child in children), "a process is busy")
    worker.kill()
    await until(lambda: not [child for child in children if alive(child)], "its processes have ended", 5)


async def test_all_these_starts_left_no_topic_behind(make_spine: Spines):
    """Last in this module: Faust makes topics of its own for an app id unless it is told not to."""
    spines = make_spine.made
    assert sum(len(spine.workers) for spine in spines) >= 3
    found = {name for name in await spines[0].topics() if any(spine.prefix in name for spine in spines)}
    assert found == {name for spine in spines for name in spine.names()}


def alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
