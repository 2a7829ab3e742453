"""What a worker does when Kafka, or its own processes, fail it."""

from collections.abc import Iterator

import pytest

from agents.broker import LocalBroker
from tests.fixtures.kafka import Spines, own_broker
from tests.fixtures.reader import faults, until
from tests.fixtures.spine import Spine, page, urls

pytestmark = pytest.mark.broker

SLOW = ", ".join(f"Moussa Tang{number:x} et Awa Diop" for number in range(150_000))  # takes some 4 s


@pytest.fixture
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalBroker]:
    """A broker that a test may stop."""
    with own_broker(tmp_path_factory.mktemp("own")) as broker:
        yield broker


async def test_broker_away_and_back(mortal: LocalBroker, tmp_path_factory: pytest.TempPathFactory):
    """The worker says that it is not ready, and carries on by itself: every page once. Told to stop while it is away, it stops."""
    spine = await Spine(mortal.bootstrap, tmp_path_factory.mktemp("spine"), VIGIE_KAFKA_TIMEOUT="5").create()
    worker = await spine.worker().ready()
    pages = urls(60)
    try:
        await spine.send_records([(url.encode(), page(url), ()) for url in pages[:30]])
        mortal.kill()
        await until(lambda: not worker.health()["broker_answering"], "the worker says that no broker answers")
        mortal.start()
        await spine.send_records([(url.encode(), page(url), ()) for url in pages[30:]])
        async with spine.reader() as reader:
            await reader.until(lambda _: len(reader.records["articles.enriched"]) >= 60, "every article")
            await reader.rest()
            assert not faults(reader, pages)
        await worker.ready()
        assert len(spine.workers) == 1
        mortal.kill()
        assert await worker.stop() == 0  # also with nobody to say goodbye to
    finally:
        spine.close()


async def test_no_progress_ends_the_worker(make_spine: Spines):
    """With a topic of its outputs gone nothing is acked; past the bound the process ends, and when it is back nothing is lost."""
    spine = await make_spine(VIGIE_STALL_TIMEOUT="3", VIGIE_KAFKA_TIMEOUT="2").create()
    worker = await spine.worker().ready()
    async with spine.admin() as admin:
        await admin.delete_topics([spine.topic("comments.enriched")])
    await spine.send(page("https://stalled.example/"))
    assert await worker.ended(60) == 75
    (said,) = worker.logged("worker.stalled")
    assert said["exit_code"] == 75
    await spine.create()
    await spine.worker().ready()
    async with spine.reader() as reader:
        await reader.until(lambda _: reader.records["articles.enriched"], "the article")
        await reader.rest()
        assert not faults(reader, ["https://stalled.example/"])


async def test_a_page_that_takes_too_long_and_too_many_of_them(make_spine: Spines):
    """It is a dead letter, its neighbours are delivered; past the ratio the worker stops and commits no more."""
    settings = {"VIGIE_PAGE_TIMEOUT": "1.5", "VIGIE_DEAD_LETTER_RATIO": "0", "VIGIE_DEAD_LETTER_WINDOW": "10"}
    spine = await make_spine(VIGIE_PARTITIONS="1", **settings).create()
    worker = await spine.worker().ready()
    pages = urls(4)
    slow = page("https://slow.example/", comments=0, headline=SLOW)
    await spine.send(page(pages[0]), slow, *(page(url) for url in pages[1:]))
    async with spine.reader() as reader:
        await reader.until(lambda _: len(reader.records["articles.enriched"]) == 4, "the neighbours")
        (letter,) = reader.records["articles.dead-letter"]
        assert (letter.value, dict(letter.headers)["vigie.reason"]) == (slow, b"timeout")
        await spine.send(*(page(url) for url in urls(5, "after")))
        assert await worker.ended() == 1
        assert "vigie: the worker ended: TooManyDeadLetters: over 0% of the last 10 pages failed" in worker.said
        await reader.rest()
        assert len(reader.records["articles.enriched"]) < 9
