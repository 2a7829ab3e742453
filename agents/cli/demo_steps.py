"""What `vigie demo` does, step by step."""

import asyncio
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agents import examples as material
from agents import kafka, topics
from agents.broker import BrokerError, LocalBroker, default_home
from agents.broker.processes import free_port
from agents.cli import rules, show
from agents.cli.context import console, fail
from agents.cli.send import send
from agents.dead_letters import DeadLetter
from agents.dead_letters import read as read_dead_letters
from agents.metrics import counters
from agents.settings import Settings
from agents.topics import Topic
from pipeline.codec import decode_alert, decode_article, decode_comment, encode, rules_from_toml
from pipeline.events import Alert, Article, Comment

_READY_SECONDS = 60.0
_ARRIVE_SECONDS = 60.0
_STOP_SECONDS = 15.0
_BODY_CHARS = 900
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # our own addresses, whatever proxy is set


class DemoFailed(Exception):
    """Something did not arrive as it should; the message says what."""


def run(settings: Settings, *, full: bool) -> None:
    """Run the demo; exits 1 with the cause when anything did not arrive."""
    out = console()
    begun = time.monotonic()
    try:
        with ExitStack() as stack:
            settings = stack.enter_context(_kafka(settings, out))
            _steps(settings, out, None if full else _BODY_CHARS)
    except (DemoFailed, BrokerError, kafka.NoBroker, topics.TopicsError) as error:
        fail(f"the demo failed: {error}")
    out.print(Text.assemble(("Everything arrived.", "bold green"), f" {time.monotonic() - begun:.0f} s from start to stop."))


def _say(out: Console, step: int, words: str) -> None:
    out.print(Text.assemble((f"{step}. ", "bold"), words))


@contextmanager
def _kafka(settings: Settings, out: Console) -> Iterator[Settings]:
    """Start a Kafka of the demo's own; under VIGIE_BROKER use that one, with topics of the demo's own, deleted at the end."""
    if "VIGIE_BROKER" in os.environ:
        settings = replace(settings, prefix=f"{settings.prefix}demo-{secrets.token_hex(4)}.")
        _say(out, 1, f"Kafka: the one at {settings.broker} (VIGIE_BROKER), topics {settings.prefix}*")
        try:
            yield settings
        finally:
            asyncio.run(_delete_topics(settings))
        return
    with tempfile.TemporaryDirectory(prefix="vigie-demo-") as data:
        broker = LocalBroker(default_home(os.environ), free_port(), Path(data) / "kafka")
        with out.status("starting Kafka (its jars are fetched the first time) ..."):
            broker.start()
        try:
            _say(out, 1, f"Kafka {broker.status().version} runs on {broker.bootstrap}")
            yield replace(settings, broker=broker.bootstrap, prefix="")
        finally:
            broker.stop()


def _steps(settings: Settings, out: Console, most: int | None) -> None:
    created = asyncio.run(_create_topics(settings))
    _say(out, 2, f"Topics: {', '.join(created)}")
    with _worker(settings) as (url, log):
        _say(out, 3, f"Worker: {url} (/metrics, /health/ready)")
        watch = rules_from_toml(material.RULES.read_text(encoding="utf-8"))
        asyncio.run(rules.write(settings, [(rule.id.encode(), encode(rule)) for rule in watch]))
        before = _scrape(url)
        pages = material.pages()
        asyncio.run(send(settings, [*pages, *((None, value) for value in material.BAD)]))
        _say(out, 4, f"Published {len(pages)} pages and {len(material.BAD)} bad events; one watch rule is in force")
        with out.status("waiting for the enriched events ..."):
            arrived = asyncio.run(_arrivals(settings, len(pages), len(material.BAD), log))
        moved = _moved(before, _scrape(url))
        _show(arrived, moved, out, most)
        _check(arrived, moved)


async def _create_topics(settings: Settings) -> dict[str, str]:
    async with kafka.admin(settings) as admin:
        return await topics.create(admin, settings)


async def _delete_topics(settings: Settings) -> None:
    async with kafka.admin(settings) as admin:
        await admin.delete_topics([settings.topic(topic) for topic in Topic])


# --- the worker ----------------------------------------------------------------------------------------------------


