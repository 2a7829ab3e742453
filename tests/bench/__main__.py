"""`make bench`: speed as ratios within one run. `make bench PART=c` runs one part; BACKGROUND=1 leaves it behind, with a log.

A part prints its table and keeps it in .bench/PART.json; a run of all parts writes docs/performance.json and the tables of
docs/performance.md. CPU seconds stand beside wall seconds; figures are medians of interleaved repetitions, with the least and the
greatest. The parts: (a) process() alone, by stage; (b) the worker on Kafka; (c) the stack that people assemble; (d) our process()
under other frameworks; (e) latency; (f) start and memory; (g) how cost grows; (h) the way of an alert. `languages`, which is
not part of all, measures the language detector beside its peers.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from typing import NamedTuple

from tests.bench import guard, languages, report
from tests.bench.cluster import PEERS
from tests.bench.measure import Rows, machine


class Part(NamedTuple):
    """What a part measures; `run` takes the rows, repetitions, and pages a repetition, all imported when it is run."""

    title: str
    run: Callable[[Rows, int, int], None]
    repetitions: int
    pages: int


def _part(letter: str) -> Part:
    from tests.bench import alone, growth, latency, on_kafka, startup, told

    return {
        "a": Part("process() alone, one core", alone.measure, 5, 100),
        "b": Part("The worker on Kafka, exactly once", on_kafka.worker, 3, 1000),
        "c": Part("Against the stack that people assemble", on_kafka.stack, 3, 200),
        "d": Part("Our process() under other frameworks, same broker", on_kafka.others, 3, 600),
        "e": Part("Latency: publish to committed output", latency.measure, 1, 1500),
        "f": Part("Start and memory", startup.measure, 3, 1),
        "g": Part("How cost grows: CPU seconds at 2n / at n", growth.measure, 3, 1),
        "h": Part("The way of an alert: publish to webhook", told.measure, 1, 200),
    }[letter]


PARTS = "abcdefgh"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("part", nargs="?", choices=[*PARTS, "all", "collect", "guard", "languages"], default="all")
    parser.add_argument("--repetitions", type=int, help="instead of the part's own number")
    parser.add_argument("--pages", type=int, help="pages a repetition, instead of the part's own number")
    options = parser.parse_args()
    if options.part in PARTS:
        _run(options.part, options.repetitions, options.pages)
        return
    if options.part == "guard":
        guard.write()
        return
    if options.part == "languages":
        languages.run(options.repetitions or 3)
        return
    if options.part == "all":
        for letter in PARTS:  # each in a process of its own: what one has loaded must not weigh on the next
            subprocess.run([sys.executable, "-m", "tests.bench", letter, *sys.argv[2:]], check=True)
    report.collect(PARTS)


def _run(letter: str, repetitions: int | None, pages: int | None) -> None:
    part, rows = _part(letter), Rows()
    if letter in "cd" and not PEERS.exists():
        sys.exit("the peers are not installed: make bench PART=" + letter)
    repetitions, pages = repetitions or part.repetitions, pages or part.pages
    print(f"({letter}) {part.title}: {repetitions} repetitions ...", file=sys.stderr, flush=True)
    where, begun = machine(), time.time()
    part.run(rows, repetitions, pages)
    command = f"python -m tests.bench {letter} --repetitions {repetitions} --pages {pages}"
    report.keep(letter, part.title, rows, machine=where, begun=begun, command=command)


if __name__ == "__main__":
    main()
