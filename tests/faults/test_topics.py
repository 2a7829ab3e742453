"""Topics that are deleted, that do not take a record, that get more partitions: the worker waits, says so, goes on by itself."""

from collections.abc import AsyncIterator
from random import Random

import pytest
from aiokafka.admin import NewPartitions
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.producer import message_accumulator, producer
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from tests.fixtures.batches import Name
from tests.fixtures.kafka import Spines
from tests.fixtures.reader import faults, until
from tests.fixtures.spine import Spine, page, urls
from tests.fixtures.worker import Worker

pytestmark = pytest.mark.broker

ARTICLES, COMMENTS, DEAD = "articles.enriched", "comments.enriched", "articles.dead-letter"
MIB = 1 << 20


@pytest.fixture(scope="module")
async def spine(make_spine: Spines) -> Spine:
    return await make_spine(VIGIE_KAFKA_TIMEOUT="5").create()


@pytest.fixture(scope="module")
async def worker(spine: Spine) -> AsyncIterator[Worker]:
    """One worker for this module: nothing that happens here ends it."""
    worker = await spine.worker().ready()
    yield worker
    assert await worker.stop() == 0
    assert len(spine.workers) == 1


async def delete(spine: Spine, topic: str) -> None:
    async with spine.admin() as admin:
        await admin.delete_topics([spine.topic(topic)])


async def limit(spine: Spine, topic: str, size: int) -> None:
    """Set how large a record a topic takes."""
    async with spine.admin() as admin:
        config = ConfigResource(ConfigResourceType.TOPIC, spine.topic(topic), configs={"max.message.bytes": str(size)})
        await admin.alter_configs([config])


async def unready(worker: Worker, check: str) -> None:
    await until(lambda: worker.health().get(check) is False, f"{check} is false", 60)
    assert worker.health()["status"] == 503
    assert b"vigie_worker_ready 0.0" in worker.get("/metrics")[1]


async def test_name_of_a_header_that_is_no_utf8(spine: Spine, worker: Worker, monkeypatch: pytest.MonkeyPatch):
    """A page with one is enriched, an event that cannot be used keeps it in the dead letters, as text."""
    for module in (producer, message_accumulator):
        monkeypatch.setattr(module, "DefaultRecordBatchBuilder", _DefaultRecordBatchBuilderPy)
    await spine.send_records([(b"k", page("https://header.example/"), [(Name("x"), b"1")]), (b"k", b"{", [(Name("x"), b"\xff")])])
    async with spine.reader() as reader:
        await reader.until(lambda _: reader.events(ARTICLES) and reader.records[DEAD], "the article and the dead letter")
        assert dict(reader.records[DEAD][0].headers)["\\xffx"] == b"\xff"


async def test_topic_of_outputs_that_is_deleted(spine: Spine, worker: Worker):
    """Nothing is acked while it is away; once it is back, all is there."""
    await delete(spine, COMMENTS)
    await unready(worker, "topics_present")
    pages = urls(5, "deleted-output")
    await spine.send(*map(page, pages))
    await unready(worker, "delivering")
    async with spine.reader(ARTICLES) as reader:
        await reader.rest()
        assert not [event for event in reader.events(ARTICLES) if event["url"] in pages]
    before = worker.metrics()["vigie_ended_transactions_total", "aborted"]
    assert before > 0
    await spine.create()
    await worker.ready(60)
    async with spine.reader(ARTICLES, COMMENTS) as reader:
        await reader.until(lambda _: len([each for each in reader.events(ARTICLES) if each["url"] in pages]) == 5, "the articles")
        await reader.rest()
        ours = [event for event in reader.events(ARTICLES) if event["url"] in pages]
        reader.records[ARTICLES] = [each for each in reader.records[ARTICLES] if b"deleted-output" in each.value]
        assert len(ours) == 5
        assert not faults(reader, pages)


async def test_dead_letter_that_its_topic_does_not_take(spine: Spine, worker: Worker):
    """Once the topic takes it, it is there with its own reason; what lies behind it was not lost meanwhile."""
    await limit(spine, DEAD, 2000)
    bad = b'{"url": 1, "content": "%s"}' % Random(1).randbytes(10_000).hex().encode()  # noqa: S311 - bytes that do not compress
    await spine.send_records([(b"one", bad, ())])
    await unready(worker, "delivering")
    async with spine.reader(DEAD) as reader:
        await reader.rest()
        assert bad not in [each.value for each in reader.records[DEAD]]
        await limit(spine, DEAD, 16 * MIB)
        await reader.until(lambda _: [each for each in reader.records[DEAD] if each.value == bad], "the dead letter")
        (letter,) = [each for each in reader.records[DEAD] if each.value == bad]
        assert dict(letter.headers)["vigie.reason"] == b"wrong_type"
    await worker.ready(60)


async def test_headers_that_push_a_dead_letter_past_the_limit_of_raw_events(spine: Spine, worker: Worker):
    bad = b"[" + b"1," * (2 * MIB) + b"1]" + b" " * MIB
    headers = [(f"x-{number}", b"h" * 1000) for number in range(900)]
    await spine.send_records([(b"two", bad, headers)])
    async with spine.reader(DEAD) as reader:
        await reader.until(lambda _: [each for each in reader.records[DEAD] if each.value == bad], "the dead letter")
        (letter,) = [each for each in reader.records[DEAD] if each.value == bad]
        assert set(headers) < set(letter.headers)


async def test_topic_of_raw_events_that_is_deleted_then_made_with_more_partitions(spine: Spine, worker: Worker):
    """The worker waits, and reads every partition of what comes in its place, from its beginning."""
    await delete(spine, "articles.raw")
    await unready(worker, "topics_present")
    await spine.create()
    async with spine.admin() as admin:
        await admin.create_partitions({spine.topic("articles.raw"): NewPartitions(total_count=3)})
    pages = urls(30, "made-anew")
    await spine.send_records([(url.encode(), page(url), ()) for url in pages], metadata_max_age_ms=1000)
    async with spine.reader(ARTICLES, COMMENTS) as reader:
        wanted = set(pages)
        await reader.until(lambda _: wanted <= {each["url"] for each in reader.events(ARTICLES)}, "every article", 120)
        await reader.rest()
        found = [event["url"] for event in reader.events(ARTICLES) if event["url"] in wanted]
        assert sorted(found) == sorted(wanted)
    await worker.ready(60)
