"""Pages with a known split, for tools/train_split.py: read, varied, and turned into rows of evidence."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.split.evidence import gather
from pipeline.split.headers import Page, read
from pipeline.split.lines import cut
from pipeline.split.plain import openings

Array = npt.NDArray[np.float64]
Gold = dict[str, Any]


class Example(NamedTuple):
    """One page: `rows` holds the evidence of each place (lines summed from there on, then the place's own), `right` the places that
    are exact, `same` the decision that each place comes to, `accepted` the lines at which the first comment may begin.
    """

    name: str
    group: str
    weight: float
    gold: Gold
    page: Page
    line_rows: Array
    rows: Array
    right: npt.NDArray[np.bool_]
    same: npt.NDArray[np.intp]
    accepted: frozenset[int]


def load(path: Path) -> list[Gold]:
    """The pages of a JSON Lines file."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def accepted(gold: Gold, page: Page) -> list[int]:
    """The lines at which the first comment may begin: after the article's last one, up to the first of the comment's own text."""
    wanted = [segment for segment in gold["segments"] if segment["kind"] == "comment"]
    if not wanted:
        return [len(page.lines)]
    first = min(wanted, key=lambda segment: int(segment["start"]))
    neutral = first.get("neutral", ())
    covers = [line.end > first["start"] for line in page.lines]
    begin = covers.index(True)
    own = next(
        (
            index
            for index in range(begin, len(page.lines))
            if page.lines[index].start < first["end"]
            and not any(start < page.lines[index].end and end > page.lines[index].start for start, end in neutral)
        ),
        begin,
    )
    ends = [segment["end"] for segment in gold["segments"] if segment["kind"] == "article" and segment["end"] <= first["start"]]
    after = sum(line.start < max(ends) for line in page.lines) if ends else begin
    return list(range(min(after, begin), own + 1))


def example(gold: Gold, weight: float, name: str) -> Example:
    """A page as rows of evidence."""
    page = read(cut(gold["text"]))
    tables = gather(page)
    sums = tables.share * np.vstack([np.cumsum(tables.lines[::-1], axis=0)[::-1], np.zeros((1, tables.lines.shape[1]))])
    same = openings(page)
    right = np.zeros(len(same), dtype=bool)
    lines = accepted(gold, page)
    right[lines] = True
    if lines != [len(page.lines)]:
        right[:-1] |= np.isin(same[:-1], lines)
    group = str(gold["id"]).split("~", maxsplit=1)[0].rsplit("/", maxsplit=1)[-1]
    return Example(name, group, weight, gold, page, tables.lines, np.hstack([sums, tables.places]), right, same, frozenset(lines))


def without(gold: Gold, spans: list[tuple[int, int]], mark: str) -> Gold:
    """A page with stretches of its text taken out."""
    kept, position = [], 0
    for start, end in spans:
        kept.append((position, start))
        position = end
    kept.append((position, len(gold["text"])))

    def moved(offset: int) -> int:
        return sum(min(max(offset - start, 0), end - start) for start, end in kept)

    segments = [
        {
            "kind": s["kind"],
            "start": moved(s["start"]),
            "end": moved(s["end"]),
            "neutral": [[moved(start), moved(end)] for start, end in s.get("neutral", ())],
        }
        for s in gold["segments"]
    ]
    text = "".join(gold["text"][start:end] for start, end in kept)
    return {"id": f"{gold['id']}~{mark}", "text": text, "segments": [s for s in segments if s["end"] > s["start"]]}


def variants(gold: Gold, *, ours: bool) -> Iterator[tuple[Gold, float]]:
    """Copies of a page, with their weights: without its comments, without its article, and, of our own pages, without furniture
    and without the article's last line where that is a short one.
    """
    text = gold["text"]
    first = min(s["start"] for s in gold["segments"] if s["kind"] == "comment")
    end = max(s["end"] for s in gold["segments"] if s["kind"] == "article" and s["end"] <= first)
    yield without(gold, [(end, len(text))], "none"), 0.15
    yield without(gold, [(0, end)], "only"), 0.05
    if not ours:
        return
    chrome = [(s["start"], min(s["end"] + 1, len(text))) for s in gold["segments"] if s["kind"] == "chrome"]
    if chrome:
        yield without(gold, chrome, "bare"), 0.5
    start = text[:end].rstrip("\n").rfind("\n") + 1
    if start > 0 and end - start < 120:
        yield without(gold, [(start, end + 1)], "cut"), 0.5


def examples(path: Path, name: str, weight: float, *, ours: bool) -> list[Example]:
    """The pages of a file and their copies."""
    found = []
    for gold in load(path):
        found.append(example(gold, weight, name))
        for copy, share in variants(gold, ours=ours):
            if copy["text"].strip():
                found.append(example(copy, weight * share, f"{name}~{copy['id'].rsplit('~', 1)[-1]}"))
    return found
