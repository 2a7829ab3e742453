"""`make faults PART=...`: the full form of the faults, in rounds; what was done is kept, and carried on with.

A round is a broker's topics of its own, load, faults, and the weighing of every record. Its figures are a line of
.vigie/faults/PART.jsonl; when the part has had all its rounds, or with --report, they become a row of docs/reliability.md.
"""

import argparse
import asyncio
import logging
import os
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

import orjson

from tests.faults import report
from tests.faults.parts import PARTS, Part
from tests.fixtures.kafka import own_broker

_KEPT = Path(".vigie") / "faults"
_MINUTES = 60.0


def main() -> None:
    parser = argparse.ArgumentParser(prog="make faults PART=...", description=__doc__)
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--rounds", type=int, help="rounds of this part in all, those done before included")
    parser.add_argument("--minutes", type=float, default=_MINUTES, help="begin no round after so many minutes (60)")
    parser.add_argument("--report", action="store_true", help="write the row from what was done, without running more")
    parser.add_argument("--afresh", action="store_true", help="forget what was done")
    options = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # a broker that is away is what we are here for
    part = PARTS[options.part]
    kept = _KEPT / f"{options.part}.jsonl"
    kept.parent.mkdir(parents=True, exist_ok=True)
    if options.afresh:
        kept.unlink(missing_ok=True)
    wanted = options.rounds or part.rounds
    if not options.report:
        _run(options.part, part, kept, wanted, time.monotonic() + 60 * options.minutes)
    done = report.read(kept)
    if done and (len(done) >= wanted or options.report):
        report.write(options.part, part.promise, done, wanted)
        print(f"docs/reliability.md has the row of {options.part}")
    else:
        print(f"{len(done)} of {wanted} rounds of {options.part} are done; the same command carries on")
    sys.exit(0 if not any(report.wrong(each) for each in done) else 1)


def _run(name: str, part: Part, kept: Path, wanted: int, deadline: float) -> None:
    """Run the rounds that are missing, on one broker; one that does not end is told, and counts."""
    while (number := len(report.read(kept))) < wanted and time.monotonic() < deadline:
        begun = time.monotonic()
        try:
            (kept.parent / f"{name}-{number}").mkdir(exist_ok=True)
            figures = _round(part, kept.parent / f"{name}-{number}", number)
        except Exception as error:  # noqa: BLE001 - a round that does not end is a finding, not the end of the run
            traceback.print_exc()
            figures = {"failed": f"{type(error).__name__}: {str(error)[:500]}"}
        ran = {"seconds": round(time.monotonic() - begun), "load": round(os.getloadavg()[1], 1), "commit": report.commit()}
        _keep(kept, figures | ran)


def _round(part: Part, logs: Path, number: int) -> dict[str, Any]:
    """One round on a broker of its own; the figures."""
    extra = part.extra()
    more: dict[str, Any] = {"extra": extra} if extra else {}
    with (
        tempfile.TemporaryDirectory(prefix="vigie-faults-") as folder,
        own_broker(Path(folder) / "kafka", extra) as broker,
    ):
        return asyncio.run(part.run(broker, logs, seed=number, **more))


def _keep(kept: Path, figures: dict[str, Any]) -> None:
    print(orjson.dumps(figures).decode(), flush=True)
    with kept.open("ab") as lines:
        lines.write(orjson.dumps(figures) + b"\n")


if __name__ == "__main__":
    main()
