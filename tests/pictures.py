"""`python -m tests.pictures`: docs/dashboards.md and its pictures, from a real Prometheus over real workers under load."""

import asyncio
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from agents.broker import LocalBroker, default_home
from agents.broker.processes import free_port
from tests.fixtures.kafka import SHORT_SESSIONS
from tests.fixtures.reader import until
from tests.fixtures.spine import Spine
from tests.fixtures.watched import RATE_INTERVAL, Watched, load, watching
from tools.dashboards.__main__ import DASHBOARDS
from tools.dashboards.pictures import Points, draw
from tools.dashboards.queries import panels
from tools.debian_servers import servers

DOCS = Path(__file__).parents[1] / "docs"
PAGE = DOCS / "dashboards.md"
_BATCHES, _PAGES, _PAUSE = 8, 30, 3.0  # after the load of the tests: so many times so many pages, seconds apart
_HEAD = """# Dashboards

Made by `python -m tests.pictures` from the dashboards that Grafana is given (tools/dashboards/); do not edit. No Grafana runs
where they were made: each picture is drawn by matplotlib from what a real Prometheus answered to the panels' own queries, over real
workers, `vigie notify` and Alertmanager under a load that has some of everything (a second worker comes, processes are killed, a
worker is paused until it is fenced, the webhook refuses, Alertmanager stands still), scraped every second. The load is made for
that: its shares and rates say nothing about real pages. *series* is how many series the panel's queries returned.
"""


def main() -> None:
    home = default_home(os.environ)
    with TemporaryDirectory() as name:
        folder = Path(name)
        with LocalBroker(home, free_port(), data=folder / "kafka", extra=SHORT_SESSIONS) as broker:
            spine = asyncio.run(Spine(broker.bootstrap, folder).create())
            with watching(spine, servers(home), folder) as watched:
                asyncio.run(_load(watched))
                counts = {name: _picture(watched, name) for name in DASHBOARDS}
    PAGE.write_text(page(counts), encoding="utf-8")
    print(f"wrote {PAGE}", file=sys.stderr)  # noqa: T201 - a script's


async def _load(watched: Watched) -> None:
    await watched.settle()
    await watched.work()
    for number in range(_BATCHES):
        await watched.send(*load(_PAGES + 5 * number))
        await asyncio.sleep(_PAUSE)
    await until(lambda: sum(watched.now("vigie_consumer_lag_events").values()) == 0, "nothing waits", 300)
    await asyncio.sleep(2)
    watched.ended = time.time()


def _picture(watched: Watched, dashboard: str) -> dict[str, int]:
    def ask(expression: str) -> Sequence[tuple[Mapping[str, str], Points]]:
        return watched.points(expression, watched.begun, watched.ended)

    path = DOCS / f"img/dashboard-{dashboard}.png"
    path.parent.mkdir(exist_ok=True)
    return draw(dashboard, ask, RATE_INTERVAL, watched.begun, path)


def page(counts: Mapping[str, Mapping[str, int]]) -> str:
    """The page, with the number of series of each panel by dashboard."""
    lines = [_HEAD]
    for dashboard, found in counts.items():
        lines += [f"## {dashboard}", "", f"![Every panel of the dashboard {dashboard}](img/dashboard-{dashboard}.png)", ""]
        lines += ["| panel | what it shows | series |", "|---|---|---|"]
        lines += [f"| {panel['title']} | {panel['description']} | {found[panel['title']]} |" for panel in panels(dashboard)]
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
