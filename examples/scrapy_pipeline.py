"""A Scrapy item pipeline that publishes pages to vigie. In the project's settings.py:

    ITEM_PIPELINES = {"scrapy_pipeline.VigiePipeline": 900}
    VIGIE_BROKER = "127.0.0.1:9092"     # the default
    VIGIE_TOPIC = "articles.raw"        # the default

and in the spider:

    yield {"url": response.url, "content": response.text, "content_type": "text/html", "headline": response.css("h1::text").get()}

Items keep the names of vigie's raw article (docs/crawlers.md); the pipeline adds the time and the crawler. An item is passed on
only once the broker has it. It needs Scrapy's asyncio reactor, which is the default since Scrapy 2.13.
"""

from datetime import UTC, datetime
from typing import Self

import orjson
import scrapy
from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError
from itemadapter import ItemAdapter
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

_BYTES = 6 * 1024 * 1024  # max.message.bytes of articles.raw, as `vigie topics create` makes it


class VigiePipeline:
    """Sends each item as a raw event, keyed by its URL."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._topic = crawler.settings.get("VIGIE_TOPIC", "articles.raw")
        self._broker = crawler.settings.get("VIGIE_BROKER", "127.0.0.1:9092")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Made by Scrapy, for each spider."""
        return cls(crawler)

    async def open_spider(self) -> None:
        """Connect; the spider does not start where there is no broker."""
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self._broker, acks="all", enable_idempotence=True, max_request_size=_BYTES, linger_ms=20
        )
        await self._producer.start()

    async def process_item(self, item: object) -> object:
        """Publish an item, and pass it on; one that vigie could not use is dropped, with the reason in Scrapy's log and stats."""
        event = {
            "fetched_at": datetime.now(UTC),
            "crawler": {"name": self._crawler.spider.name if self._crawler.spider else None, "version": scrapy.__version__},
            **ItemAdapter(item).asdict(),
        }
        for name in ("url", "content"):
            if not event.get(name):
                raise DropItem(f"no {name}")
        try:
            await self._producer.send_and_wait(self._topic, orjson.dumps(event), key=event["url"].encode())
        except MessageSizeTooLargeError:
            raise DropItem(f"{event['url']} is larger than {_BYTES} bytes") from None
        return item

    async def close_spider(self) -> None:
        """Send what is under way."""
        await self._producer.stop()
