"""How workers and publishers start: what they say when something is missing, and what they wait for."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener

from tests.fixtures.kafka import Spines
from tests.fixtures.reader import until
from tests.fixtures.spine import Spine, page, urls
from tests.fixtures.worker import FAUST, WORKER

pytestmark = pytest.mark.broker

NOWHERE = "127.0.0.1:1"


async def test_what_is_missing_is_named_with_its_mend(make_spine: Spines, tmp_path: Path):
    spine = make_spine()
    text = tmp_path / "page.txt"
    text.write_text("Une page.")
    publish = ("-m", "agents", "publish", os.fspath(text), "--url", "https://a.example/")
    without_topics, without_broker = spine.worker(), spine.worker(VIGIE_BROKER=NOWHERE)
    publisher, lost_publisher = spine.worker(command=publish), spine.worker(command=publish, VIGIE_BROKER=NOWHERE)
    everyone = [without_topics, without_broker, publisher, lost_publisher]
    assert await asyncio.gather(*(each.ended(60) for each in everyone)) == [1, 1, 1, 1], [each.said for each in everyone]
    for each in (without_topics, publisher):
        assert f"vigie: the broker at {spine.bootstrap} has no topic" in each.said
        assert spine.topic("articles.raw") in each.said
        assert "vigie topics create" in each.said
    for each in (without_broker, lost_publisher):
        assert f"vigie: no Kafka answers at {NOWHERE}" in each.said
        assert "vigie broker start" in each.said
    assert all(len(each.said.strip().splitlines()) == 1 for each in everyone), [each.said for each in everyone]
    assert not {name for name in await spine.topics() if name.startswith(spine.prefix)}


async def put_in_a_transaction(spine: Spine, rule: dict[str, str]) -> None:
    """Put a rule so that the last entry of its topic is the marker of a transaction, which no reader is given."""
    options = {"bootstrap_servers": spine.bootstrap, "transactional_id": spine.topic("rules")}
    async with AIOKafkaProducer(**options) as producer, producer.transaction():
        await producer.send(spine.topic("watch-rules"), orjson.dumps(rule), key=rule["id"].encode())


async def test_by_the_faust_command_after_the_rules_then_again_from_a_time(make_spine: Spines):
    """Every page that waited raises its alert, the first one too; another group takes the pages since a time again."""
    spine = await make_spine().create()
    pages, noon = urls(20), datetime.now(UTC) - timedelta(hours=2)  # within the retention, or Kafka drops them at its next look
    await put_in_a_transaction(spine, {"id": "mali", "name": "Mali", "query": "Bamako"})
    morning, evening = (int((noon + timedelta(hours=hours)).timestamp() * 1000) for hours in (-1, 1))
    async with AIOKafkaProducer(bootstrap_servers=spine.bootstrap) as producer:
        for url in pages:
            when = morning if url in pages[:12] else evening
            await producer.send_and_wait(spine.topic("articles.raw"), page(url), key=url.encode(), timestamp_ms=when)
    first = await spine.worker("-l", "info", command=FAUST).ready()
    async with spine.reader() as reader:
        await reader.until(lambda _: len(reader.records["articles.enriched"]) == 20, "every article")
        assert {alert["article_url"] for alert in reader.events("alerts")} == set(pages)
        again = await spine.worker("--group", "again", "--from", noon.isoformat(), command=WORKER).ready()
        await reader.until(lambda _: len(reader.records["articles.enriched"]) == 28, "the articles of the evening again")
        assert await again.stop() == 0
        await reader.rest()
        articles, alerts = reader.events("articles.enriched"), reader.events("alerts")
    assert {each["url"] for each in articles[20:]} == set(pages[12:])
    assert len({each["id"] for each in articles}) == 20
    assert len(alerts) == 28
    assert len({each["id"] for each in alerts}) == 20
    assert await first.stop() == 0


class Holding(ConsumerRebalanceListener):
    """Does not let go of its partitions before it may."""

    def __init__(self) -> None:
        self.may = asyncio.Event()

    async def on_partitions_revoked(self, revoked: object) -> None:
        if revoked:
            await self.may.wait()

    async def on_partitions_assigned(self, assigned: object) -> None:
        pass


async def test_not_ready_before_the_group_has_formed(make_spine: Spines):
    spine = await make_spine().create()
    held = Holding()
    member = AIOKafkaConsumer(
        bootstrap_servers=spine.bootstrap, group_id=spine.settings.full_group, session_timeout_ms=60_000, enable_auto_commit=False
    )
    member.subscribe([spine.topic("articles.raw")], listener=held)
    async with member:
        await until(member.assignment, "the member has the partitions")
        worker = spine.worker()
        holding = dict.fromkeys(("rules_read", "broker_answering", "topics_present", "delivering"), True)
        expected = {"status": 503, "ready": False, "assigned": False} | holding
        await until(lambda: worker.health() == expected, "everything but the group is ready", 60)
        assert b"vigie_worker_ready 0.0" in worker.get("/metrics")[1]
        assert worker.get("/health/live")[0] == 200
        held.may.set()
        await worker.ready()
    assert await worker.stop() == 0
