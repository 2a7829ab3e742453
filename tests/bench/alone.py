"""(a) process() alone, by stage, on pages like the sample and on HTML pages of 100 kB; trafilatura alone beside it."""

import gc
import time
from collections import defaultdict
from collections.abc import Callable

import trafilatura

from agents.messages import TOGETHER
from pipeline.codec import decode_raw, encode
from pipeline.enrich import Pipeline, load_pipeline, process, process_together
from pipeline.events import RawArticle
from tests.bench import pages
from tests.bench.measure import Rows

_HTML = pages.news_html()


def measure(rows: Rows, repetitions: int, size: int) -> None:
    """Fill the rows: `size` pages like the sample, and a tenth as many of HTML, in each repetition."""
    pipeline = load_pipeline()
    html_pages = max(5, size // 10)
    sample = pages.raw(pages.sample())
    enriched = process(decode_raw(sample), pipeline)[0]
    for _ in range(repetitions):
        cpu = _stages(rows, "plain", [decode_raw(value) for _, value in pages.events(size)], pipeline)
        rows.add("process(), pages like the sample", "pages/s", 1 / cpu, wanted=">= 200")
        rows.add("process_together(), 16 pages like the sample at a time", "pages/s", 1 / together(pages.events(size), pipeline))
        rows.add("decode, plain", "ms", _each(lambda: decode_raw(sample), size) * 1000)
        rows.add("encode of all events, plain", "ms", _each(lambda: encode(enriched), size) * 1000)
        cpu = _stages(rows, "HTML of 100 kB", [decode_raw(pages.raw(_HTML, at, "text/html")) for at in range(html_pages)], pipeline)
        rows.add("process(), HTML of 100 kB", "pages/s", 1 / cpu, wanted=">= 60")
        theirs = _each(lambda: trafilatura.bare_extraction(_HTML, include_comments=True), html_pages)
        rows.add("trafilatura alone, HTML of 100 kB", "pages/s", 1 / theirs)
        rows.add("CPU of trafilatura alone / CPU of process(), HTML", "x", theirs / cpu, wanted=">= 1.5")


def _stages(rows: Rows, kind: str, raws: list[RawArticle], pipeline: Pipeline) -> float:
    """CPU seconds a page; adds a row for each stage."""
    by_stage: defaultdict[str, float] = defaultdict(float)
    process(raws[0], pipeline)
    gc.collect()
    begun = time.process_time()
    for raw in raws:
        for stage, seconds in process(raw, pipeline, time.process_time)[1].items():
            by_stage[stage] += seconds
    cpu = (time.process_time() - begun) / len(raws)
    for stage, seconds in by_stage.items():
        rows.add(f"stage {stage}, {kind}", "ms", seconds / len(raws) * 1000)
    return cpu


def together(events: list[tuple[bytes, bytes]], pipeline: Pipeline) -> float:
    """CPU seconds a page of process_together(), 16 pages at a time."""
    raws = [decode_raw(value) for _, value in events]
    parts = [raws[start : start + TOGETHER] for start in range(0, len(raws), TOGETHER)]
    process_together(parts[0], pipeline)
    gc.collect()
    begun = time.process_time()
    for some in parts:
        process_together(some, pipeline)
    return (time.process_time() - begun) / len(raws)


def _each(work: Callable[[], object], times: int) -> float:
    """CPU seconds of a call, the mean of several."""
    work()
    begun = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - begun) / times