@contextmanager
def _worker(settings: Settings) -> Iterator[tuple[str, Path]]:
    """Run `vigie worker` as a process of its own until the block ends; it must become ready, and end with exit code 0."""
    port = free_port()
    environ = os.environ | {
        "VIGIE_BROKER": settings.broker, "VIGIE_PREFIX": settings.prefix, "VIGIE_LOG_FORMAT": "json",
        "VIGIE_WEB_PORT": str(port), "VIGIE_WEB_BIND": "127.0.0.1",
    }  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="vigie-demo-") as folder:
        log = Path(folder) / "worker.log"
        with log.open("wb") as sink:
            process = subprocess.Popen([sys.executable, "-m", "agents", "worker"], env=environ, stdout=sink, stderr=sink)
        try:
            _wait_ready(process, url, log)
            yield url, log
            process.send_signal(signal.SIGTERM)
            if process.wait(_STOP_SECONDS) != 0:
                raise DemoFailed(f"the worker ended with exit code {process.returncode}; its last lines:\n{_last_lines(log)}")
        except subprocess.TimeoutExpired:
            raise DemoFailed(f"the worker did not stop within {_STOP_SECONDS:g} s of SIGTERM") from None
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def _wait_ready(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise DemoFailed(f"the worker ended at once; its last lines:\n{_last_lines(log)}")
        try:
            with _direct.open(f"{url}/health/ready", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise DemoFailed(f"the worker was not ready within {_READY_SECONDS:g} s; its last lines:\n{_last_lines(log)}")


def _last_lines(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])


# --- what came out -------------------------------------------------------------------------------------------------


class Arrived:
    """Everything that the demo's events became."""

    def __init__(self) -> None:
        self.articles: list[Article] = []
        self.comments: dict[str, list[Comment]] = {}
        self.alerts: list[Alert] = []
        self.dead_letters: list[DeadLetter] = []

    def complete(self, pages: int, bad: int) -> bool:
        """Whether each page gave its article with all of its comments, and each bad event its dead letter."""
        whole = all(len(self.comments.get(each.id, ())) == each.comment_count for each in self.articles)
        return len(self.articles) == pages and whole and len(self.dead_letters) == bad


async def _arrivals(settings: Settings, pages: int, bad: int, log: Path) -> Arrived:
    """Read the outputs as any consumer would, until they are complete."""
    deadline = time.monotonic() + _ARRIVE_SECONDS
    while True:
        arrived = Arrived()
        arrived.articles = [decode_article(value) for value in await _values(settings, Topic.ARTICLES)]
        for comment in [decode_comment(value) for value in await _values(settings, Topic.COMMENTS)]:
            arrived.comments.setdefault(comment.article_id, []).append(comment)
        arrived.alerts = [decode_alert(value) for value in await _values(settings, Topic.ALERTS)]
        arrived.dead_letters = await read_dead_letters(settings)
        if arrived.complete(pages, bad):
            return arrived
        if time.monotonic() > deadline:
            raise DemoFailed(
                f"{len(arrived.articles)} of {pages} articles and {len(arrived.dead_letters)} of {bad} dead letters arrived within "
                f"{_ARRIVE_SECONDS:g} s; the worker's last lines:\n{_last_lines(log)}"
            )
        await asyncio.sleep(0.3)


async def _values(settings: Settings, topic: Topic) -> list[bytes]:
    async with kafka.consumer(settings) as consumer:
        return [record.value async for record in kafka.records(consumer, settings, settings.topic(topic))]


def _scrape(url: str) -> dict[tuple[str, str], float]:
    """Values of the worker's counters by name and labels."""
    with _direct.open(f"{url}/metrics", timeout=5) as answer:
        return counters(answer.read().decode())


def _moved(before: dict[Any, float], after: dict[Any, float]) -> dict[tuple[str, str], float]:
    return {name: value - before.get(name, 0.0) for name, value in after.items() if value != before.get(name, 0.0)}


def _show(arrived: Arrived, moved: dict[tuple[str, str], float], out: Console, most: int | None) -> None:
    _say(out, 5, "What came out\n")
    out.print(show.legend(), "")
    order = [orjson.loads(value)["url"] for _, value in material.pages()]
    for article in sorted(arrived.articles, key=lambda each: order.index(each.url)):
        alerts = [each for each in arrived.alerts if each.article_id == article.id]
        show.page(out, article, arrived.comments.get(article.id, ()), alerts, most=most)
    table = Table("reason", "message", "original event", title="dead letters", title_justify="left", box=None)
    for letter in arrived.dead_letters:
        table.add_row(letter.reason, letter.message, show.printable((letter.value or b"").decode("utf-8", "backslashreplace")[:60]))
    out.print(table, "")
    metrics = Table("metric", "labels", "moved by", title="metrics that moved", title_justify="left", box=None)
    for (name, labels), value in sorted(moved.items()):
        metrics.add_row(name, labels, f"{value:,.0f}")
    out.print(metrics, "")


def _check(arrived: Arrived, moved: dict[tuple[str, str], float]) -> None:
    """Fail when anything is not as a reader must find it."""
    wanted = {rule["id"] for rule in tomllib.loads(material.RULES.read_text(encoding="utf-8"))["rules"]}
    fired = [each.rule.id for each in arrived.alerts]
    if sorted(fired) != sorted(wanted):
        raise DemoFailed(f"one alert of {', '.join(wanted)} was to arrive, {len(fired)} did")
    counted = moved.get(("vigie_emitted_events_total", Topic.ARTICLES.value), 0)
    if counted != len(arrived.articles):
        raise DemoFailed(f"the metrics count {counted:.0f} articles, {len(arrived.articles)} arrived")
