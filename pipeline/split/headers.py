"""Which lines are furniture, and how author and date lines repeat on a page."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from enum import IntEnum
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.split.lines import Line, Sheet, Sign
from pipeline.split.patterns import UI, Patterns, patterns
from pipeline.text import words

_HEADER_CHARS = 160  # a longer line is never an author or date line
_UNDATED_CHARS = 60  # nor is one of this length without a figure
_FIGURE = re.compile(r"\d")
_NAME_CHARS = 70  # a longer line is no name
_NAME_WORDS = 7  # words beside date, clock and label on such a line
_LONG_NAME_WORDS = 14  # where the line ends with a date and a clock: "by links for 2010-11-15 ... on November 16, 2010 at 4:14 pm"
_FURNITURE_CHARS = 240  # a longer line is text
_UI_CHARS = 90  # and no interface line
_ALONE = re.compile(r"[\W_\d]+")  # votes and symbols: "+20", "12 ▲ ▼"
_ALONE_CHARS = 24
_SYMBOL = re.compile(r"[+▲▼•👍👎♥❤★☆↑↓›»|]|^[+-]?\d+$")
_NAME_START = re.compile(r"(?:#?\d{1,4}[.):]? )?(?:https?://\S+ )?[@\"']?(?:[^\W\d_a-zà-ÿ]|[\w.-]+(?: [\w.-]+)? [^\W\d_a-zà-ÿ])")
_ONE_WORD = re.compile(r"(?:https?://\S+ )?[\w.@*'-]{2,30}")
_SHORTENED = re.compile(r"(?:[^\W\d_][\w'’-]+ ){1,2}[^\W\d_a-zà-ÿ]\.")  # "Fanta D.": how many forms show a family name
_TIMES = re.compile(r"[DTR]+")
_SENTENCE_ENDS = ".!?…:;,"
_SENTENCE_END = re.compile(r"[.!?…:;,]$|\.{2}")


class Kind(IntEnum):
    """What a line is by its form alone."""

    TEXT = 0
    HEADER = 1  # author and date, or one of them with a mark
    UI = 2  # Reply, Like, votes
    SECTION = 3  # "12 comments"
    FORM = 4  # "Leave a comment"
    FURNITURE = 5  # share, tags, related


class Run(NamedTuple):
    """Neighbouring furniture lines (first..last), one at least an author or date line; `family`: of the page's main form."""

    first: int
    last: int
    family: bool


class Page(NamedTuple):
    """The lines of a page with their kinds; `after`: author and date lines follow the comment that they belong to.

    `bits` is what patterns.vocabulary says of each word of `sheet`, `marks` the lines where patterns.finder finds what.
    """

    sheet: Sheet
    lines: Sequence[Line]
    bits: npt.NDArray[np.uint16]
    marks: dict[str, set[int]]
    kinds: list[Kind]
    signatures: list[str]
    names: list[bool]
    runs: list[Run]
    after: bool

    def are(self, *kinds: Kind) -> npt.NDArray[np.bool_]:
        """Which lines are of one of these kinds."""
        return _among(kinds)[np.frombuffer(bytes(self.kinds), dtype=np.uint8)]


@cache
def _among(kinds: tuple[Kind, ...]) -> npt.NDArray[np.bool_]:
    """For each kind whether it is one of these."""
    return np.array([kind in kinds for kind in Kind])


def is_headed(page: Page) -> bool:
    """Whether author and date lines repeat on a page: what its comments look like differs with that, and so do the weights."""
    return any(run.family for run in page.runs)


def _forms(folded: Sequence[str], hinted: set[int], figured: Sequence[int], known: Patterns) -> dict[int, str]:
    """The form of each line that may be an author or date line."""
    short = [at for at in hinted if len(folded[at]) <= _UNDATED_CHARS]
    dated = [at for at in figured if len(folded[at]) <= _HEADER_CHARS and (at in hinted or is_dated(folded[at], known))]
    return {at: signature(folded[at], known) for at in {*short, *dated}}


