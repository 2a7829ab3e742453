"""What one worker makes of what crawlers publish, on a real broker."""

from collections.abc import AsyncIterator
from datetime import datetime
from itertools import pairwise
from random import Random
from typing import Any

import orjson
import psutil
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from tests.fixtures.kafka import Spines
from tests.fixtures.reader import Reader, article_of, headers_of, of_url, until
from tests.fixtures.spine import Spine, page
from tests.fixtures.worker import Worker

pytestmark = pytest.mark.broker

MIB = 1024 * 1024
COMMENTS, ARTICLES, DEAD = "comments.enriched", "articles.enriched", "articles.dead-letter"
DEEP = b'{"url": "https://a.example/", "content": "x", "more": ' + b"[" * 5000 + b"]" * 5000 + b"}"
BAD = {
    "empty": b"",
    "too_large": b'{"url": "https://a.example/", "content": "' + b"x" * (5 * MIB) + b'"}',
    "not_utf8": b'{"url": "https://a.example/", "content": "\xff"}',
    "too_deep": DEEP,
    "not_json": b'{"url": "https://a.example/", "content": ',
    "lone_surrogate": b'{"url": "https://a.example/", "content": "\\ud800"}',
    "not_object": b"[1, 2]",
    "bad_cloudevent": b'{"specversion": "1.0", "data": {"url": "https://a.example/", "content": "x"}}',
    "missing_field": b'{"url": "https://a.example/"}',
    "wrong_type": b'{"url": "https://a.example/", "content": 12}',
    "bad_url": b'{"url": "mailto:redaction@a.example", "content": "x"}',
    "bad_timestamp": b'{"url": "https://a.example/", "content": "x", "fetched_at": "hier"}',
    "unsupported_content_type": b'{"url": "https://a.example/", "content": "x", "content_type": "application/pdf"}',
}


@pytest.fixture(scope="module")
async def spine(make_spine: Spines) -> Spine:
    return await make_spine().create()


@pytest.fixture(scope="module")
async def worker(spine: Spine) -> Worker:
    """One worker for this module."""
    return await spine.worker().ready()


@pytest.fixture
async def reader(spine: Spine, worker: Worker) -> AsyncIterator[Reader]:
    async with spine.reader() as reader:
        yield reader


