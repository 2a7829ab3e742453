"""The evidence for each place where the comments may begin, as two tables of numbers that the weights turn into log-odds.

For a page of n lines: `lines` (n, LINE_EVIDENCE) speaks of single lines, and counts for every line from the boundary on; `places`
(n + 1, PLACE_EVIDENCE) speaks of the boundary itself. Boundary b: the comments begin at line b; b = n: there are none.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.split.change import change, lead, shift
from pipeline.split.headers import Kind, Page, Run
from pipeline.split.patterns import END_MARKS
from pipeline.split.register import ACCENT_CHARS, COLUMN, describe

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]

_CHANGED = (
    "unfinished_lines",
    "blank_lines",
    "straight_apostrophes",
    "capital_starts",
    "first_person_lines",
    "lower_case_lines",
)
_CONTRASTS = ("shorter_lines", *_CHANGED, "opinions_ahead", "exclamations_ahead")
PLACE_EVIDENCE = (
    *(f"after_{mark}" for mark in END_MARKS),
    *(f"near_{mark}" for mark in END_MARKS),
    "after_short_line",
    "after_open_line",
    "after_section_line",
    "after_furniture",
    "header_opens",
    "name_before_header",
    "header_far",
    "headers_before",
    "no_header_follows",
    "footer_distance",
    "footer_early",
    "footer_late",
    "single_header",
    "usual_headers_before",
    "usual_header_passed",
    "usual_headers_ahead",
    "usual_header_later",
    "usual_headers_later",
    "after_unusual_header",
    "opens_greeting",
    "opens_name",
    "opens_quotation",
    "repeats_article",
    *_CONTRASTS,
    "article_length",
    "article_short",
    "only_comments",
    "no_comments",
    "comments_length",
)
_PLACE = {name: index for index, name in enumerate(PLACE_EVIDENCE)}
_CHANGES = [_PLACE[name] for name in _CHANGED]
_MARKED = [COLUMN[name] for name in ("straight_quotes", "curly_quotes", "first_person", "lower_case_start")]
_LEADS, _LED = [_PLACE["opinions_ahead"], _PLACE["exclamations_ahead"]], [COLUMN["opinion"], COLUMN["exclamation"]]
_AFTER = [_PLACE["after_short_line"], _PLACE["after_open_line"]]
_SHORT = 60  # characters
_FULL_LINES = 60  # on longer pages each line counts for less: their evidence repeats itself
_AROUND = 6  # lines of text on either side of a place that are compared
_LOOKUPS = 200  # how many lines of a page are looked up in what stands above them


class Tables(NamedTuple):
    """Evidence by line and by place; `share`: how much the evidence of one line counts."""

    lines: Array
    places: Array
    share: float


def gather(page: Page) -> Tables:
    """The evidence of a page."""
    lines = describe(page)
    places = np.zeros((len(lines) + 1, len(PLACE_EVIDENCE)))
    if len(lines):
        lines[:, COLUMN["name_line"]] = page.names
        sizes = np.array([line.end - line.start for line in page.lines])
        text = page.are(Kind.TEXT)
        accents = lines[:, COLUMN["few_accents"]]
        accents[:] = _few_accents(accents, np.minimum(sizes, ACCENT_CHARS) * text)
        unfinished = np.array([sign.isalnum() for sign in page.sheet.last])
        _ends(page, sizes, unfinished, places)
        _headers(page, places)
        _usual_headers(page, places)
        _openings(page, text, lines, places)
        _contrasts(page, text, unfinished, lines, places)
        places[:, _PLACE["shorter_lines"]] = -shift(np.log(sizes + 1.0), text)
        _lengths(sizes * text, places)
    return Tables(lines, places, min(1.0, _FULL_LINES / max(len(lines), 1)))


def _few_accents(accents: Array, size: Places) -> Array:
    """How many accents a line lacks against the rate of the page's first half, where the article is: a newsroom writes them all."""
    until = np.cumsum(size)
    half = int(until.searchsorted(until[-1] / 2))
    rate = min(float(accents[: half + 1].sum()) / max(int(until[half]), 1), 0.04)
    lacking = np.minimum(np.maximum(size * rate - accents, -3.0), 4.0)
    return np.asarray(lacking / 2 if rate > 0.01 else np.zeros(len(size)))


