"""`vigie notify` put together: one reader, a poster for each Alertmanager, and the web pages."""

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from time import time

import orjson
from aiohttp import web
from prometheus_client import CollectorRegistry

from agents import kafka, topics
from agents.log import get_logger
from agents.metrics import CONTENT_TYPE, exposition
from agents.metrics.notifier import NotifierMetrics, Taken
from agents.notify.live import LiveAlerts
from agents.notify.post import Poster
from agents.notify.read import Reader
from agents.settings import Settings
from agents.topics import Topic
from pipeline.events import Alert

_EXPIRE_SECONDS = 1.0
log = get_logger(__name__)


class Notifier:
    """Reads, keeps and posts alerts until `stop`."""

    def __init__(self, settings: Settings, registry: CollectorRegistry) -> None:
        self._settings = settings
        self._registry = registry
        metrics = NotifierMetrics(registry)
        self._live = LiveAlerts(settings.alert_ttl)
        self._posters = [Poster(url, self._live, settings.notify_interval, metrics) for url in settings.alertmanager.urls]
        self._reader = Reader(settings, metrics, self._take)
        self._stopped = asyncio.Event()
        metrics.live.set_function(lambda: float(len(self._live)))
        metrics.waiting.set_function(lambda: float(max(poster.waiting for poster in self._posters)))
        metrics.ready.set_function(lambda: float(all(self.checks().values())))

    def checks(self) -> dict[str, bool]:
        """Each condition of readiness by name."""
        return {
            "alerts_read": self._reader.caught_up,
            "alertmanager_answering": all(poster.answering for poster in self._posters),
        }

    def stop(self) -> None:
        """End `run`."""
        self._stopped.set()

    async def run(self) -> None:
        """Work until `stop`; TopicsError or NoBroker when there is nothing to read from, OSError when the port is taken."""
        async with kafka.admin(self._settings) as admin:
            await topics.require(admin, self._settings, Topic.ALERTS, "Read")
        runner = await self._serve()
        tasks = [
            asyncio.create_task(each) for each in (self._reader.run(), self._expire(), *(each.run() for each in self._posters))
        ]
        stopped = asyncio.create_task(self._stopped.wait())
        try:
            done, _ = await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()  # one that ended by itself ended by a fault of ours
        finally:
            for task in (stopped, *tasks):
                task.cancel()
            await asyncio.gather(stopped, *tasks, return_exceptions=True)
            await runner.cleanup()
            log.info("notify.stopped", live=len(self._live))

    def _take(self, alert: Alert, written: float, came_in: datetime | None) -> Taken:
        taken = self._live.take(alert, written, came_in, time())
        if taken is Taken.NEW:
            log.debug("alert.taken", alert=alert.id, rule=alert.rule.id, document=alert.document_id)
            for poster in self._posters:
                poster.add(alert.id)
        return taken

    async def _expire(self) -> None:
        while True:
            self._live.expire(time())
            await asyncio.sleep(_EXPIRE_SECONDS)

    async def _serve(self) -> web.AppRunner:
        """Serve /metrics, /health/live and /health/ready."""
        app = web.Application()
        app.add_routes(
            [
                web.get("/metrics", self._metrics_page),
                web.get("/health/live", partial(_health, lambda: {"live": True})),
                web.get("/health/ready", partial(_health, self.checks, name="ready")),
            ]
        )
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, self._settings.web_bind, self._settings.web_port)
        await site.start()
        host, port = runner.addresses[0][:2]
        log.info("web.listening", url=f"http://{host}:{port}", pid=os.getpid())
        return runner

    async def _metrics_page(self, _request: web.Request) -> web.Response:
        return web.Response(body=exposition(self._registry), headers={"Content-Type": CONTENT_TYPE})


async def _health(checks: Callable[[], dict[str, bool]], _request: web.Request, name: str = "live") -> web.Response:
    found = checks()
    holds = all(found.values())
    return web.Response(body=orjson.dumps({name: holds, **found}), status=200 if holds else 503, content_type="application/json")


async def run(settings: Settings) -> None:
    """Run a notifier until SIGTERM or SIGINT."""
    notifier = Notifier(settings, CollectorRegistry())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):  # Windows has none: there Ctrl-C ends the loop
            loop.add_signal_handler(number, notifier.stop)
    await notifier.run()
