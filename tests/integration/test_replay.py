"""Dead letters sent again: through a worker, and by two commands at once."""

import asyncio
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from agents import dead_letters, kafka
from agents.dead_letters import Filter
from tests.fixtures.kafka import Spines
from tests.fixtures.reader import Reader
from tests.fixtures.spine import Spine

pytestmark = pytest.mark.broker

DEAD = "articles.dead-letter"


async def replay(spine: Spine, **wanted: object) -> dict[str, int]:
    return await dead_letters.replay(spine.settings, Filter(**wanted), lambda *_: None)


def attempts(reader: Reader, key: bytes) -> list[bytes | None]:
    return [dict(each.headers).get("vigie.attempt") for each in reader.records[DEAD] if each.key == key]


async def test_three_attempts_and_no_more(make_spine: Spines):
    """Bad events go round: to the dead letter, replayed, refused again, up to the limit; bytes, key and headers stay."""
    spine = await make_spine().create()
    events = {b"a": b"{", b"b": b'{"url": "ftp://a.example/", "content": "x"}'}
    await spine.send_records([(key, value, [("x", key)]) for key, value in events.items()])
    worker = await spine.worker().ready()
    async with spine.reader(DEAD) as reader:
        for attempt in range(1, 4):
            await reader.until(lambda _, attempt=attempt: len(attempts(reader, b"b")) == attempt, f"attempt {attempt} came back")
            assert await replay(spine, reason="bad_url") == {"replayed": 1, "exhausted": 0, "done": attempt - 1}
        await reader.until(lambda _: len(attempts(reader, b"b")) == 4, "the last attempt came back")
        assert await replay(spine, reason="bad_url") == {"replayed": 0, "exhausted": 1, "done": 3}
        assert attempts(reader, b"b") == [None, b"1", b"2", b"3"]
        assert attempts(reader, b"a") == [None]
        assert all(each.value == events[each.key] and dict(each.headers)["x"] == each.key for each in reader.records[DEAD])
        names = [name for each in reader.records[DEAD] for name in Counter(name for name, _ in each.headers).elements()]
        assert Counter(names)["vigie.reason"] == len(reader.records[DEAD])
    await nothing_waits(spine)
    assert await worker.stop() == 0


async def nothing_waits(spine: Spine) -> None:
    """The group commits up to the end of `articles.raw`, past the marker that ends a replay's transaction."""
    async with kafka.admin(spine.settings) as admin, kafka.consumer(spine.settings) as consumer:
        ends = await consumer.end_offsets(await kafka.partitions(consumer, spine.settings, spine.topic("articles.raw")))
        deadline = time.monotonic() + 20
        while True:
            committed = await kafka.committed(admin, spine.settings, spine.settings.full_group)
            if all(committed[partition].offset == end for partition, end in ends.items() if end):
                return
            assert time.monotonic() < deadline, f"committed {committed}, the ends are {ends}"
            await asyncio.sleep(0.2)


async def lay(spine: Spine, count: int) -> None:
    """Dead letters, as a worker writes them."""
    headers = [("x", b"kept"), ("vigie.reason", b"not_json"), ("__connect.errors.topic", b"articles.raw")]
    await spine.send_records([(b"%d" % number, b"{%d" % number, headers) for number in range(count)], to=DEAD)


async def test_filters(make_spine: Spines):
    spine = await make_spine().create()
    await lay(spine, 20)
    soon = datetime.now(UTC) + timedelta(minutes=1)
    assert (await replay(spine, reason="bad_url"))["replayed"] == 0
    assert (await replay(spine, since=soon))["replayed"] == 0
    letters = await dead_letters.read(spine.settings)
    of_first = sum(letter.partition == 0 for letter in letters)
    assert await replay(spine, partition=0, until=soon) == {"replayed": of_first, "exhausted": 0, "done": 0}
    assert await replay(spine) == {"replayed": 20 - of_first, "exhausted": 0, "done": of_first}
    await lay(spine, 1)
    assert await replay(spine) == {"replayed": 1, "exhausted": 0, "done": 20}
    assert await replay(spine) == {"replayed": 0, "exhausted": 0, "done": 21}
    async with spine.reader("articles.raw") as reader:
        await reader.until(lambda _: len(reader.records["articles.raw"]) == 21, "all were replayed")
        for record in reader.records["articles.raw"]:
            assert record.value == b"{" + record.key
            assert record.headers == (("x", b"kept"), ("vigie.attempt", b"1"))


async def test_two_replays_at_once_send_nothing_twice(make_spine: Spines):
    spine = await make_spine().create()
    await lay(spine, 700)
    await asyncio.gather(replay(spine), replay(spine), return_exceptions=True)
    await replay(spine)
    async with spine.reader("articles.raw") as reader:
        await reader.until(lambda _: len(reader.records["articles.raw"]) >= 700, "all were replayed")
        await reader.rest()
        assert Counter(record.key for record in reader.records["articles.raw"]) == {b"%d" % number: 1 for number in range(700)}
