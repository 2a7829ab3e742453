"""A page of bare text, cut into its article, its readers' comments and the furniture between.

One decision for the whole page: the comments begin at one of its lines, or nowhere. The score of a place is the weighted evidence
for it (`evidence.py`); the softmax over all places tells how far that can be trusted (`certainty.py`); the terms that set the
winner apart are the explanation.
"""

import math
from datetime import datetime
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.events import Evidence
from pipeline.split.certainty import certainty
from pipeline.split.comments import Draft, comments, headed, replies
from pipeline.split.evidence import PLACE_EVIDENCE, Tables, gather
from pipeline.split.headers import Kind, Page, is_headed, read
from pipeline.split.layout import Layout, Segment
from pipeline.split.lines import cut
from pipeline.split.register import LINE_EVIDENCE
from pipeline.split.weights import Boundary, Weights, weights

_SHOWN = 12  # items of evidence that are kept
_LEAST = 0.05  # log-odds under which evidence is not worth naming
_EVIDENCE = (*PLACE_EVIDENCE, *LINE_EVIDENCE)
_NAMES = sorted(_EVIDENCE)
_BY_NAME = np.array([_EVIDENCE.index(name) for name in _NAMES])


class Decision(NamedTuple):
    """Where the comments begin (a line, or the number of lines), and how sure that is."""

    boundary: int
    confidence: float
    scores: npt.NDArray[np.float64]


def split_text(text: str, *, now: datetime | None = None, learned: Weights | None = None) -> Layout:
    """Split a page of plain text. Never raises; the cost is linear in the text. `now` is what relative dates count from; `learned`
    are other weights than those that are shipped.
    """
    page = read(cut(text))
    if not page.lines:
        return Layout(text=text, segments=(), method="plain_none", confidence=1.0)
    tables, learned = gather(page), learned or weights()
    table = learned.headed if is_headed(page) else learned.bare
    decision = decide(page, tables, table, learned.certainty)
    drafts = comments(page, tables.lines, decision.boundary, learned.starts, now)
    method = "plain_none" if not drafts else "plain_headers" if headed(page, decision.boundary) else "plain_bare"
    return Layout(
        text=text,
        segments=tuple(_segments(text, page, decision, drafts)),
        method=method,
        confidence=decision.confidence,
        evidence=tuple(explain(page, tables, table, decision)),
    )


def openings(page: Page) -> npt.NDArray[np.intp]:
    """For each place, the line of text that the first comment would begin with: places that share it are one decision."""
    text = page.are(Kind.TEXT)
    for run in page.runs:
        text[run.first : run.last + 1] = False
    count = len(page.lines)
    return np.append(np.minimum.accumulate(np.where(text, np.arange(count), count)[::-1])[::-1], count)


def decide(page: Page, tables: Tables, table: Boundary, trust: npt.NDArray[np.float64]) -> Decision:
    """The most probable place, and the probability that the first comment which it comes to is the right one."""
    scores = tables.places @ table.places
    scores[:-1] += tables.share * np.cumsum((tables.lines @ table.lines)[::-1])[::-1]
    boundary = int(scores.argmax())
    odds = float(certainty(page, scores, boundary, openings(page)) @ trust)
    confidence = 1.0 / (1.0 + math.exp(-min(max(odds, -20.0), 20.0)))
    return Decision(boundary, round(confidence, 4), scores)


def explain(page: Page, tables: Tables, table: Boundary, decision: Decision) -> list[Evidence]:
    """What sets the chosen place apart from the average of the others that were in question, strongest first."""
    rivals = np.exp(0.5 * (decision.scores - decision.scores.max()))
    rivals[decision.boundary] = 0.0
    rivals /= max(rivals.sum(), 1e-9)
    apart = (tables.places[decision.boundary] - rivals @ tables.places) * table.places
    inside = (np.arange(len(page.lines)) >= decision.boundary).astype(np.float64) - np.cumsum(rivals)[:-1]
    weights = np.concatenate((apart, inside @ tables.lines * (tables.share * table.lines)))[_BY_NAME]
    found = []
    for at in (-np.abs(weights)).argsort(kind="stable")[:_SHOWN].tolist():
        column = int(_BY_NAME[at]) - len(PLACE_EVIDENCE)
        line = min(decision.boundary, len(page.lines) - 1) if column < 0 else int(np.abs(inside * tables.lines[:, column]).argmax())
        if abs(weight := float(weights[at])) >= _LEAST:
            found.append(Evidence(name=_NAMES[at], weight=round(weight, 3), start=page.lines[line].start))
    return found


def _segments(text: str, page: Page, decision: Decision, drafts: list[Draft]) -> list[Segment]:
    segments = _stretches(page, decision.boundary if drafts else len(page.lines), 0)
    texts = [text[page.lines[draft.first].start : page.lines[draft.last].end] for draft in drafts]
    answers = replies(texts, [draft.author for draft in drafts])
    position = decision.boundary if drafts else len(page.lines)
    for index, draft in enumerate(drafts):
        segments += _chrome(page, position, draft.first)
        following = drafts[index + 1].confidence if index + 1 < len(drafts) else 1.0
        segments.append(
            Segment(
                kind="comment",
                start=page.lines[draft.first].start,
                end=page.lines[draft.last].end,
                author=draft.author,
                published_at=draft.published_at,
                reply_to=answers[index],
                confidence=round((decision.confidence if index == 0 else draft.confidence) * following, 4),
            )
        )
        position = draft.last + 1
    return segments + _chrome(page, position, len(page.lines))


def _chrome(page: Page, first: int, end: int) -> list[Segment]:
    return [Segment(kind="chrome", start=page.lines[first].start, end=page.lines[end - 1].end)] if first < end else []


def _stretches(page: Page, end: int, first: int) -> list[Segment]:
    """The article's lines, with furniture between them."""
    segments: list[Segment] = []
    while first < end:
        chrome = page.kinds[first] in (Kind.UI, Kind.FORM, Kind.SECTION, Kind.FURNITURE)
        last = first
        while last + 1 < end and (page.kinds[last + 1] in (Kind.UI, Kind.FORM, Kind.SECTION, Kind.FURNITURE)) == chrome:
            last += 1
        segments.append(Segment(kind="chrome" if chrome else "article", start=page.lines[first].start, end=page.lines[last].end))
        first = last + 1
    return segments
