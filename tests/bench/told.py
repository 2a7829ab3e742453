"""(h) The way of an alert: from `publish` through a real worker, `vigie notify` and Alertmanager to a webhook.

Each page holds a word that one rule alone asks for, so that each alert is a group of its own to Alertmanager. Pages are published
at moments drawn beforehand, as in (e), and the time of each counts from the moment at which it should have been. Once Alertmanager
holds nothing back (`group_wait: 0s`), which shows what vigie takes; once under the shipped alertmanager.yml, which waits 5 s
for a rule's other alerts.
"""

import asyncio
import dataclasses
import random
import sys
import time
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from os import environ
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from agents import kafka
from agents.broker import default_home
from agents.broker.processes import free_port
from tests.bench import pages
from tests.bench.cluster import START_SECONDS, WORK_SECONDS, Contender, Site, broker, vigie
from tests.bench.measure import Rows
from tests.fixtures.notify import Alertmanagers, Webhook, webhook
from tools.debian_servers import servers

_RATE = 4.0  # pages a second
_WAITS = {"0s": "nothing held back", "5s": "as shipped, 5 s held back"}
_WARM = 20


def measure(rows: Rows, repetitions: int, size: int) -> None:
    """Fill the rows: `size` alerts each way, in each repetition."""
    programs = servers(default_home(environ))
    with broker() as bootstrap:
        for repetition in range(repetitions):
            for wait, name in _WAITS.items():
                with ExitStack() as stack:
                    folder = Path(stack.enter_context(TemporaryDirectory(prefix="vigie-bench-")))
                    hook = stack.enter_context(webhook())
                    alertmanager = stack.enter_context(closing(Alertmanagers(programs, folder, hook)))(free_port(), group_wait=wait)
                    site = Site(bootstrap, f"told{repetition}-{wait}.")
                    took = sorted(asyncio.run(_told(site, folder, hook, alertmanager.url, size)))
                for share, value in (("p50", took[len(took) // 2]), ("p99", took[int(0.99 * len(took))]), ("greatest", took[-1])):
                    rows.add(f"{name}: {share} of {size} alerts", "ms", value * 1000)
                print(f"  {repetition + 1}/{repetitions} {name}: p50 {took[len(took) // 2]:.2f} s", file=sys.stderr, flush=True)


async def _told(site: Site, folder: Path, hook: Webhook, alertmanager: str, size: int) -> list[float]:
    """Seconds from publish to the webhook, of each page."""
    await site.prepare()
    work = pages.events(size)
    warm = [(key + b"?warm", value.replace(key, key + b"?warm")) for key, value in pages.events(_WARM)]
    await site.publish(warm)
    file = folder / "rules.toml"
    file.write_text("".join(f"[[rules]]\nid = 'r{number}'\nquery = 'veille{number}'\n" for number in range(size)), encoding="utf-8")
    worker = vigie(1)
    worker = dataclasses.replace(worker, environ=worker.environ | {"VIGIE_RULES_FILE": str(file)})
    notify = Contender("vigie notify", "", (sys.executable, "-m", "agents", "notify"), environ={"VIGIE_ALERTMANAGER": alertmanager})
    with site.running(worker) as workers, site.running(notify) as notifiers:
        async with site.outputs() as outputs, kafka.producer(site.settings, linger_ms=0) as producer:
            await outputs.until(len(warm), [*workers, *notifiers], START_SECONDS)
            due: dict[str, float] = {}
            chance, moment = random.Random(7), time.time() + 1  # noqa: S311 - arrivals, no secrets
            for number, (key, value) in enumerate(work):
                moment += chance.expovariate(_RATE)
                await asyncio.sleep(max(0.0, moment - time.time()))
                due[f"r{number}"] = moment
                await producer.send(site.settings.topic("articles.raw"), _with(value, f"veille{number}"), key=key)
            deadline = time.monotonic() + WORK_SECONDS
            while len(arrived := _arrived(hook)) < size:
                if time.monotonic() > deadline:
                    raise RuntimeError(f"{len(arrived)} of {size} alerts came to the webhook")
                await asyncio.sleep(0.1)
            return [arrived[rule] - moment for rule, moment in due.items()]


def _with(value: bytes, word: str) -> bytes:
    """The event as one fetched now, with a word more: an alert on a page of long ago would have ended."""
    event = orjson.loads(value)
    now = datetime.now(UTC).isoformat()
    return orjson.dumps(event | {"headline": f"{event.get('headline') or 'Mali'} {word}", "fetched_at": now})


def _arrived(hook: Webhook) -> dict[str, float]:
    """When the first notification of each rule came."""
    found: dict[str, float] = {}
    for when, each in list(hook.notifications):
        found.setdefault(each["groupLabels"]["alertname"], when)
    return found