def is_dated(folded: str, known: Patterns) -> bool:
    """Whether a line may hold a date or a clock."""
    if known.months.search(folded):
        return True
    return any(known.dates.match(folded, match.start()) for match in _FIGURE.finditer(folded))


def signature(folded: str, known: Patterns) -> str:
    """The form of an author or date line, such as "NDT" (name, date, clock), or "" where the line is none."""
    form: list[str] = []
    residue, position, dated = 0, 0, ""
    for match in known.tokens.finditer(folded):
        others = _name_words(folded[position : match.start()], known)
        residue += others
        if others and (not form or form[-1] != "N"):
            form.append("N")
        position = match.end()
        group = match.lastgroup or ""
        if group != "W":
            form.append(group)
            dated += group
        if group == "D" and any(char.isdigit() for char in match.group()[-3:]) and len(match.group()) > 7:
            dated += "Y"
    rest = folded[position:]
    others = _name_words(rest, known)
    residue += others
    if others:
        form.append("N")
    shape = "".join(form)
    timed = shape.endswith(("DT", "DTT"))
    if residue > (_LONG_NAME_WORDS if timed else _NAME_WORDS) or not _marked(dated, residue, "" if timed else folded):
        return ""
    return shape


def _marked(dated: str, residue: int, folded: str) -> bool:
    """Whether dates, clocks and labels make a header of a line with `residue` other words."""
    if not dated or (residue > 3 and _SENTENCE_END.search(folded) and "S" not in dated):
        return False
    strong = "S" in dated or "Y" in dated or "R" in dated or ("D" in dated and "T" in dated) or ("L" in dated and residue > 0)
    return strong or (residue == 0 and "D" in dated) or (residue <= 1 and "T" in dated and len(folded) <= 12)


def _name_words(text: str, known: Patterns) -> int:
    return sum(1 for word in words(text) if word not in known.glue and not word.isdigit())


def _is_name(text: str) -> bool:
    """A short line that could be somebody's name: "Ted Wilson", "artsyphotos", "391. Britainsnotpleased"."""
    if text[-1] in _SENTENCE_ENDS or ".." in text:
        return False
    words = text.split()
    if len(words) == 1 or (len(words) == 2 and words[0].startswith("http")):
        return _ONE_WORD.fullmatch(text) is not None
    return len(words) <= 6 and len(text) <= 45 + 30 * ("http" in text) and _NAME_START.match(text) is not None


def _kinds(folded: Sequence[str], busy: Collection[int], marks: dict[str, set[int]], known: Patterns) -> list[Kind]:
    """What each line is, but for author and date lines; `busy` are those with a word of the interface."""
    kinds = [Kind.UI if _is_votes(line) else Kind.TEXT for line in folded]
    for at in busy:
        if _is_ui(folded[at], known):
            kinds[at] = Kind.UI
    for at in marks["furniture"]:
        kinds[at] = kinds[at] or Kind.FURNITURE
    for kind, name in ((Kind.FORM, "form"), (Kind.SECTION, "section")):
        for at in marks[name]:
            kinds[at] = kind
    return kinds


def _is_ui(folded: str, known: Patterns) -> bool:
    """Whether a line with a word of the interface holds nothing else."""
    return len(folded) <= _UI_CHARS and all(word in known.ui_words or word.isdigit() for word in words(folded))


def _is_votes(folded: str) -> bool:
    return (
        len(folded) <= _ALONE_CHARS
        and _ALONE.fullmatch(folded) is not None
        and _SYMBOL.search(folded) is not None
        and all(map(str.isdigit, words(folded)))
    )


