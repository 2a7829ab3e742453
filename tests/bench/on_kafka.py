"""(b) the worker on Kafka, exactly once; (c) the stack that people assemble; (d) our process() under other frameworks.

Each contender gets the same pages on topics of its own of one broker; repetitions are interleaved, so that what else the machine
does falls on all. CPU is that of the contender's processes alone: neither the broker's nor the publisher's.
"""

import asyncio
import sys
from statistics import mean

from pipeline.codec import decode_raw
from pipeline.enrich import Pipeline, load_pipeline, process
from tests.bench import pages
from tests.bench.alone import together
from tests.bench.cluster import PEERS, Contender, Drained, Site, broker, drain, vigie
from tests.bench.measure import Rows, cpu_seconds

_ALONE = 64  # pages
_PEERS = "tests.bench.peers."
_THREAD = ("-m", "bytewax.run", _PEERS + "bytewax_flow:flow", "-r", "{folder}", "-s", "1", "-b", "0")
_CLUSTER = (*_THREAD, "-i", "{number}", "-a", "{peers}")


def _peer(module: str, *arguments: str) -> tuple[str, ...]:
    return (str(PEERS), "-m", _PEERS + module, *arguments)


def assembled(components: str) -> Contender:
    """The assembled stack: `all` the components of the small spaCy pipelines, or `ner` alone."""
    name = f"trafilatura + langdetect + spaCy ({components}) in a Faust agent"
    return Contender(name, "at least once", _peer("assembled", "worker", "--loglevel=warn"), environ={"BENCH_SPACY": components})


def frameworks(processes: int) -> list[Contender]:
    """The other frameworks with our process(), by the strongest guarantee that each has (and Quix Streams' default)."""
    recovered = "at least once, from snapshots"
    make = "import sys; from bytewax.recovery import init_db_dir; from pathlib import Path; init_db_dir(Path(sys.argv[1]), 1)"
    start = f"'{PEERS}' -c '{make}' '{{folder}}' && exec '{PEERS}' " + " ".join(_THREAD if processes == 1 else _CLUSTER)
    if processes > 1:  # the first makes the recovery store, the others wait for it
        start = f"if [ {{number}} != 0 ]; then sleep 3; exec '{PEERS}' {' '.join(_CLUSTER)}; fi; " + start
    start = start.replace("{peers}", "'{peers}'")
    return [
        Contender("Quix Streams", "exactly once", _peer("quix", "exactly-once"), processes),
        Contender("Quix Streams", "at least once", _peer("quix", "at-least-once"), processes),
        Contender("Bytewax", recovered, ("/bin/bash", "-c", start), processes),
        Contender("FastStream", "at least once", _peer("faststream_app"), processes),
    ]


def worker(rows: Rows, repetitions: int, size: int) -> None:
    """(b) With one process and with two, and the share of the worker's CPU that is process()'s own."""
    run, work, pipeline = _Runs(repetitions), pages.events(size), load_pipeline()
    with broker() as bootstrap:
        for repetition in range(repetitions):
            before = _alone(pipeline)
            for processes in (1, 2):
                took = run(bootstrap, vigie(processes), work, repetition)
                name = f"worker on Kafka, exactly once, {processes} process{'es' if processes > 1 else ''}"
                rows.add(name, "pages/s", 1 / took.wall)
                rows.add(f"CPU of {name}", "ms/page", took.cpu * 1000)
                if processes == 1:  # what else the machine does changes from minute to minute: before and after, the mean
                    single, joined = (mean(both) for both in zip(before, _alone(pipeline), strict=True))
                    rows.add("CPU of process() / CPU of the worker", "", single / took.cpu, wanted=">= 0.90")
                    rows.add("CPU of process_together() / CPU of the worker", "", joined / took.cpu, wanted=">= 0.90")


def _alone(pipeline: Pipeline) -> tuple[float, float]:
    """CPU seconds a page of process(), and of process_together(), which is what a worker does; with nothing around them."""
    events = pages.events(_ALONE)
    raws = [decode_raw(value) for _, value in events]
    single = cpu_seconds(lambda: [process(raw, pipeline) for raw in raws], 3) / _ALONE
    return single, min(together(events, pipeline) for _ in range(3))


def stack(rows: Rows, repetitions: int, size: int) -> None:
    """(c) Against what people assemble: pages like the sample, as plain text and as HTML."""
    run = _Runs(repetitions)
    kinds = {"plain": pages.events(size), "HTML of 100 kB": pages.events(size, pages.news_html(), "text/html")}
    with broker() as bootstrap:
        for repetition in range(repetitions):
            for kind, work in kinds.items():
                ours = run(bootstrap, vigie(1, str(PEERS)), work, repetition)
                rows.add(f"vigie, 1 process, {kind}", "ms/page", ours.cpu * 1000)
                for components in ("all", "ner"):
                    theirs = run(bootstrap, assembled(components), work[: max(20, size // 10)], repetition)
                    name = f"assembled stack, spaCy with {'all components' if components == 'all' else 'NER alone'}, {kind}"
                    rows.add(name, "ms/page", theirs.cpu * 1000)
                    rows.add(f"CPU of the {name} / ours", "x", theirs.cpu / ours.cpu, wanted=">= 50" if kind == "plain" else "")


def others(rows: Rows, repetitions: int, size: int) -> None:
    """(d) The same process() under each framework, one process and two."""
    run, work = _Runs(repetitions), pages.events(size)
    with broker() as bootstrap:
        for repetition in range(repetitions):
            for processes in (1, 2):
                for contender in (vigie(processes, str(PEERS)), *frameworks(processes)):
                    took = run(bootstrap, contender, work, repetition)
                    name = contender.name if contender.name.startswith("vigie") else f"{contender.name}, {processes} process(es)"
                    rows.add(f"{name} ({contender.guarantee}): CPU", "ms/page", took.cpu * 1000)
                    rows.add(f"{name} ({contender.guarantee})", "pages/s", 1 / took.wall)


class _Runs:
    """Runs a contender on topics of its own and says so."""

    def __init__(self, repetitions: int) -> None:
        self._repetitions, self._runs = repetitions, 0

    def __call__(self, bootstrap: str, contender: Contender, work: list[tuple[bytes, bytes]], repetition: int) -> Drained:
        self._runs += 1
        warm = [(key + b"?warm", value.replace(key, key + b"?warm")) for key, value in work[: max(8, len(work) // 10)]]
        took = asyncio.run(drain(Site(bootstrap, f"bench{self._runs}."), contender, warm, work))
        figures = f"{took.cpu * 1000:.2f} ms of CPU a page, {1 / took.wall:.1f} pages/s"
        print(
            f"  {repetition + 1}/{self._repetitions} {contender.name} ({contender.guarantee}): {figures}",
            file=sys.stderr,
            flush=True,
        )
        return took