def _ends(page: Page, sizes: Places, unfinished: Mask, places: Array) -> None:
    """How the text before a place ends."""
    last = np.zeros((len(sizes) + 1, 3), dtype=np.bool_)  # a last row stands for no line
    last[:-1, 0], last[:-1, 1], last[:-1, 2] = page.are(Kind.SECTION), sizes < _SHORT, unfinished
    carried = _last(page.are(Kind.TEXT, Kind.SECTION, Kind.FURNITURE))
    places[:, _PLACE["after_section_line"]] = last[:, 0] | last[carried, 0]
    places[1:, _PLACE["after_furniture"]] = page.are(Kind.FURNITURE, Kind.FORM, Kind.UI)
    written = page.are(Kind.TEXT, Kind.FURNITURE, Kind.HEADER)
    previous = _last(written)
    marks = _marks(page, written)
    places[:, : len(END_MARKS)] = marks[previous]
    places[:, len(END_MARKS) : 2 * len(END_MARKS)] = marks[np.where(previous < 0, -1, previous[previous])]
    places[:, _AFTER] = last[previous, 1:]


def _last(mask: Mask) -> Places:
    """For each place, the last line before it that is marked; -1: none."""
    return np.concatenate(([-1], np.maximum.accumulate(np.where(mask, np.arange(len(mask)), -1))))


def _marks(page: Page, written: Mask) -> Array:
    """Which lines bear which of END_MARKS, where they are looked for; a last row that bears none stands for no line."""
    rows = np.zeros((len(page.lines) + 1, len(END_MARKS)))
    for index, name in enumerate(END_MARKS):
        for line in page.marks[name]:
            rows[line, index] = written[line]
    return rows


def _headers(page: Page, places: Array) -> None:
    """Where author and date lines stand, seen from each place."""
    runs = [run for run in page.runs if run.family and not (run.last < 3 and run is page.runs[0] and len(page.runs) > 1)]
    if not runs:
        return
    count = len(page.lines)
    firsts = np.array([run.first for run in runs])
    place = np.arange(count + 1)
    following = np.searchsorted(firsts, place)  # the run at or after a place
    places[:, _PLACE["headers_before"]] = np.log1p(following)
    places[:, _PLACE["no_header_follows"]] = following == len(runs)
    places[:, _PLACE["single_header"]] = (len(runs) == 1) & (following < len(runs))
    nearest = np.append(firsts, count)[following]
    if page.after:
        _footers(page, runs, places, following, nearest)
        return
    opens = (following < len(runs)) & (nearest == place)
    places[:, _PLACE["header_opens"]] = opens
    named = np.append(page.names, False)
    places[:-1, _PLACE["name_before_header"]] = (opens[1:] & named[:-1]) & ~opens[:-1]
    places[:, _PLACE["header_far"]] = np.where(following < len(runs), np.log1p(nearest - place), 0)


def _usual_headers(page: Page, places: Array) -> None:
    """Where author and date lines of the form that most of a page's have stand, seen from each place."""
    runs = [run for run in page.runs if run.family]
    if len(runs) < 2:
        return
    forms = [dict.fromkeys(filter(None, page.signatures[run.first : run.last + 1])) for run in runs]
    (usual, count), *_ = Counter(form for found in forms for form in found).most_common(1) or [("", 0)]
    if count < 2:
        return
    chosen = [run for run, found in zip(runs, forms, strict=True) if usual in found]
    firsts = np.array([run.first for run in chosen])
    other = np.array([kind is Kind.HEADER for kind in page.kinds])
    for run in chosen:
        other[run.first : run.last + 1] = False
    before = np.searchsorted(firsts, np.arange(len(page.lines) + 1))
    follows = before < count
    places[:, _PLACE["usual_headers_before"]] = np.log1p(before)
    places[:, _PLACE["usual_header_passed"]] = before > 0
    places[:, _PLACE["usual_headers_ahead"]] = (before == 0) & follows
    places[1:, _PLACE["after_unusual_header"]] = other
    if page.after:
        return
    follows[firsts] = False
    follows[[first - 1 for first in firsts.tolist() if first and page.names[first - 1]]] = False
    places[:, _PLACE["usual_header_later"]] = follows
    places[:, _PLACE["usual_headers_later"]] = follows * np.log(count)


