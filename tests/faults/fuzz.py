"""Hostile inputs through a worker: every valid one enriched, every other a dead letter with its bytes and the right reason."""

from collections import defaultdict
from pathlib import Path
from typing import Any

from agents.broker import LocalBroker
from tests.faults.inputs import ANY, Wanted, inputs, named
from tests.fixtures.reader import Reader
from tests.fixtures.spine import Spine

ARTICLES, DEAD, OURS = "articles.enriched", "articles.dead-letter", {"internal", "crashed", "timeout"}
# Inputs under way: while one of them is taken for hanging, and looked for by halving, the others go on.
_PIECE, _SMALL = 5000, {"VIGIE_PARTITIONS": "4", "VIGIE_BATCH_RECORDS": "20"}


async def run(broker: LocalBroker, folder: Path, *, seed: int, count: int = 10_000, huge: bool = True) -> dict[str, Any]:
    """`count` inputs; a figure for each thing that may not happen."""
    spine = await Spine(broker.bootstrap, folder, VIGIE_PROCESSES="2", VIGIE_PAGE_TIMEOUT="5", **_SMALL).create()
    given = dict(enumerate(inputs(seed, count, huge=huge)))
    try:
        worker = await spine.worker().ready(600)
        async with spine.reader("articles.raw", ARTICLES, DEAD) as reader:
            for start in range(0, count, _PIECE):
                records = [(b"%d" % number, given[number][0], ()) for number in range(start, min(count, start + _PIECE))]
                await spine.send_records(records)
                due = start + len(records)
                await reader.until(lambda _, due=due: _ended(reader) >= due, "every input has ended", 3000)
            await reader.rest()
            crashed = worker.metrics()["vigie_pool_restarts_total", "crashed"]
            assert await worker.stop(30) == 0
    finally:
        spine.close()
    judged = judge(given, reader)
    valid = sum(wanted is None for _, wanted in given.values())
    kinds = {"valid": valid, "invalid": count - valid}
    return {"faults": count, "kinds": kinds, "events": count, "records": {"outputs": _ended(reader)}, **judged, "crashes": crashed}


def _ended(reader: Reader) -> int:
    return len(reader.records[ARTICLES]) + len(reader.records[DEAD])


def judge(given: dict[int, tuple[bytes, Wanted]], reader: Reader) -> dict[str, Any]:
    """What became of each input against what must; examples of what is wrong."""
    by_place = {(record.partition, record.offset): int(record.key) for record in reader.records["articles.raw"]}
    became: defaultdict[int, list[str]] = defaultdict(list)
    changed = 0
    for record in reader.records[DEAD]:
        headers = dict(record.headers)
        number = by_place[int(headers["__connect.errors.partition"]), int(headers["__connect.errors.offset"])]
        became[number].append(headers["vigie.reason"].decode())
        changed += (record.value, record.key) != (given[number][0], b"%d" % number)
    strange = 0
    for event in reader.events(ARTICLES):
        if (known := url_number(event["url"])) is None:
            strange += 1
        else:
            became[known].append("enriched")
    wrong = [number for number, (_, wanted) in given.items() if not right(wanted, became[number], strange)]
    lost = [number for number in wrong if not became[number]]
    told = [f"{given[number][0][:300]!r}: {became[number]}, not {sorted(given[number][1] or ['enriched'])}" for number in wrong[:5]]
    return {"lost": max(0, len(lost) - strange), "duplicated": sum(len(each) > 1 for each in became.values()),
            "changed": changed, "misjudged": len(wrong) - len(lost), "examples": told}  # fmt: skip


def right(wanted: Wanted, became: list[str], strange: int) -> bool:
    """Whether an input became what it must; not by a fault of ours where anything will do.

    `strange` is how many articles have a URL that was changed: some of these inputs.
    """
    if wanted is None:
        return became == ["enriched"]
    if wanted == ANY:
        return (not became and strange > 0) or (len(became) == 1 and became[0] not in OURS)
    return len(became) == 1 and became[0] in wanted


def url_number(url: str) -> int | None:
    """The number of an input, from the URL of its article; None where the URL was changed."""
    tail = url.rpartition("/")[2]
    digits = tail.partition("-")[0]
    return int(digits) if digits.isascii() and digits.isdecimal() and tail == named(int(digits)) else None
