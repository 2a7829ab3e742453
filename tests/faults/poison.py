"""Pages that raise, hang, exhaust memory or kill their process, one in a hundred of a stream."""

from collections import Counter
from pathlib import Path
from typing import Any

from agents.broker import LocalBroker
from tests.faults.load import number_at, page
from tests.faults.stage import KINDS
from tests.faults.world import World, world

_POISON = tuple(KINDS)


async def run(broker: LocalBroker, folder: Path, *, seed: int, pages: int = 2500, every: int = 100) -> dict[str, Any]:
    """A stream of pages of which one in `every` is poison; only these are dead letters, each with the reason of its kind."""

    def make(url: str, number: int) -> bytes:
        return page(url, number, **({"poison": kind} if (kind := poison_of(number + seed, every)) else {}))

    # an innocent page that shares its task with a hanging one is tried again: the bound must be well above its own time
    settings = {"FAULTS_POISON": "1", "VIGIE_PAGE_TIMEOUT": "2", "VIGIE_PROCESS_MEMORY": str(768 << 20), "VIGIE_PROCESSES": "2"}
    async with world(broker.bootstrap, folder, make=make, total=pages, **settings) as here:
        here.worker()
        await here.load.all_sent()
        await here.ledger.until(lambda: here.ledger.ended >= pages, "every page has ended", 3000)
        figures = await here.check()
        wrong, kinds = judged(here, seed, every)
        return {"faults": sum(kinds.values()), "kinds": dict(kinds), "misjudged": wrong} | figures


def poison_of(number: int, every: int) -> str:
    """What the page with this number does; nothing, for most."""
    return _POISON[number // every % len(_POISON)] if number % every == every // 2 else ""


def judged(here: World, seed: int, every: int) -> tuple[int, Counter[str]]:
    """How many pages did not end as their kind must, and how many were poison, by kind."""
    wrong, kinds = 0, Counter[str]()
    for identity, account in here.ledger.accounts.items():
        kind = poison_of(number_at(identity[1]) + seed, every)
        kinds.update([kind] if kind else [])
        wrong += account.reasons != ([KINDS[kind]] if kind else [])
    return wrong, kinds
