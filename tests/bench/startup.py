"""(f) From the start of a worker to its first committed event, and the memory of its processes."""

import asyncio
import sys
import time

import msgspec
import psutil

from agents import kafka
from pipeline.events import WatchRule
from tests.bench import pages
from tests.bench.cluster import START_SECONDS, Site, broker, vigie
from tests.bench.measure import Rows, cpu_of

_PROCESSES = 2
_NAMES, _RULES = 1_000_000, 1000
_PAGES = 100
_MIB = 2**20


def measure(rows: Rows, repetitions: int, size: int) -> None:
    """Fill the rows; a worker is started `size` times with no rules, then once with a million watch names, in each repetition."""
    with broker() as bootstrap:
        for repetition in range(repetitions):
            for number in range(size):
                asyncio.run(_start(rows, Site(bootstrap, f"start{repetition}-{number}."), "as shipped", []))
            asyncio.run(_start(rows, Site(bootstrap, f"names{repetition}."), "1 M watch names", watch_rules(_NAMES, _RULES)))


def watch_rules(names: int, rules: int) -> list[WatchRule]:
    """Rules that ask for so many different names of two or three words, in all."""
    each = names // rules
    return [
        WatchRule(id=f"watch-{rule}", name=f"watch-{rule}", entities=tuple(_name(rule * each + number) for number in range(each)))
        for rule in range(rules)
    ]


_SYLLABLES = ("ba", "di", "ka", "so", "tra", "ou", "mé", "la", "ni", "gué", "sy", "do", "fa", "ré", "ko", "zan")


def _name(number: int) -> str:
    """A name of its own for each number below 16 ** 6, such as 'Kasobadi Trané'."""
    parts = [_SYLLABLES[number >> 4 * place & 15] for place in range(6)]
    return f"{''.join(parts[:3]).capitalize()} {''.join(parts[3:]).capitalize()}"


async def _start(rows: Rows, site: Site, kind: str, rules: list[WatchRule]) -> None:
    await site.prepare()
    if rules:
        async with kafka.producer(site.settings) as producer:
            for rule in rules:
                await producer.send(site.settings.topic("watch-rules"), msgspec.json.encode(rule), key=rule.id.encode())
    await site.publish(pages.events(1))
    async with site.outputs() as outputs:
        begun = time.monotonic()
        with site.running(vigie(_PROCESSES)) as children:
            try:
                await outputs.until(1, children, START_SECONDS)
            except RuntimeError as error:
                print(f"  {kind}: {error}", file=sys.stderr, flush=True)
                rows.add(f"start to first committed event, {kind}", "s", float("inf"), wanted="<= 5")
                return
            rows.add(f"start to first committed event, {kind}", "s", time.monotonic() - begun, wanted="<= 5" if not rules else "")
            rows.add(f"CPU of a start, {kind}", "s", cpu_of(children))
            await site.publish(pages.events(_PAGES, first=1))
            await outputs.until(1 + _PAGES, children, START_SECONDS)
            _memory(rows, children[0], kind, named=bool(rules))


def _memory(rows: Rows, parent: psutil.Process, kind: str, *, named: bool) -> None:
    """USS: what would be free if the process ended."""
    own = parent.children()
    pool = [process for each in own for process in each.children(recursive=True)]
    rows.add(f"USS of the parent, {kind}", "MiB", parent.memory_full_info().uss / _MIB, wanted="<= 150")
    greatest = max(process.memory_full_info().uss for process in pool)
    rows.add(f"USS of a process, the greatest, {kind}", "MiB", greatest / _MIB, wanted="<= 450" if named else "<= 250")
    rows.add(f"USS of what the processes are forked from, {kind}", "MiB", sum(each.memory_full_info().uss for each in own) / _MIB)
    everyone = [parent, *own, *pool]
    rows.add(f"PSS of all, {_PROCESSES} processes, {kind}", "MiB", sum(each.memory_full_info().pss for each in everyone) / _MIB)
