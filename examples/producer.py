"""Publish a page to vigie, as any crawler may: JSON to articles.raw, keyed by the page's URL.

    python examples/producer.py 127.0.0.1:9092 articles.raw https://example.org/page page.html

The key puts every version of a page into one partition, in order. `acks="all"` and the wait for each delivery make sure that the
broker has a page before the crawler forgets it; a page sent twice comes out with the same ids.
"""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

import orjson
from aiokafka import AIOKafkaProducer

_BYTES = 6 * 1024 * 1024  # max.message.bytes of articles.raw, as `vigie topics create` makes it


def raw_article(url: str, html: str) -> bytes:
    """The raw event of a page; only `url` and `content` have to be there."""
    return orjson.dumps(
        {
            "url": url,
            "content": html,
            "content_type": "text/html",
            "fetched_at": datetime.now(UTC),
            "publisher": {"name": "Example", "domain": "example.org", "country": "ML"},
            "crawler": {"name": "producer.py", "version": "1"},
        }
    )


async def publish(broker: str, topic: str, url: str, html: str) -> None:
    """Publish one page and wait until the broker has it."""
    producer = AIOKafkaProducer(bootstrap_servers=broker, acks="all", enable_idempotence=True, max_request_size=_BYTES)
    async with producer:
        sent = await producer.send_and_wait(topic, raw_article(url, html), key=url.encode())
    print(f"{url} is at {sent.topic}/{sent.partition}/{sent.offset}")


if __name__ == "__main__":
    broker, topic, url, path = sys.argv[1:]
    asyncio.run(publish(broker, topic, url, Path(path).read_text("utf-8")))