def incompressible(size: int) -> str:
    return Random(1).randbytes(size // 2).hex()  # noqa: S311 - any bytes that do not compress


@pytest.mark.parametrize("codec", [None, "gzip", "snappy", "lz4", "zstd"])
async def test_every_codec(spine: Spine, reader: Reader, codec: str | None):
    url = f"https://codec.example/{codec}"
    await spine.send(page(url), compression_type=codec)
    article = await article_of(reader, url)
    await reader.until(lambda _: len(of_url(reader, url, COMMENTS)) == 2, "its two comments")
    assert article["comment_count"] == 2


async def test_cloudevents_binary(spine: Spine, reader: Reader):
    url = "https://ce.example/binary"
    trace = ("traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    headers = [("ce_specversion", b"1.0"), ("ce_id", b"1"), ("ce_type", b"page"), ("ce_source", b"crawler"), trace]
    headers += [("ce_time", b"2026-11-01T10:00:00Z"), ("content-type", b"application/json"), ("x-null", None)]
    await spine.send_records([(b"key", page(url), headers)])
    article = await article_of(reader, url)
    assert article["fetched_at"] == "2026-11-01T10:00:00Z"
    (record,) = [each for each in reader.records[ARTICLES] if orjson.loads(each.value)["url"] == url]
    assert headers_of(record)["traceparent"] == trace[1].decode()


async def test_a_page_is_followed_from_raw_to_its_outputs_by_trace_and_log(spine: Spine, reader: Reader, worker: Worker):
    url = "https://followed.example/"
    trace = {"traceparent": "00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "tracestate": "crawler=7"}
    headers = [(name, value.encode()) for name, value in trace.items()]
    await spine.send_records([(b"key", page(url), headers), (b"key", b"followed: no page", headers)])
    article = await article_of(reader, url)
    await reader.until(lambda _: len(of_url(reader, url, COMMENTS)) == 2, "its comments")
    dead = await reader.until(
        lambda _: [each for each in reader.records[DEAD] if each.value == b"followed: no page"], "the refusal"
    )
    outputs = [record for topic in (ARTICLES, COMMENTS) for record in reader.records[topic] if record.key == article["id"].encode()]
    assert len(outputs) == 3
    for record in (*outputs, *dead):
        assert headers_of(record).items() >= trace.items()

    def lines(field: str, value: str) -> list[tuple[int, str]]:
        """Partition and offset of what the log says became this."""
        committed = worker.logged("batch.committed")
        return [(line["partition"], offset) for line in committed for offset, found in line[field].items() if found == value]

    ((partition, offset),) = await until(lambda: lines("articles", article["id"]), "the batch is logged")
    async with spine.reader("articles.raw") as raw:
        at = int(partition), int(offset)
        found = await raw.until(
            lambda _: [each for each in raw.records["articles.raw"] if (each.partition, each.offset) == at], "it"
        )
    assert orjson.loads(found[0].value)["url"] == url
    refused = headers_of(dead[0])
    place = int(refused["__connect.errors.partition"]), refused["__connect.errors.offset"]
    assert place in await until(lambda: lines("dead_letters", "not_json"), "the refusal is logged")


async def test_cloudevents_structured(spine: Spine, reader: Reader):
    url = "https://ce.example/structured"
    data = orjson.loads(page(url))
    event = {"specversion": "1.0", "id": "1", "type": "page", "source": "crawler", "data": data}
    await spine.send_records([(None, orjson.dumps(event), [("content-type", b"application/cloudevents+json; charset=utf-8")])])
    assert (await article_of(reader, url))["comment_count"] == 2


async def test_outputs_are_cloudevents_under_the_articles_key(spine: Spine, reader: Reader):
    url = "https://headers.example/"
    await spine.send(page(url))
    article = await article_of(reader, url)
    await reader.until(lambda _: len(of_url(reader, url, COMMENTS)) == 2, "its comments")
    written = [record for topic in (ARTICLES, COMMENTS) for record in reader.records[topic]]
    ours = [record for record in written if record.key == article["id"].encode()]
    assert len(ours) == 3
    for record in ours:
        headers, event = headers_of(record), orjson.loads(record.value)
        kind = "comment" if record.topic.endswith(COMMENTS) else "article"
        assert headers.pop("ce_time").endswith("Z")
        assert headers == {
            "ce_specversion": "1.0", "ce_id": event["id"], "ce_type": f"vigie.{kind}.v1", "ce_source": "vigie", "ce_subject": url,
            "content-type": "application/json",
        }  # fmt: skip
    assert len({record.partition for record in ours if record.topic.endswith(COMMENTS)}) == 1


async def test_every_bad_event_is_a_dead_letter_with_its_bytes(spine: Spine, worker: Worker, reader: Reader):
    before = worker.metrics()
    sent = {f"{reason}": value for reason, value in BAD.items()} | {"null": None}
    records = [(name.encode(), value, [("x-name", name.encode()), ("x-null", None)]) for name, value in sent.items()]
    await spine.send_records(records)

    def ours() -> dict[str, Any]:
        return {name: record for record in reader.records[DEAD] if (name := record.key.decode()) in sent}

    found = await reader.until(lambda _: len(ours()) == len(sent) and ours(), "every dead letter")
    assert {name: record.value for name, record in found.items()} == sent
    for name, record in found.items():
        headers = dict(record.headers)
        assert headers.pop("vigie.reason").decode() == {"null": "empty"}.get(name, name)
        assert (headers.pop("x-name"), headers.pop("x-null")) == (name.encode(), None)
        assert headers.pop("__connect.errors.topic").decode() == spine.topic("articles.raw")
        assert headers.pop("__connect.errors.partition") in {b"0", b"1"}
        assert headers.pop("__connect.errors.offset").isdigit()
        rest = {"stage", "exception.class.name", "exception.message"}
        assert set(headers) == {f"__connect.errors.{each}" for each in rest}
    after = await until(lambda: counted(worker, before, len(sent)), "the dead letters are counted")
    moved = {reason: after[name, reason] - before[name, reason] for name, reason in after if name.startswith("vigie_dead_letter")}
    assert {reason: count for reason, count in moved.items() if count} == dict.fromkeys(BAD, 1) | {"empty": 2}


def counted(worker: Worker, before: dict[tuple[str, str], float], wanted: int) -> dict[tuple[str, str], float]:
    after = worker.metrics()
    name = "vigie_received_events_total", ""
    return after if after[name] - before[name] >= wanted else {}


async def test_page_near_the_limit(spine: Spine, reader: Reader):
    """5 MiB to the byte."""
    url = "https://large.example/"
    sentence = "Le ministre est arrivé à Bamako — « pour une visite officielle de deux jours ».\n"
    text = sentence * 3000
    value = orjson.dumps({"url": url, "content": text})
    await spine.send(value + b" " * (5 * MIB - len(value)))
    article = await article_of(reader, url)
    assert article["body"] == "\n".join(text[span["start"] : span["end"]] for span in article["body_spans"])


async def test_batch_that_unpacks_to_too_much(spine: Spine, worker: Worker, reader: Reader):
    """It is one dead letter, unread; a page in the next batch of its partition is delivered."""
    raw, url = spine.topic("articles.raw"), "https://bomb.example/"
    async with AIOKafkaProducer(
        bootstrap_servers=spine.bootstrap, compression_type="gzip", max_batch_size=256 * MIB, max_request_size=256 * MIB
    ) as producer:
        bomb = producer.create_batch()
        for _ in range(140):
            assert bomb.append(key=None, value=bytes(MIB), timestamp=None)
        bomb.close()
        await (await producer.send_batch(bomb, raw, partition=0))
        await producer.send_and_wait(raw, page(url), partition=0)
    await article_of(reader, url)
    said = "a gzip batch of 140 records unpacks to more than 128 MiB"

    def letters() -> list[Any]:
        return [each for each in reader.records[DEAD] if said in headers_of(each)["__connect.errors.exception.message"]]

    await reader.until(lambda _: letters(), "the dead letter")
    (record,) = letters()
    assert headers_of(record)["vigie.reason"] == "too_large"
    assert len(record.value) < MIB
    assert worker.running


async def test_output_that_the_topic_does_not_take(spine: Spine, worker: Worker, reader: Reader):
    """Only the page whose article is too large for its topic is refused; neighbours in the same batch are delivered."""
    name = spine.topic(ARTICLES)
    large = page("https://output.example/large", comments=0, headline=incompressible(80_000))
    neighbours = [page(f"https://output.example/{number}") for number in range(8)]
    async with spine.admin() as admin:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, configs={"max.message.bytes": "20000"})])
        records = [(b"one partition", value, ()) for value in [*neighbours[:4], large, *neighbours[4:]]]
        await spine.send_records(records)
        await reader.until(lambda _: [each for each in reader.records[DEAD] if each.value == large], "the dead letter")
        await reader.until(lambda _: all(of_url(reader, f"https://output.example/{each}") for each in range(8)), "its neighbours")
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, configs={"max.message.bytes": str(16 * MIB)})])
    (record,) = [each for each in reader.records[DEAD] if each.value == large]
    assert dict(record.headers)["vigie.reason"] == b"output_too_large"
    assert not of_url(reader, "https://output.example/large")
    assert all(len(of_url(reader, f"https://output.example/{each}")) == 1 for each in range(8))


