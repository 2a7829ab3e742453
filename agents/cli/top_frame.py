"""A frame of `vigie top`, legible at 80 columns."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from agents.cli.show import printable
from agents.clock import moment
from agents.topics import Topic

if TYPE_CHECKING:
    from agents.settings import Settings
    from agents.top.look import Look
    from agents.top.view import View

_SPARKS = "▁▂▃▄▅▆▇█"
_TREND = 30  # looks
_BAR = 24
_RULE = 18  # characters of its id
_PARTITIONS = 8  # those with the most to do
_SEVERITIES = {"critical": "bold red", "warning": "yellow", "info": "cyan"}
_NAMES = {Topic.ARTICLES: "articles", Topic.COMMENTS: "comments", Topic.ALERTS: "alerts", Topic.DEAD_LETTERS: "dead letters"}


def frame(settings: "Settings", looks: "Sequence[Look]", every: float, *, fault: str = "") -> RenderableType:
    """Lay out what looks tell; `fault` is said on top."""
    from agents.top.view import view

    looks = list(looks)
    found = view(looks)
    parts: list[RenderableType] = [_head(settings, looks[-1], every)]
    if fault:
        parts.append(Text(printable(fault), "bold red"))
    for title, rows in (
        ("Events a second", _flow(found, looks)),
        ("Waiting", _waiting(found)),
        ("Workers", _workers(looks)),
        (f"Languages, {'of the last minute' if found.recent else 'since the workers started'}", _languages(found)),
        (f"Dead letters of the last hour{', the last of them' if looks[-1].dead_cut else ''}", [_dead(found)]),
        ("Last alerts", _alerts(looks[-1])),
    ):
        parts += [Text(""), Text(title, "bold"), _table(rows)]
    return Group(*parts)


def _table(rows: Iterable[Sequence[Text | str]]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    listed = list(rows)
    for number in range(max(map(len, listed), default=0)):
        last = number == len(listed[0]) - 1
        table.add_column(no_wrap=True, overflow="ellipsis", ratio=1 if last else None)
    table.expand = True
    for row in listed:
        table.add_row(*row)
    return table


def _head(settings: "Settings", look: "Look", every: float) -> Text:
    now = moment(look.when * 1000)
    return Text.assemble(
        ("vigie ", "bold"), f"{settings.broker}  group {settings.full_group}  ", (f"{now:%H:%M:%S} UTC, every {every:g} s", "dim")
    )


def _flow(found: "View", looks: "Sequence[Look]") -> list[Sequence[Text | str]]:
    """What arrives, what is taken in, and what comes of it."""
    taken = [sum(late.committed.values()) - sum(early.committed.values()) for early, late in pairwise(looks[-_TREND - 1 :])]
    rows: list[Sequence[Text | str]] = [
        ["  arriving", _number(found.arriving), ""],
        ["  taken in", _number(found.taken), Text(_trend(taken), "green")],
    ]
    hint = "" if any(worker.values for worker in looks[-1].workers) else "no worker answers at /metrics"
    for topic, rate in found.emitted.items():
        rows.append([f"  {_NAMES[Topic(topic)]}", _number(rate), Text(hint, "dim")])
        hint = ""
    return rows


def _number(rate: float | None) -> Text:
    text = "-" if rate is None else f"{rate:,.0f}" if rate >= 100 else f"{rate:.1f}"
    return Text(f"{text:>9}")


def _trend(values: Sequence[float]) -> str:
    most = max(values, default=0)
    return "".join(_SPARKS[min(7, int(8 * max(0, value) / most))] if most else _SPARKS[0] for value in values)


def _bar(share: float, style: str) -> Text:
    return Text("█" * round(share * _BAR) or "▏", style)


def _waiting(found: "View") -> list[Sequence[Text | str]]:
    """What is not committed, in all and by partition."""
    whole = sum(found.waiting.values())
    about = (
        "" if not whole else "nothing is being taken in" if found.seconds_behind is None else f"about {_time(found.seconds_behind)}"
    )
    rows: list[Sequence[Text | str]] = [["  in all", _number(whole) if whole < 100 else Text(f"{whole:>9,}"), Text(about, "dim")]]
    ordered = sorted(found.waiting.items(), key=lambda each: (-each[1], each[0]))
    for partition, count in ordered[:_PARTITIONS]:
        rows.append([f"  partition {partition}", Text(f"{count:>9,}"), _bar(count / whole, "yellow") if whole else ""])
    if left := ordered[_PARTITIONS:]:
        rows.append([f"  {len(left)} others", Text(f"{sum(count for _, count in left):>9,}"), ""])
    return rows


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s of work" if seconds < 120 else f"{seconds / 60:.0f} min of work"


def _workers(looks: "Sequence[Look]") -> list[Sequence[Text | str]]:
    from agents.top.view import of_worker

    rows: list[Sequence[Text | str]] = []
    for worker in looks[-1].workers:
        if not worker.values:
            rows.append([f"  {worker.url or 'a member of the group'}", Text("no /metrics", "red"), "", ""])
            continue
        ready = worker.values.get(("vigie_worker_ready", ""), 0) == 1
        rate = of_worker(looks[-2], looks[-1], worker)
        own = sorted(int(labels) for (name, labels) in worker.values if name == "vigie_consumer_lag_events")
        memory = worker.values.get(("vigie_pool_resident_memory_bytes", ""), 0) / 2**20
        facts = f"partitions {_list(own)}; pool {memory:,.0f} MiB"
        state = Text("ready", "green") if ready else Text("not ready", "red")
        rows.append([f"  {worker.url}", state, "" if rate is None else f"{rate:.1f}/s", facts])
    return rows or [[Text("  none: start one with: vigie worker", "red")]]


def _list(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers[:6])) + (" …" if len(numbers) > 6 else "") if numbers else "none"


def _languages(found: "View") -> list[Sequence[Text | str]]:
    rows: list[Sequence[Text | str]] = [
        [f"  {printable(tag)}", f"{share:>6.1%}", _bar(share, "magenta")] for tag, share in found.languages.items()
    ]
    return rows or [[Text("  none counted yet", "dim")]]


def _dead(found: "View") -> Sequence[Text | str]:
    if not found.dead:
        return [Text("  none", "green")]
    return [Text("  " + ", ".join(f"{count:,} {printable(reason)}" for reason, count in found.dead.items()), overflow="fold")]


def _alerts(look: "Look") -> list[Sequence[Text | str]]:
    rows: list[Sequence[Text | str]] = []
    for when, alert in look.alerts:
        severity = Text(f"{alert.rule.severity}", _SEVERITIES[alert.rule.severity])
        rule = printable(alert.rule.id if len(alert.rule.id) <= _RULE else f"{alert.rule.id[: _RULE - 1]}…")
        snippet = " ".join(printable(alert.snippet).split())
        rows.append([f"  {moment(when * 1000):%H:%M:%S}", severity, Text(rule, "bold"), snippet])
    return rows or [[Text("  none", "dim")]]
