"""Load: short pages, published ahead of the workers by no more than a bound."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Self

import orjson
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

Make = Callable[[str, int], bytes]
_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
_SAID = ("Bravo Bamako !", "Merci Bamako.", "Non à Bamako.")
RULES = [{"id": f"rule-{number}", "name": f"Rule {number}", "query": "Bamako"} for number in range(8)]
COMMENTS = len(_SAID)
ALERTS = len(RULES) * (1 + COMMENTS)  # each rule fires in the article and in each comment


def page(url: str, number: int, **more: object) -> bytes:
    """A page of 0.4 kB with three comments; `number` becomes its time, in seconds from the beginning of 2026."""
    said = "".join(f'<div class="comment"><span class="author">Awa</span><p>{text}</p></div>' for text in _SAID)
    content = f'<article><p>Le ministre Lavrov est à Bamako.</p></article><div id="comments">{said}</div>'
    when = (_BEGIN + timedelta(seconds=number)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return orjson.dumps({"url": url, "content": content, "content_type": "text/html", "fetched_at": when, **more})


def number_at(when: str) -> int:
    """The number of the page with this time."""
    return int((datetime.fromisoformat(when) - _BEGIN).total_seconds())


def url_of(number: int, keys: int) -> str:
    return f"https://faults.example/{number % keys}"


class Load:
    """Publishes pages in a task of its own while `waiting()` is below `ahead`; `sent` counts what the broker has acknowledged.

    What is in doubt (a broker that died) is sent again: the truth is what lies in the topic, and the ledger reads that.
    """

    def __init__(
        self, bootstrap: str, topic: str, *, keys: int = 500, ahead: int = 1000, total: int = 1 << 40, make: Make = page
    ) -> None:
        self._bootstrap, self._topic, self._keys, self._ahead, self._total = bootstrap, topic, keys, ahead, total
        self.sent = 0
        self.make = make
        self.waiting: Callable[[], int] = lambda: 0

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._publish())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.end()

    async def end(self) -> None:
        """Publish no more; what is under way is waited for."""
        self._total = 0
        await asyncio.wait_for(self._task, 120)

    async def all_sent(self) -> None:
        """Wait until the total was published."""
        await self._task

    async def _publish(self) -> None:
        while self.sent < self._total:
            with contextlib.suppress(KafkaError, TimeoutError, OSError):
                async with AIOKafkaProducer(
                    bootstrap_servers=self._bootstrap, enable_idempotence=True, max_request_size=8 << 20
                ) as producer:
                    await self._publish_with(producer)
            await asyncio.sleep(0.2)

    async def _publish_with(self, producer: AIOKafkaProducer) -> None:
        while self.sent < self._total:
            if self.waiting() > self._ahead:
                await asyncio.sleep(0.02)
                continue
            batch = range(self.sent, min(self.sent + 100, self._total))
            await _delivered([await self._send(producer, number) for number in batch])
            self.sent += len(batch)

    async def _send(self, producer: AIOKafkaProducer, number: int) -> "asyncio.Future[object]":
        url = url_of(number, self._keys)
        return await producer.send(self._topic, self.make(url, number), key=url.encode())


async def _delivered(deliveries: Iterable["asyncio.Future[object]"]) -> None:
    """Wait for every delivery; the first failure is raised once none is under way."""
    for outcome in await asyncio.gather(*deliveries, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome
