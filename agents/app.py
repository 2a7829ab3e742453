"""The one place where a worker is wired: settings and a registry in, a Faust app out."""

import asyncio
import logging
import os
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from platform import python_version
from typing import TYPE_CHECKING, Any

import faust
from faust.auth import SASLCredentials, SSLCredentials
from faust.tables import TableManager
from faust.types.auth import CredentialsT

from agents import connection, log, rules, watch_files, web
from agents.broker.processes import free_port
from agents.enrich import Enricher
from agents.file_watcher import FileWatcher
from agents.fork import spare_collections
from agents.members import client_id
from agents.metrics import CollectorRegistry, Metrics
from agents.pool import Pool, resident_memory
from agents.rules import RuleBook
from agents.settings import Settings
from agents.source import Source
from agents.topics import Topic
from agents.watch_files import Watched
from pipeline.events import WatchRule

if TYPE_CHECKING:
    from pipeline.entities.watch_list import WatchList

_NEVER = 10**9
_STOP_GRACE_SECONDS = 1.5
_mundane = logging.getLogger("faust.vigie")
logger = log.get_logger(__name__)


@dataclass(frozen=True)
class Parts:
    """What an app is made of."""

    settings: Settings
    metrics: Metrics
    pool: Pool
    book: RuleBook
    source: Source
    rules_watcher: FileWatcher[tuple[WatchRule, ...]] | None
    names_watcher: FileWatcher["WatchList"] | None


class NoTables(TableManager):
    """Faust's tables, of which there are none: its own manager waits a second at start for some to be declared."""

    async def on_start(self) -> None:
        """As inherited, without the wait."""
        await self._update_channels()
        await self.recovery.start()


class VigieApp(faust.App):
    """A Faust app that starts the pool and the source with itself, and drains the source before its agents stop."""

    parts: Parts
    logger = _mundane

    async def on_first_start(self) -> None:
        """Make no folders: nothing is kept outside Kafka, so that the file system may be read-only."""

    async def on_started(self) -> None:
        """Start the processes and read the rules, join the group, then say where the web pages are."""
        parts = self.parts
        reading = asyncio.ensure_future(self._read_rules())
        try:
            await parts.pool.start()
            if parts.names_watcher:  # before any page is fetched
                await self.on_init_extra_service(parts.names_watcher)
            await reading
        finally:
            reading.cancel()
        await self.on_init_extra_service(parts.source)
        spare_collections()
        logger.info("web.listening", url=f"http://{self.conf.web_bind}:{self.conf.web_port}", pid=os.getpid())
        await super().on_started()

    async def _read_rules(self) -> None:
        """Have the rules there are before any page is fetched."""
        if self.parts.rules_watcher:
            await self.on_init_extra_service(self.parts.rules_watcher)
        else:
            await rules.read(self.parts.settings, self.parts.book)

    async def on_stop(self) -> None:
        """Finish the batches in hand and commit them while the agents still run."""
        logger.info("worker.stopping")
        self._end_at_last()
        await self.parts.source.drain()
        await super().on_stop()
        await self.parts.pool.stop()
        self.parts.book.close()
        logger.info("worker.stopped")

    def _end_at_last(self) -> None:
        """End the process soon after `stop_timeout`, however far the stop has come: what was not committed then never will be.

        Without a broker, clients and Faust itself would wait for it for ever.
        """

        def end() -> None:
            logger.warning("worker.ended", reason="the stop took longer than VIGIE_STOP_TIMEOUT")
            os._exit(1 if self.crash_reason else 0)

        timer = threading.Timer(self.parts.settings.stop_timeout + _STOP_GRACE_SECONDS, end)
        timer.daemon = True
        timer.start()


def create_app(
    settings: Settings,
    registry: CollectorRegistry,
    *,
    start_from: datetime | None = None,
    watched: Watched | None = None,
    checked: bool = False,
) -> VigieApp:
    """Wire a worker. `start_from` is where a group without offsets starts; without it at the earliest event.

    `watched` is what somebody has read of the files of rules and names already, `checked` whether the topics and rights are known
    to be there.
    """
    metrics = Metrics(registry, settings.metric_publishers)
    metrics.build.info({"version": version("vigie"), "python": python_version()})
    app = _faust_app(settings)

    def replaced(cause: str) -> None:
        metrics.pool_restarts.of(cause).inc()
        source.progress()

    pool = Pool(settings, replaced)
    book = RuleBook(metrics.watch)
    enricher = Enricher(settings, metrics, pool, book.file)
    batches: Any = app.channel(maxsize=settings.slots)

    name = client_id(app.conf.web_bind, app.conf.web_port)
    source = Source(settings, metrics, batches.put, book.ready.wait, start_from, client_id=name, checked=checked, beacon=app.beacon)
    enricher.source = source
    app.parts = Parts(settings, metrics, pool, book, source, *_watchers(settings, book, watched or {}, beacon=app.beacon))
    _add_agents(app, batches, enricher, book, settings)
    checks = _checks(app.parts)
    _measure(metrics, batches, checks)
    web.mount(app, registry, checks)
    return app


def _measure(metrics: Metrics, batches: Any, checks: Callable[[], dict[str, bool]]) -> None:
    """Have the gauges read, at each scrape, what is known at that moment alone."""
    metrics.queue.set_function(lambda: float(batches.queue.qsize()))
    metrics.pool_memory.set_function(resident_memory)
    metrics.ready.set_function(lambda: float(all(checks().values())))


def _watchers(
    settings: Settings, book: RuleBook, watched: Watched, **options: Any
) -> tuple[FileWatcher[tuple[WatchRule, ...]] | None, FileWatcher["WatchList"] | None]:
    """Make what follows the files of rules and of names to watch, where there are any; `watched` is emptied."""
    known_rules, known_names = watched.pop("rules", None), watched.pop("names", None)
    rules_file, watch_list = settings.rules_file, settings.watch_list
    return (
        FileWatcher(rules_file, "rules", watch_files.read_rules, book.replace, known_rules, **options) if rules_file else None,
        FileWatcher(watch_list, "names", watch_files.read_names, book.watch, known_names, **options) if watch_list else None,
    )


def _faust_app(settings: Settings) -> VigieApp:
    """Make the Faust app under an id of its own: the watch rules are a broadcast, and a shared id would wait for dead members."""
    return VigieApp(
        f"{rules.group(settings)}{uuid.uuid4().hex[:12]}",
        broker=";".join(f"kafka://{each}" for each in settings.broker.split(",")),
        broker_credentials=_credentials(settings),
        origin="agents",
        autodiscover=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        consumer_auto_offset_reset="earliest",
        broker_commit_interval=_NEVER,
        stream_wait_empty=False,  # the rules are never acked, or each app id would leave offsets behind
        web_bind=settings.web_bind,
        web_host=settings.web_bind,
        web_port=settings.web_port or free_port(settings.web_bind),
        web_in_thread=False,
        web_cors_options=None,
        store="memory://",
        TableManager=NoTables,
        logging_config=log.config(settings.log_level, settings.log_format),
        worker_redirect_stdouts=False,
    )


def _credentials(settings: Settings) -> CredentialsT | None:
    """Give Faust the connection that our own clients have."""
    secured = connection.security(settings)
    context = secured.get("ssl_context")
    if "sasl_mechanism" in secured:
        user, password = secured["sasl_plain_username"], secured["sasl_plain_password"]
        return SASLCredentials(username=user, password=password, ssl_context=context, mechanism=secured["sasl_mechanism"])
    return SSLCredentials(context) if context else None


def _add_agents(app: VigieApp, batches: Any, enricher: Enricher, book: RuleBook, settings: Settings) -> None:
    """Declare the two agents: `enrich` (pages, several at once so that commits overlap with work) and `rules`."""

    @app.agent(batches, name="enrich", concurrency=2 * settings.slots)
    async def enrich(stream: Any) -> None:
        async for batch in stream:
            await enricher.handle(batch)

    topic = app.topic(settings.topic(Topic.RULES), key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")

    @app.agent(topic, name="rules")
    async def follow(stream: Any) -> None:
        async for event in stream.noack().events():
            if not settings.rules_file:  # which stands in the topic's place
                book.follow(event.message.offset, event.message.key, event.message.value)


def _checks(parts: Parts) -> Callable[[], dict[str, bool]]:
    """Make the conditions of readiness. A worker beyond the number of partitions is assigned none, and is ready as a spare."""

    def checks() -> dict[str, bool]:
        return {
            "assigned": parts.source.joined,
            "rules_read": parts.book.ready.is_set(),
            "broker_answering": parts.source.answering,
            "topics_present": parts.source.topics_present,
            "delivering": parts.source.delivering,
        }

    return checks