def _footers(page: Page, runs: Sequence[Run], places: Array, following: Places, nearest: Places) -> None:
    """Author and date lines follow their comments: the first comment is about as long as the others."""
    sizes = np.cumsum([0, *(len(line.text) for line in page.lines)])
    usual = [float(sizes[run.first] - sizes[before.last + 1]) for before, run in pairwise(runs)]
    typical = float(np.median(usual)) if usual else 200.0
    ahead = sizes[nearest] - sizes[: len(nearest)]
    ratio = np.log((ahead + 20.0) / (typical + 20.0))
    valid = following < len(runs)
    places[:, _PLACE["footer_distance"]] = np.where(valid, np.log1p(nearest - np.arange(len(nearest))), 0)
    places[:, _PLACE["footer_late"]] = np.where(valid, np.maximum(ratio, 0), 0)
    places[:, _PLACE["footer_early"]] = np.where(valid, np.maximum(-ratio, 0), 0)
    places[:, _PLACE["header_far"]] = valid & (ahead == 0)


def _openings(page: Page, text: Mask, lines: Array, places: Array) -> None:
    """How the text after a place begins: its first line that is no furniture."""
    count = len(page.lines)
    opening = np.minimum.accumulate(np.where(text, np.arange(count), count)[::-1])[::-1]
    found = opening[opening < count]  # furniture that no text follows is at the end
    for place, line in (("opens_greeting", "greeting"), ("opens_name", "name_line"), ("opens_quotation", "quotation")):
        places[: len(found), _PLACE[place]] = lines[found, COLUMN[line]]
    repeats = _repeats(page, lines[:, COLUMN["quotation"]])
    if repeats:
        first = min(repeats)
        places[first + 1 :, _PLACE["repeats_article"]] = -1.0


def _repeats(page: Page, quoted: Array) -> list[int]:
    """Lines in quotation marks that stand, word for word, in what is above them."""
    found: list[int] = []
    above = ""
    for index in np.flatnonzero(quoted)[:_LOOKUPS].tolist():
        needle = page.lines[index].folded.strip("\"' .")[:60]
        if len(needle) < 30:
            continue
        above = above or "\n".join(line.folded for line in page.lines)
        position = above.find(needle)
        if 0 <= position < above.find(page.lines[index].folded):
            found.append(index)
    return found


def _contrasts(page: Page, text: Mask, unfinished: Mask, lines: Array, places: Array) -> None:
    """How far what stands after a place differs from what stands before it: signed gains in log-likelihood of a change there."""
    straight, curly, personal, lower = lines[:, _MARKED].T > 0
    marks: tuple[tuple[npt.ArrayLike, Mask | bool], ...] = (
        (unfinished, text),
        ([line.gap for line in page.lines], True),
        (straight > curly, text & (straight != curly)),
        ([sign.isupper() for sign in page.sheet.first], text),
        (personal, text),
        (lower, text),
    )
    both = np.empty((2, len(marks), len(text)), dtype=bool)
    for row, (values, mask) in enumerate(marks):
        both[0, row], both[1, row] = values, mask
    places[:, _CHANGES] = change(*both).T
    places[:, _LEADS] = lead(np.minimum(lines[:, _LED].T, 1.0), text, _AROUND).T


def _lengths(sizes: Places, places: Array) -> None:
    """How long the article and the comments would be, in words (about six characters each); `sizes` are those of lines of text."""
    size = np.concatenate(([0], np.cumsum(sizes))) / 6.0
    places[:, _PLACE["article_length"]] = np.log1p(size)
    places[:, _PLACE["article_short"]] = size < 40
    places[0, _PLACE["only_comments"]] = 1.0
    places[-1, _PLACE["no_comments"]] = 1.0
    places[:, _PLACE["comments_length"]] = np.log1p(size[-1] - size)
