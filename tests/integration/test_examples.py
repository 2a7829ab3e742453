"""The examples, as they stand in examples/, between real servers: Scrapy, Kafka, a worker, PostgreSQL, Alertmanager."""

import signal
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson
import psycopg
import pytest

from agents.broker.processes import free_port
from pipeline.codec import decode_article, decode_raw, encode, headers_out
from tests.fixtures.kafka import Spines
from tests.fixtures.notify import NOTIFY, Alertmanagers
from tests.fixtures.reader import until
from tests.fixtures.spine import Spine, page
from tests.fixtures.worker import Worker
from tools.debian_servers import Servers

pytestmark = pytest.mark.broker

EXAMPLES = Path(__file__).parents[2] / "examples"
SPIDER = """
import scrapy

class Pages(scrapy.Spider):
    name = "pages"

    async def start(self):
        for number in range(3):
            yield scrapy.Request(f"{self.site}/{number}.html")

    def parse(self, response):
        item = {"url": response.url, "content": response.text, "content_type": "text/html"}
        item["headline"] = response.css("h1::text").get()
        yield item
        yield item | {"content": ""}
"""


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder without a word."""

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site with three pages, each of an article and two comments."""
    folder = tmp_path_factory.mktemp("site")
    for number in range(3):
        (folder / f"{number}.html").write_text(orjson.loads(page("https://a.example/"))["content"], "utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
async def spine(make_spine: Spines) -> Spine:
    """Topics with a rule and a worker at work."""
    spine = await make_spine(VIGIE_NOTIFY_INTERVAL="1").create()
    rule = {"id": "bamako", "name": "Bamako", "query": "Bamako", "severity": "warning"}
    await spine.send_records([(b"bamako", orjson.dumps(rule), ())], to="watch-rules")
    spine.worker()
    return spine


def start(spine: Spine, example: str, *arguments: str) -> Worker:
    return spine.worker(command=(str(EXAMPLES / example), *arguments))


def crawl(spine: Spine, site: str, folder: Path) -> Worker:
    (folder / "spider.py").write_text(SPIDER)
    settings = {"ITEM_PIPELINES": '{"scrapy_pipeline.VigiePipeline": 900}', "VIGIE_BROKER": spine.bootstrap}
    settings |= {"VIGIE_TOPIC": spine.topic("articles.raw"), "TELNETCONSOLE_ENABLED": "false"}
    words = [word for name, value in settings.items() for word in ("-s", f"{name}={value}")]
    command = ("-m", "scrapy", "runspider", str(folder / "spider.py"), "-a", f"site={site}", *words)
    return spine.worker(command=command, PYTHONPATH=str(EXAMPLES))


async def test_pages_by_scrapy_and_by_a_producer(spine: Spine, site: str, tmp_path: Path):
    (tmp_path / "page.html").write_text(orjson.loads(page("https://a.example/"))["content"], "utf-8")
    url = "https://a.example/by-hand"
    produced = start(spine, "producer.py", spine.bootstrap, spine.topic("articles.raw"), url, str(tmp_path / "page.html"))
    crawled = crawl(spine, site, tmp_path)
    assert (await produced.ended(60), await crawled.ended(90)) == (0, 0), produced.said + crawled.said
    assert f"{url} is at {spine.topic('articles.raw')}/" in produced.said
    assert "'item_scraped_count': 3" in crawled.said
    assert crawled.said.count("Dropped: no content") == 3
    async with spine.reader("articles.raw", "articles.enriched") as reader:
        await reader.until(lambda _: len(reader.records["articles.enriched"]) == 4, "every page is enriched")
        found = {record.key.decode(): decode_raw(record.value) for record in reader.records["articles.raw"]}
    assert found.keys() == {url, *(f"{site}/{number}.html" for number in range(3))}
    assert all(each.fetched_at and each.url == key for key, each in found.items())
    one = found[f"{site}/0.html"]
    assert (one.headline, one.crawler.name, one.content_type) == ("Visite", "pages", "text/html")


def query(url: str, text: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as database:
        return database.execute(text).fetchall()


def count(url: str, table: str) -> int:
    try:
        return query(url, f"SELECT count(*) FROM {table}")[0][0]  # noqa: S608 - a name of our own
    except psycopg.errors.UndefinedTable:
        return 0


async def test_an_archive_in_postgresql(spine: Spine, postgres: str):
    """After the test above. Killed and started again, pages that come again, newer, older, and with a NUL in them."""
    archive = start(spine, "archive_postgres.py", spine.bootstrap, postgres, spine.prefix)
    await until(lambda: [count(postgres, each) for each in ("articles", "comments", "alerts")] == [4, 8, 4], "all is archived", 60)
    rows = query(postgres, "SELECT url, headline, language, event->>'body' FROM articles ORDER BY url")
    assert {row[1:3] for row in rows} == {("Visite", "fr")}
    assert all("Lavrov" in row[3] for row in rows)
    assert query(postgres, "SELECT DISTINCT author FROM comments ORDER BY 1") == [("Lecteur 0",), ("Lecteur 1",)]
    assert query(postgres, "SELECT DISTINCT rule, severity FROM alerts") == [("bamako", "warning")]
    assert query(postgres, "SELECT count(*) FROM comments JOIN articles ON article_id = articles.id") == [(8,)]

    archive.kill()
    await again(spine, rows[0][0], "2030-01-01T00:00:00Z", headline="Une autre", author="Nul\0")
    await again(spine, rows[1][0], "2020-01-01T00:00:00Z", headline="D'autrefois")
    archive = start(spine, "archive_postgres.py", spine.bootstrap, postgres, spine.prefix)
    newer = f"SELECT headline, event->>'author' FROM articles WHERE url = '{rows[0][0]}'"  # noqa: S608 - an address of our own
    await until(lambda: query(postgres, newer) == [("Une autre", "Nul\ufffd")], "the newer version", 60)
    assert [count(postgres, each) for each in ("articles", "comments", "alerts")] == [4, 8, 4]
    assert query(postgres, "SELECT count(*) FROM articles WHERE headline = 'D''autrefois'") == [(0,)]
    archive.process.send_signal(signal.SIGTERM)
    assert await archive.ended() == 0, archive.said


async def again(spine: Spine, url: str, when: str, **fields: str) -> None:
    """Write the article of a page as a worker would that has it again."""
    async with spine.reader("articles.enriched") as reader:
        await reader.until(lambda _: len(reader.records["articles.enriched"]) >= 4, "the articles")
        value = next(each.value for each in reader.records["articles.enriched"] if orjson.loads(each.value)["url"] == url)
    article = decode_article(orjson.dumps(orjson.loads(value) | fields | {"fetched_at": when}))
    headers = headers_out(article, event_time=datetime.fromisoformat(when).astimezone(UTC), source="vigie")
    await spine.send_records([(article.id.encode(), encode(article), headers)], to="articles.enriched")


async def test_alerts_at_a_webhook(spine: Spine, programs: Servers, tmp_path: Path):
    """After the first test. From the topic through `vigie notify` and Alertmanager, each alert is told once."""
    port, alertmanager = free_port(), free_port()
    receiver = start(spine, "webhook.py", str(port))
    started = Alertmanagers(programs, tmp_path, SimpleNamespace(url=f"http://127.0.0.1:{port}/"))
    try:
        started(alertmanager)
        notifier = spine.worker(command=NOTIFY, VIGIE_ALERTMANAGER=f"http://127.0.0.1:{alertmanager}")
        await until(lambda: len(receiver.said.splitlines()) >= 4, "every alert is told", 60)
        late = page("https://a.example/late")
        await spine.send(late)
        await until(lambda: len(receiver.said.splitlines()) >= 5, "the alert on another page", 60)
        told = [orjson.loads(line) for line in receiver.said.splitlines()]
        assert {(each["rule"], each["severity"]) for each in told} == {("bamako", "warning")}
        assert len({each["url"] for each in told}) == len(told) == 5, "no alert is told twice"
        assert await notifier.stop() == 0
    finally:
        started.close()
        receiver.kill()
