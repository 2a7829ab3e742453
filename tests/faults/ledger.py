"""The independent reader: what a read_committed consumer finds in the topics, weighed against what lies in articles.raw.

No code of vigie is used here. A raw event is known by its URL and its `fetched_at`; an article carries both, comments and alerts
carry the URL and, as `ce_time`, the same time; a dead letter names the place of the raw event.
"""

import asyncio
import contextlib
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Self

import orjson
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError, UnknownTopicOrPartitionError

RAW, ARTICLES, COMMENTS, ALERTS, DEAD = "articles.raw", "articles.enriched", "comments.enriched", "alerts", "articles.dead-letter"
TOPICS = (RAW, ARTICLES, COMMENTS, ALERTS, DEAD)
Identity = tuple[str, str]


@dataclass(slots=True)
class Account:
    """What was read of one raw event."""

    raw: int = 0
    articles: int = 0
    wanted: int = 0  # comments that the article says it has
    reasons: list[str] = field(default_factory=list)
    comments: Counter[int] = field(default_factory=Counter)  # by position
    alerts: Counter[str] = field(default_factory=Counter)  # by id

    @property
    def ended(self) -> int:
        """How often the event became its outputs, or a dead letter."""
        return self.articles + len(self.reasons)


class Ledger:
    """Reads all topics of a prefix from their beginning, in a task of its own; `faults()` weighs what was read.

    `alerts` is how many alerts each article (with its comments) raises; None when that is not weighed.
    """

    def __init__(self, bootstrap: str, prefix: str, alerts: int | None = None) -> None:
        self._bootstrap, self._prefix, self._alerts = bootstrap, prefix, alerts
        self.accounts: defaultdict[Identity, Account] = defaultdict(Account)
        self.counts: Counter[str] = Counter()
        self.reordered: list[str] = []
        self.pace: deque[tuple[float, int]] = deque()  # (when, events ended by then)
        self.ended = 0
        self._at: dict[tuple[int, int], Identity] = {}
        self._early: list[Any] = []  # dead letters that were read before their raw events
        self._last: dict[tuple[str, str], str] = {}

    async def __aenter__(self) -> Self:
        for pause in (0.5, 1.0, 2.0, 4.0, 8.0, None):
            if await self._started():
                break
            assert pause, "the topics do not become known"
            await asyncio.sleep(pause)
        self._task = asyncio.create_task(self._read())
        return self

    async def _started(self) -> bool:
        """Start the consumer; False where a node of a cluster has not heard of the topics yet."""
        self._consumer = AIOKafkaConsumer(
            *(self._prefix + topic for topic in TOPICS),
            bootstrap_servers=self._bootstrap, isolation_level="read_committed", auto_offset_reset="earliest",
            enable_auto_commit=False, max_partition_fetch_bytes=32 << 20, metadata_max_age_ms=3000,
        )  # fmt: skip
        try:
            await self._consumer.start()
        except UnknownTopicOrPartitionError:
            await self._consumer.stop()
            return False
        return True

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        with contextlib.suppress(KafkaError, TimeoutError, OSError):
            await asyncio.wait_for(self._consumer.stop(), 10)

    async def _read(self) -> None:
        while True:
            found = await self._consumer.getmany(timeout_ms=200, max_records=2000)
            for partition, records in found.items():
                topic = partition.topic.removeprefix(self._prefix)
                self.counts[topic] += len(records)
                for record in records:
                    self._take(topic, record)
            self.pace.append((time.monotonic(), self.ended))
            await asyncio.sleep(0)

    # --- one record ------------------------------------------------------------------------------------------------

    def _take(self, topic: str, record: Any) -> None:
        if topic == RAW:
            identity = _identity(record)
            self.accounts[identity].raw += 1
            self._at[record.partition, record.offset] = identity
            return
        if topic == DEAD:
            self._dead(record)
            return
        event = orjson.loads(record.value)
        when = dict(record.headers)["ce_time"].decode()
        if topic == ARTICLES:
            account = self.accounts[event["url"], event["fetched_at"]]
            account.articles += 1
            account.wanted = event["comment_count"]
            self.ended += 1
        elif topic == COMMENTS:
            self.accounts[event["article_url"], when].comments[event["position"]] += 1
        else:
            self.accounts[event["article_url"], when].alerts[event["id"]] += 1
        key = topic, record.key.decode()
        if when < self._last.get(key, ""):
            self.reordered.append(f"{topic} {event['id']} at {when}, after {self._last[key]}")
        self._last[key] = when

    def _dead(self, record: Any) -> None:
        headers = dict(record.headers)
        place = int(headers["__connect.errors.partition"]), int(headers["__connect.errors.offset"])
        if place in self._at:
            self.accounts[self._at[place]].reasons.append(headers["vigie.reason"].decode())
            self.ended += 1
        else:
            self._early.append(record)

    # --- the whole -------------------------------------------------------------------------------------------------

    async def until(self, holds: Callable[[], Any], what: str, seconds: float = 600) -> Any:
        """Wait until a condition holds; answers its value."""
        deadline = time.monotonic() + seconds
        while not (found := holds()):
            if self._task.done():
                self._task.result()
            assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}; read so far: {dict(self.counts)}"
            await asyncio.sleep(0.05)
        return found

    async def complete(self, events: int, seconds: float = 300) -> None:
        """Wait until `events` raw events have ended, and all topics were read to the end that they have then."""
        await self.until(lambda: self.ended >= events and self.counts[RAW] >= events, f"{events} events have ended", seconds)
        await asyncio.sleep(1.0)  # what is doubled would come now
        deadline = time.monotonic() + seconds
        while not await self._at_the_end():
            assert time.monotonic() < deadline, "the topics were not read to their ends"
            await asyncio.sleep(0.2)
        early, self._early = self._early, []
        for record in early:
            self._dead(record)

    async def _at_the_end(self) -> bool:
        try:
            ends = await self._consumer.end_offsets(self._consumer.assignment())
            return all([await self._consumer.position(partition) >= end for partition, end in ends.items()])
        except (KafkaError, TimeoutError, OSError):
            return False

    def faults(self) -> dict[str, list[str]]:
        """What exactly-once forbids, by kind; empty lists when nothing is wrong."""
        wrong: dict[str, list[str]] = {"lost": [], "duplicated": [], "torn": [], "reordered": self.reordered}
        wrong["strange"] = list(map(str, self._early))
        for identity, account in self.accounts.items():
            for kind in self._wrong(account):
                wrong[kind].append(f"{identity}: {account}")
        return wrong

    def _wrong(self, account: Account) -> Iterable[str]:
        if not account.raw:
            yield "strange"
            return
        if account.ended < account.raw:
            yield "lost"
        if account.ended > account.raw:
            yield "duplicated"
        if any(count > account.articles for count in (*account.comments.values(), *account.alerts.values())):
            yield "duplicated"
        positions = Counter(dict.fromkeys(range(account.wanted), account.articles)) if account.articles else Counter()
        raised = sum(account.alerts.values())
        if account.comments != positions or (self._alerts is not None and raised != self._alerts * account.articles):
            yield "torn"


def _identity(record: Any) -> Identity:
    """URL and time of a raw event; its place, when it holds no such thing."""
    try:
        event = orjson.loads(record.value or b"")
        return event["url"], event["fetched_at"]
    except (ValueError, TypeError, KeyError):
        return f"{record.partition}:{record.offset}", ""
