"""Raw events to articles.raw, batch by batch."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from time import monotonic
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agents.settings import Settings

_BATCH_RECORDS = 500
_BATCH_BYTES = 16 << 20
_BATCH_SECONDS = 1.0
Event = tuple[bytes | None, bytes]


async def send(
    settings: "Settings",
    events: Iterable[Event],
    *,
    rate: float | None = None,
    live: bool = False,
    delivered: Callable[[int, list[int]], Any] = lambda _count, _refused: None,
) -> None:
    """Send events (key, value) to articles.raw, at most `rate` of them a second, and wait for each.

    TopicsError when the topic is missing.
    `live`: the next event may be long in coming, and what was read is sent meanwhile. `delivered` is told, batch by batch, how
    many events were answered, and which of these were too large.
    """
    from agents import kafka, topics

    name = settings.topic(topics.Topic.RAW)
    async with kafka.admin(settings) as admin:
        await topics.require(admin, settings, topics.Topic.RAW, "Write")
    begun = monotonic()
    async with kafka.producer(settings) as producer:
        batch = _Batch(producer, name)
        source: Iterator[Event | _End] = iter(events)
        while not isinstance(event := await _next(source, live=live), _End):
            if rate:
                await asyncio.sleep(begun + batch.sent / rate - monotonic())
            await batch.add(*event)
            if batch.full:
                await batch.delivered(delivered)
        await batch.delivered(delivered)


class _End:
    """Stands for the end of the events."""


async def _next(source: "Iterator[Event | _End]", *, live: bool) -> "Event | _End":
    """The next event; where it has to be waited for, in a thread, so that sending goes on."""
    return await asyncio.to_thread(next, source, _End()) if live else next(source, _End())


class _Batch:
    """Events under way to a topic."""

    def __init__(self, producer: Any, topic: str) -> None:
        self.sent = 0  # events, those of the batches before too
        self._producer, self._topic = producer, topic
        self._waiting: list[asyncio.Future[Any] | None] = []
        self._bytes = 0
        self._begun = monotonic()

    @property
    def full(self) -> bool:
        """Whether it is time to wait for the deliveries."""
        late = monotonic() - self._begun > _BATCH_SECONDS
        return len(self._waiting) >= _BATCH_RECORDS or self._bytes >= _BATCH_BYTES or late

    async def add(self, key: bytes | None, value: bytes) -> None:
        """Send an event."""
        from aiokafka.errors import MessageSizeTooLargeError

        try:
            self._waiting.append(await self._producer.send(self._topic, value, key=key))
        except MessageSizeTooLargeError:
            self._waiting.append(None)
        self._bytes += len(value)
        self.sent += 1

    async def delivered(self, tell: Callable[[int, list[int]], Any]) -> None:
        """Wait for deliveries, and tell how many there were and which of them were refused as too large; raises any other error."""
        from aiokafka.errors import MessageSizeTooLargeError

        pending = [outcome for outcome in self._waiting if outcome is not None]
        outcomes = iter(await asyncio.gather(*pending, return_exceptions=True))
        refused = []
        for number, each in enumerate(self._waiting):
            outcome = MessageSizeTooLargeError() if each is None else next(outcomes)
            if isinstance(outcome, MessageSizeTooLargeError):
                refused.append(number)
            elif isinstance(outcome, BaseException):
                raise outcome
        count = len(self._waiting)
        self._bytes, self._begun = 0, monotonic()
        self._waiting.clear()
        tell(count, refused)