async def test_events_of_a_key_keep_their_order(spine: Spine, reader: Reader):
    times = [f"2026-11-01T10:00:{second:02}Z" for second in range(30)]
    url = "https://order.example/"
    await spine.send_records([(url.encode(), page(url, fetched_at=when), ()) for when in times])
    await reader.until(lambda _: len(of_url(reader, url)) == 30, "every revision")
    seen = [datetime.fromisoformat(each["fetched_at"]) for each in of_url(reader, url)]
    assert all(first < second for first, second in pairwise(seen))


async def test_rules_while_running(spine: Spine, worker: Worker, reader: Reader):
    """A rule that is put, one that cannot be read, one changed, and a tombstone: each is in force for the pages after it."""

    async def put(rule: dict[str, Any] | None, key: bytes = b"mali", raw: bytes | None = None) -> None:
        await spine.send_records([(key, raw if rule is None else orjson.dumps(rule), ())], to="watch-rules")

    async def severities(url: str) -> set[str]:
        await spine.send(page(url))
        await article_of(reader, url)
        return {alert["rule"]["severity"] for alert in of_url(reader, url, "alerts")}

    async def until_raised(wanted: set[str], what: str) -> None:
        for number in range(100):
            if await severities(f"https://rules.example/{what}/{number}") == wanted:
                return
        raise AssertionError(f"{what}: never raised {wanted}")

    await put({"id": "mali", "name": "Mali", "query": "Bamako"})
    await until_raised({"info"}, "put")
    await put(None, raw=b"{")
    await until(lambda: worker.logged("rule.refused"), "the record that is no rule was seen")
    assert await severities("https://rules.example/kept") == {"info"}
    await put({"id": "mali", "name": "Mali", "query": "Bamako", "severity": "critical"})
    await until_raised({"critical"}, "changed")
    await put(None)
    await until_raised(set(), "deleted")


def test_web_pages(worker: Worker):
    assert worker.get("/health/live") == (200, b'{"live":true}')
    checks = ("assigned", "rules_read", "broker_answering", "topics_present", "delivering")
    assert worker.health() == {"status": 200, "ready": True} | dict.fromkeys(checks, True)
    metrics = worker.metrics()
    wanted = {"vigie_received_events_total", "vigie_emitted_events_total", "vigie_ended_transactions_total"}
    assert wanted <= {name for name, _ in metrics}
    assert metrics["vigie_ended_transactions_total", "committed"] > 0
    assert metrics["vigie_emitted_events_total", "articles.enriched"] > 0
    assert b"vigie_worker_ready 1.0" in worker.get("/metrics")[1]


def test_loopback_only(worker: Worker):
    processes = [psutil.Process(worker.process.pid), *worker.descendants()]
    listening = {each.laddr.ip for process in processes for each in process.net_connections() if each.status == psutil.CONN_LISTEN}
    assert listening == {"127.0.0.1"}


def test_log_holds_no_page_content(worker: Worker):
    assert "Lavrov" not in worker.said
    assert "Lecteur" not in worker.said
    assert all(line.startswith("{") for line in worker.said.splitlines())


async def test_stops_within_ten_seconds(worker: Worker):
    """Last in this module: what everything above used is stopped."""
    assert await worker.stop(10) == 0
