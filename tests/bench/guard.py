"""The guard: what the main stages cost, as a ratio to a fixed loop in the same run, against what guard.toml has on record.

Seconds differ between machines and from hour to hour; the ratio to work of the same kind (the interpreter, regular expressions,
small arrays) differs less. Each figure is the least of interleaved rounds in CPU time: other processes can only add to one.
`python -m tests.bench guard` writes the record anew, for a commit that says why a stage may cost more, or that it costs less.
"""

import gc
import re
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from pipeline.codec import decode_raw, encode
from pipeline.enrich import Pipeline, Seconds, load_pipeline, process
from pipeline.events import Enriched, RawArticle
from tests.bench import pages

RECORD = Path(__file__).with_name("guard.toml")
ALLOWED = 1.25
_PAGES = {"plain": (pages.sample(), "text/plain"), "html": (pages.news_html(), "text/html")}
_LEAST = 0.1  # of the reference: what costs less is counted in `process` alone
_WORD = re.compile(r"[^\W_]+")
_TABLE = np.arange(1 << 16, dtype=np.uint32)

Ratios = dict[str, float]
Process = Callable[[RawArticle, Pipeline, Callable[[], float]], tuple[Enriched, Seconds]]


def reference() -> int:
    """Fixed work: words counted in a dictionary, slices compared, arrays looked up and sorted; about 4 ms."""
    text, found = _PAGES["plain"][0], 0
    for _ in range(2):
        counts: dict[str, int] = {}
        for match in _WORD.finditer(text):
            word = match.group().lower()
            counts[word] = counts.get(word, 0) + match.end() - match.start()
        found += sum(len(line.strip()) for line in text.splitlines() if not line.startswith("#"))
        codes = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
        for start in range(0, codes.size, 100):
            found += int(np.unique(_TABLE[codes[start : start + 100] & 0xFFFF]).size)
        found += len(counts)
    return found


def measure(rounds: int, run: Process = process) -> Ratios:
    """CPU of each stage and of the whole, on each kind of page, in units of the reference: the least of `rounds`."""
    pipeline, least = load_pipeline(), {"reference": float("inf")}
    gc.collect()
    gc.disable()
    try:
        for each in range(rounds + 1):  # the first warms up
            figures = {"reference": _timed(reference)}
            for kind in _PAGES:
                figures |= _page(kind, run, pipeline)
            if each:
                least = {name: min(least.get(name, value), value) for name, value in figures.items()}
            gc.collect()
    finally:
        gc.enable()
    unit = least.pop("reference")
    return {name: value / unit for name, value in sorted(least.items())}


def _page(kind: str, run: Process, pipeline: Pipeline) -> dict[str, float]:
    content, content_type = _PAGES[kind]
    value = pages.raw(content, kind=content_type)
    begun = time.process_time()
    raw = decode_raw(value)
    decoded = time.process_time()
    enriched, stages = run(raw, pipeline, time.process_time)
    processed = time.process_time()
    encode(enriched)
    done = time.process_time()
    named = {f"{kind}_{stage}": seconds for stage, seconds in stages.items()}
    return named | {f"{kind}_process": processed - decoded, f"{kind}_codec": done - begun - (processed - decoded)}


def _timed(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def recorded() -> Ratios:
    """What each stage may cost, before the allowance."""
    return {name: float(value) for name, value in tomllib.loads(RECORD.read_text(encoding="utf-8"))["ratios"].items()}


def over(measured: Ratios, record: Ratios) -> dict[str, str]:
    """The stages that cost more than the allowance over their record, with both figures."""
    return {
        name: f"{measured[name]:.2f} times the reference, {limit:.2f} on record"
        for name, limit in record.items()
        if measured[name] > ALLOWED * limit
    }


def write(rounds: int = 60) -> None:
    """Measure and write the record."""
    ratios = {name: value for name, value in measure(rounds).items() if value >= _LEAST}
    lines = [
        "# CPU of the main stages in units of guard.reference(), on pages like the sample (plain) and on HTML of 100 kB.",
        "# Written by `python -m tests.bench guard`; tests/bench/test_guard.py fails at a quarter more than this.",
        "[ratios]",
        *(f"{name} = {value:.3f}" for name, value in ratios.items()),
    ]
    RECORD.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"wrote {RECORD}")
