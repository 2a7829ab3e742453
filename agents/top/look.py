"""Looks at a running system: offsets, alerts and dead letters from Kafka, the rest from /metrics of the group's workers.

Workers are found by the group itself (agents/members.py).
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic, time
from typing import Any

import aiohttp
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from agents import kafka
from agents.acl import naming
from agents.members import address
from agents.metrics import values
from agents.settings import Settings
from agents.topics import Topic
from pipeline.codec import decode_alert
from pipeline.deadletters import REASON
from pipeline.errors import InvalidEvent
from pipeline.events import Alert

ALERTS = 8  # the newest ones that are kept
HOUR = 3600.0
_BACK = 500  # records of a partition that are read of what was there before the first look
_DRAIN_SECONDS = 1.0
_PAGE_SECONDS = 3.0
Values = Mapping[tuple[str, str], float]  # counters and gauges by name and label values


@dataclass(frozen=True)
class Worker:
    """A member of the group: where its web pages are (empty: it does not say), and what /metrics says (empty: no answer)."""

    url: str
    values: Values


@dataclass(frozen=True)
class Look:
    """What there was at one moment. Offsets of articles.raw by partition; alerts with their times, the newest first.

    `dead` are times and reasons of the dead letters of the last hour; `dead_cut` says that earlier ones of it were not read.
    """

    at: float  # monotonic seconds
    when: float  # seconds since 1970
    committed: Mapping[int, int]
    ends: Mapping[int, int]
    workers: tuple[Worker, ...]
    alerts: tuple[tuple[float, Alert], ...]
    dead: tuple[tuple[float, str], ...]
    dead_cut: bool

    @property
    def waiting(self) -> dict[int, int]:
        """Raw events that are not committed yet, by partition."""
        return {partition: max(0, end - self.committed[partition]) for partition, end in self.ends.items()}


class Observer:
    """Looks; made by `observing`."""

    def __init__(
        self, settings: Settings, admin: AIOKafkaAdminClient, consumer: AIOKafkaConsumer, session: aiohttp.ClientSession
    ) -> None:
        self._settings, self._admin, self._consumer, self._session = settings, admin, consumer, session
        self._alerts: deque[tuple[float, Alert]] = deque(maxlen=ALERTS)
        self._dead: deque[tuple[float, str]] = deque()
        self._cut = False

    async def begin(self) -> None:
        """Begin with the records of the last hour, or the last ones where these are many."""
        self._raw = await kafka.partitions(self._consumer, self._settings, self._settings.topic(Topic.RAW))
        followed = []
        for topic in (Topic.ALERTS, Topic.DEAD_LETTERS):
            followed += await kafka.partitions(self._consumer, self._settings, self._settings.topic(topic))
        self._consumer.assign(followed)
        firsts, ends = await self._consumer.beginning_offsets(followed), await self._consumer.end_offsets(followed)
        hour_ago = await self._consumer.offsets_for_times(dict.fromkeys(followed, int((time() - HOUR) * 1000)))
        for partition, end in ends.items():
            start = end - _BACK
            if partition.topic == self._settings.topic(Topic.DEAD_LETTERS):
                wanted = hour_ago[partition].offset if hour_ago[partition] else end
                self._cut |= wanted < start
                start = max(wanted, start)
            self._consumer.seek(partition, max(firsts[partition], start))

    async def look(self) -> Look:
        """Look once; aiokafka's errors, TimeoutError or OSError when Kafka does not answer."""
        async with asyncio.timeout(self._settings.kafka_timeout):
            await self._drain()
            ends = await self._consumer.end_offsets(self._raw)
            committed = await kafka.committed(self._admin, self._settings, self._settings.full_group)
            firsts = await self._consumer.beginning_offsets(self._raw)
            urls = await self._members()
        workers = await asyncio.gather(*map(self._worker, urls))
        return Look(
            at=monotonic(),
            when=time(),
            committed={each.partition: _offset(committed, each, firsts) for each in self._raw},
            ends={each.partition: end for each, end in ends.items()},
            workers=tuple(workers),
            alerts=tuple(sorted(self._alerts, key=lambda each: -each[0])),
            dead=tuple(self._dead),
            dead_cut=self._cut,
        )

    async def _drain(self) -> None:
        """Take the alerts and dead letters that have come since."""
        until = monotonic() + _DRAIN_SECONDS
        while (found := await self._consumer.getmany(timeout_ms=200)) and monotonic() < until:
            for partition, records in found.items():
                take = self._take_alert if partition.topic == self._settings.topic(Topic.ALERTS) else self._take_dead
                for record in records:
                    take(record)
        while self._dead and self._dead[0][0] < time() - HOUR:
            self._dead.popleft()

    def _take_alert(self, record: Any) -> None:
        try:
            found = (record.timestamp / 1000, decode_alert(record.value or b""))
        except InvalidEvent:
            return
        self._alerts = deque(sorted([*self._alerts, found], key=lambda each: each[0]), maxlen=ALERTS)

    def _take_dead(self, record: Any) -> None:
        reason = (dict(record.headers).get(REASON) or b"unknown").decode("utf-8", "replace")
        self._dead.append((record.timestamp / 1000, reason))

    async def _members(self) -> list[str]:
        """Addresses of the group's members."""
        group = self._settings.full_group
        with naming(self._settings, "Describe", group=group):
            answers = await kafka.patiently(lambda: self._admin.describe_consumer_groups([group]))
        members = [member for answer in answers for each in answer.groups for member in each[5]]
        return sorted(address(client, host) for _, client, host, *_ in members)

    async def _worker(self, url: str) -> Worker:
        if not url:
            return Worker(url, {})
        try:
            async with self._session.get(f"{url}/metrics") as answer:
                return Worker(url, values(await answer.text()))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            return Worker(url, {})


def _offset(committed: Mapping[TopicPartition, Any], partition: TopicPartition, firsts: Mapping[TopicPartition, int]) -> int:
    """The offset that comes next for the group: the one committed, or the first where none is (-1)."""
    return max(int(committed[partition].offset), firsts[partition]) if partition in committed else firsts[partition]


@asynccontextmanager
async def observing(settings: Settings) -> AsyncIterator[Observer]:
    """Open what looking takes; NoBroker, TopicsError or MissingRight say what is in the way."""
    timeout = aiohttp.ClientTimeout(total=_PAGE_SECONDS)
    async with (
        kafka.admin(settings) as admin,
        kafka.consumer(settings) as consumer,
        aiohttp.ClientSession(timeout=timeout) as session,
    ):
        observer = Observer(settings, admin, consumer, session)
        await observer.begin()
        yield observer