def read(sheet: Sheet) -> Page:
    """Tell furniture from text, line by line, then how the furniture repeats."""
    known = patterns()
    folded = [line.folded for line in sheet.lines]
    bits = known.vocabulary.bits(sheet.texts.hashes)
    marks = known.finder.on([line if len(line) <= _FURNITURE_CHARS else "" for line in folded])
    busy = set(sheet.texts.number(np.flatnonzero(bits & UI)).tolist())
    kinds, forms = _kinds(folded, busy, marks, known), [""] * len(folded)
    figured = np.flatnonzero(sheet.count(Sign.FIGURE)).tolist()
    for line, form in _forms(folded, marks["hint"], figured, known).items():
        if form and kinds[line] in (Kind.TEXT, Kind.FURNITURE):
            kinds[line], forms[line] = Kind.HEADER, form
    names = [
        kind is Kind.TEXT
        and len(line.text) <= _NAME_CHARS
        and (_is_name(line.text) or (below is Kind.HEADER and _SHORTENED.fullmatch(line.text) is not None))
        for line, kind, below in zip(sheet.lines, kinds, [*kinds, None][1:], strict=True)
    ]
    runs = _runs(kinds, forms, names)
    return Page(sheet, sheet.lines, bits, marks, kinds, forms, names, runs, _after(kinds, forms, runs))


def _runs(kinds: list[Kind], forms: list[str], names: list[bool]) -> list[Run]:
    """The runs of a page. Where it has no author or date line at all, repeated interface lines serve ("Reply" after each)."""
    if Kind.HEADER not in kinds and Kind.UI not in kinds:
        return []
    shapes = [_TIMES.sub("D", form) for form in forms]
    counts = Counter(shape for shape in shapes if shape)
    common = max(counts.values(), default=0)
    headed = Kind.HEADER if counts else Kind.UI
    spans = [span for span in _furnished(kinds) if headed in kinds[span[0] : span[1] + 1]]
    if headed is Kind.UI and len(spans) < 2:
        return []
    usual = {shape for shape, count in counts.items() if common == 1 or (count > 1 and count * 3 >= common)} or {""}
    return [Run(first, last, not usual.isdisjoint(shapes[first : last + 1])) for first, last in _with_names(spans, forms, names)]


def _furnished(kinds: list[Kind]) -> list[tuple[int, int]]:
    """Stretches (first, last) of author, date and interface lines."""
    spans: list[tuple[int, int]] = []
    for index, kind in enumerate(kinds):
        if kind not in (Kind.HEADER, Kind.UI):
            continue
        if spans and spans[-1][1] == index - 1:
            spans[-1] = (spans[-1][0], index)
        else:
            spans.append((index, index))
    return spans


def _with_names(spans: list[tuple[int, int]], forms: list[str], names: list[bool]) -> list[tuple[int, int]]:
    """Take in the name lines that stand beside date lines, on the side where the page usually has them."""
    bare = [(first, last) for first, last in spans if not any("N" in form for form in forms[first : last + 1])]
    if not bare:
        return spans
    before = sum(first > 0 and names[first - 1] for first, _ in bare) / len(bare)
    inner = [last for _, last in bare if last + 1 < len(names)]
    behind = sum(names[last + 1] for last in inner) / len(inner) if inner else 0.0
    if max(before, behind) < 0.6:
        return spans
    chosen = set(bare)
    grown = []
    for first, last in spans:
        if (first, last) in chosen:
            if before >= behind and first > 0 and names[first - 1]:
                first -= 1  # noqa: PLW2901 - the span grows by its name
            elif before < behind and last + 1 < len(names) and names[last + 1]:
                last += 1  # noqa: PLW2901 - the same
        grown.append((first, last))
    return grown


def _after(kinds: list[Kind], forms: list[str], runs: list[Run]) -> bool:
    """Whether a page closes with an author or date line: then they follow their comments. "X said:" always opens one."""
    family = [run for run in runs if run.family]
    if not family:
        return False
    if any("S" in form for form in forms[family[0].first : family[0].last + 1]):
        return False
    tail = kinds[family[-1].last + 1 :]
    return not any(kind in (Kind.TEXT, Kind.FURNITURE) for kind in tail)
