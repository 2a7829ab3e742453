"""Comment from comment: where each begins, who wrote it, when, and to whom."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.events import Author
from pipeline.split.dates import Header, moment, read_header, written_day_first
from pipeline.split.headers import Kind, Page, Run
from pipeline.split.starts import start_evidence
from pipeline.split.weights import Starts
from pipeline.text import fold

Array = npt.NDArray[np.float64]

_FORM_TAIL = 40  # lines after a comment form that still belong to it
_SIGN_OFF_CHARS = 50
_LIKELY = 0.58  # a comment too few is worth more than one too many


class Draft(NamedTuple):
    """A comment as lines first..last, with what is known of it."""

    first: int
    last: int
    author: Author | None
    published_at: datetime | None
    confidence: float


def headed(page: Page, boundary: int) -> list[Run]:
    """The author and date lines that part the comments from `boundary` on; empty where the comments bear none."""
    runs = [run for run in page.runs if run.last >= boundary and run.family]
    if len(runs) == 1 and not page.after and runs[0].first > boundary:
        return []
    return runs


def furniture(page: Page, boundary: int, runs: Sequence[Run]) -> list[bool]:
    """Which lines from `boundary` on are no part of a comment; indexed from the top of the page."""
    chrome: list[bool] = page.are(Kind.UI, Kind.FORM).tolist()
    chrome[:boundary] = [False] * boundary
    for run in runs:
        first = max(run.first, boundary)
        chrome[first : run.last + 1] = [True] * (run.last + 1 - first)
    index = boundary
    while index < len(page.kinds) and (chrome[index] or page.kinds[index] in (Kind.SECTION, Kind.HEADER)):
        chrome[index] = True
        index += 1
    last_run = runs[-1].last if runs else boundary
    tail = max(boundary, last_run + 1, len(page.kinds) - _FORM_TAIL)
    if Kind.FORM in page.kinds[tail:]:
        form = page.kinds.index(Kind.FORM, tail)
        chrome[form:] = [True] * (len(chrome) - form)
    return chrome


def comments(page: Page, rows: Array, boundary: int, weights: Starts, now: datetime | None) -> list[Draft]:
    """The comments from line `boundary` on."""
    runs = headed(page, boundary)
    chrome = furniture(page, boundary, runs)
    chosen = [index for index in range(boundary, len(page.lines)) if not chrome[index]]
    if not chosen:
        return []
    starts = _starts(page, rows, chosen, weights, parted=bool(runs))
    begins = [at for at, _ in starts]
    spans = [(chosen[at], chosen[end - 1]) for at, end in pairwise([*begins, len(chosen)])]
    details = _details(page, spans, runs, now)
    return [Draft(*span, *detail, chance) for span, detail, (_, chance) in zip(spans, details, starts, strict=True)]


def _starts(page: Page, rows: Array, chosen: list[int], weights: Starts, *, parted: bool) -> list[tuple[int, float]]:
    """Which of the chosen lines begin a comment, with the probability of each. Furniture between two lines always parts them."""
    found = [(0, 1.0)]
    chances = np.zeros(len(chosen))
    if not parted and len(chosen) > 1:
        score = start_evidence(page, rows, chosen) @ weights.evidence + weights.bias
        chances[1:] = 1.0 / (1.0 + np.exp(-score))
    for at in range(1, len(chosen)):
        if chosen[at] != chosen[at - 1] + 1:
            found.append((at, 0.95))
        elif chances[at] >= _LIKELY:
            found.append((at, float(chances[at])))
    return found


def _details(
    page: Page, spans: Sequence[tuple[int, int]], runs: Sequence[Run], now: datetime | None
) -> list[tuple[Author | None, datetime | None]]:
    """Author and date of each comment: from the lines that head or close it, else from its last line."""
    if not runs:
        return [(_sign_off(page, first, last), None) for first, last in spans]
    headers = [
        _merge(
            [
                read_header(page.lines[index])
                for index in range(run.first, run.last + 1)
                if page.kinds[index] in (Kind.HEADER, Kind.TEXT)
            ]
        )
        for run in runs
    ]
    day_first = written_day_first(header.date for header in headers)
    found: list[tuple[Author | None, datetime | None]] = []
    firsts, lasts = [run.first for run in runs], [run.last for run in runs]
    for first, last in spans:
        at = bisect_left(firsts, last) if page.after else bisect_left(lasts, first) - 1
        if not 0 <= at < len(headers):
            found.append((_sign_off(page, first, last), None))
            continue
        name = headers[at].name
        author = Author(name=name, source="header") if name else _sign_off(page, first, last)
        found.append((author, moment(headers[at], now, day_first=day_first)))
    return found


def _merge(headers: Sequence[Header]) -> Header:
    """One header out of neighbouring lines: the first of each piece."""
    name = next((header.name for header in headers if header.name), None)
    pieces = [next((piece for header in headers if (piece := header[field])), "") for field in (1, 2, 3)]
    return Header(name, *pieces)


def _sign_off(page: Page, first: int, last: int) -> Author | None:
    """The name on the last line of a comment of several lines, if it looks like one."""
    line = page.lines[last]
    if last == first or not page.names[last] or len(line.text) > _SIGN_OFF_CHARS or "http" in line.text or line.text[0] in "@#":
        return None
    name = line.text.strip(" -–—*.,")
    return Author(name=name, source="sign_off") if any(char.isalpha() for char in name) and not name[0].islower() else None


def replies(texts: Sequence[str], authors: Sequence[Author | None]) -> list[int | None]:
    """Which comment each answers: the latest one above by the author whom "@Name" opens it with."""
    latest: dict[str, int] = {}
    longest = 0
    found: list[int | None] = []
    for index, (text, author) in enumerate(zip(texts, authors, strict=True)):
        target = None
        if text[0] == "@":
            called = " ".join(fold(text[1:120]).split())
            target = next(
                (latest[called[:size]] for size in range(min(longest, len(called)), 1, -1) if called[:size] in latest), None
            )
        found.append(target)
        if author is not None:
            key = " ".join(fold(author.name).split())
            latest[key] = index
            longest = max(longest, len(key))
    return found
