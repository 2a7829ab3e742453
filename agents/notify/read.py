"""Reading the topic alerts: everything that may still be live, then what comes.

Nothing is committed: the topic is what a start rebuilds the live alerts from. After any failure, and when partitions are added, it
is read again from there; what was read before changes nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from time import monotonic, time
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from agents import kafka
from agents.acl import MissingRight
from agents.log import get_logger
from agents.metrics.notifier import NotifierMetrics, Taken
from agents.settings import Settings
from agents.topics import Topic, TopicsError
from pipeline import timestamps
from pipeline.codec import decode_alert
from pipeline.errors import InvalidEvent
from pipeline.events import Alert

_FETCH_MS = 500
_ASK_SECONDS = 5.0  # between two looks at the ends of the partitions
_BACKOFF_SECONDS = 2.0
log = get_logger(__name__)
Take = Callable[[Alert, float, datetime | None], Taken]  # the alert, when its record was written, its ce_time


class _PartitionsChanged(Exception):
    """The topic has other partitions than those that are read."""


class Reader:
    """Hands the topic's alerts to `take`. `caught_up` tells whether it was read to its end since the last failure."""

    def __init__(self, settings: Settings, metrics: NotifierMetrics, take: Take) -> None:
        self.caught_up = False
        self._settings, self._metrics, self._take = settings, metrics, take
        self._topic = settings.topic(Topic.ALERTS)
        self._asked = 0.0

    async def run(self) -> None:
        """Read until cancelled."""
        while True:
            try:
                async with kafka.consumer(self._settings, max_partition_fetch_bytes=4 * 1024 * 1024) as consumer:
                    await self._read(consumer)
            except _PartitionsChanged:
                log.info("alerts.partitions_changed", topic=self._topic)
            except (kafka.NoBroker, KafkaError, TopicsError, MissingRight, TimeoutError, OSError) as error:
                log.warning("alerts.unread", topic=self._topic, error=f"{type(error).__name__}: {error}")
                self.caught_up = False
                await asyncio.sleep(_BACKOFF_SECONDS)

    async def _read(self, consumer: AIOKafkaConsumer) -> None:
        partitions = await self._bounded(kafka.partitions(consumer, self._settings, self._topic))
        consumer.assign(partitions)
        await self._seek(consumer, partitions)
        self._asked = 0.0
        while True:
            for records in (await consumer.getmany(timeout_ms=_FETCH_MS)).values():
                for record in records:
                    self._one(record)
            if monotonic() - self._asked > (_ASK_SECONDS if self.caught_up else 0.0):
                await self._look(consumer, partitions)
                self._asked = monotonic()

    async def _seek(self, consumer: AIOKafkaConsumer, partitions: list[TopicPartition]) -> None:
        """Start at the first records that may be live: those written within VIGIE_ALERT_TTL."""
        since = int((time() - self._settings.alert_ttl) * 1000)
        found = await self._bounded(consumer.offsets_for_times(dict.fromkeys(partitions, since)))
        ends = await self._bounded(consumer.end_offsets(partitions))
        for partition in partitions:
            consumer.seek(partition, found[partition].offset if found[partition] else ends[partition])

    async def _look(self, consumer: AIOKafkaConsumer, partitions: list[TopicPartition]) -> None:
        """Count what is not read yet, which also shows that the broker answers."""
        if await self._bounded(kafka.partitions(consumer, self._settings, self._topic)) != partitions:
            raise _PartitionsChanged
        waiting = 0
        for partition, end in (await self._bounded(consumer.end_offsets(partitions))).items():
            lag = max(0, end - await consumer.position(partition))
            self._metrics.lag.labels(str(partition.partition)).set(lag)
            waiting += lag
        if not waiting and not self.caught_up:
            log.info("alerts.read", topic=self._topic)
            self.caught_up = True

    async def _bounded(self, answer: Awaitable[Any]) -> Any:
        async with asyncio.timeout(self._settings.kafka_timeout):
            return await answer

    def _one(self, record: Any) -> None:
        try:
            alert = decode_alert(record.value or b"")
        except InvalidEvent as error:
            taken = Taken.REFUSED
            log.warning("alert.unreadable", partition=record.partition, offset=record.offset, error=error.message)
        else:
            taken = self._take(alert, record.timestamp / 1000, _came_in(record))
        self._metrics.read.of(taken).inc()


def _came_in(record: Any) -> datetime | None:
    """The record's ce_time; None where it has none that can be read."""
    value = dict(record.headers).get("ce_time") or b""
    try:
        return timestamps.parse(value.decode())
    except ValueError:
        return None
