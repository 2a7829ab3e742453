"""Which lines are furniture, and how author and date lines repeat on a page."""

import re
from collections import Counter
from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

from pipeline.split.lines import Line, Sheet
from pipeline.split.patterns import Patterns, patterns
from pipeline.text import words, words_of_each

CLIP = 2_000  # characters of a line that are looked at; the rest only counts for its length
_HEADER_CHARS = 160  # a longer line is never an author or date line
_UNDATED_CHARS = 60  # nor is one of this length without a figure
_DIGIT = re.compile(r"\d")
_NAME_WORDS = 7  # words beside date, clock and label on such a line
_LONG_NAME_WORDS = 14  # where the line ends with a date and a clock: "by links for 2010-11-15 ... on November 16, 2010 at 4:14 pm"
_FURNITURE_CHARS = 240  # a longer line is text
_UI_CHARS = 90  # and no interface line
_ALONE = re.compile(r"[\W_\d]{1,24}")  # votes and symbols: "+20", "12 ▲ ▼"
_SYMBOL = re.compile(r"[+▲▼•👍👎♥❤★☆↑↓›»|]|^[+-]?\d+$")
_NAME_START = re.compile(r"(?:#?\d{1,4}[.):]? )?(?:https?://\S+ )?[@\"']?(?:[^\W\d_a-zà-ÿ]|[\w.-]+(?: [\w.-]+)? [^\W\d_a-zà-ÿ])")
_ONE_WORD = re.compile(r"(?:https?://\S+ )?[\w.@*'-]{2,30}")
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


class Distinct(NamedTuple):
    """The different lines of a page, each read once: `which` of them each line of the page is.

    `words` are folded, and those of a line's first CLIP characters.
    """

    texts: list[str]
    folded: list[str]
    words: list[list[str]]
    kinds: list[Kind]
    which: list[int]


class Page(NamedTuple):
    """The lines of a page with their kinds; `after`: author and date lines follow the comment that they belong to."""

    lines: Sequence[Line]
    distinct: Distinct
    words: list[list[str]]
    kinds: list[Kind]
    signatures: list[str]
    names: list[bool]
    runs: list[Run]
    after: bool


def is_headed(page: Page) -> bool:
    """Whether author and date lines repeat on a page: what its comments look like differs with that, and so do the weights."""
    return any(run.family for run in page.runs)


def _forms(folded: Sequence[str], known: Patterns) -> dict[int, str]:
    """The form of each line that may be an author or date line."""
    figured = [line if len(line) <= _HEADER_CHARS and _DIGIT.search(line) else "" for line in folded]
    wanted = [figure or (line if len(line) <= _UNDATED_CHARS else "") for figure, line in zip(figured, folded, strict=True)]
    sheet, figures = Sheet(wanted), Sheet(figured)
    hinted = {line for pattern in known.hints for line in sheet.having(pattern)}
    hinted.update(line for pattern in known.figures for line in figures.having(pattern))
    return {line: signature(folded[line], known) for line in hinted}


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
    if len(text) > 70 or text[-1] in _SENTENCE_ENDS or ".." in text:
        return False
    words = text.split()
    if len(words) == 1 or (len(words) == 2 and words[0].startswith("http")):
        return _ONE_WORD.fullmatch(text) is not None
    return len(words) <= 6 and len(text) <= 45 + 30 * ("http" in text) and _NAME_START.match(text) is not None


def _kinds(folded: Sequence[str], words: Sequence[list[str]], known: Patterns) -> list[Kind]:
    """What each line is, but for author and date lines."""
    kinds = [Kind.UI if _is_ui(*line, known) else Kind.TEXT for line in zip(folded, words, strict=True)]
    sheet = Sheet([line if len(line) <= _FURNITURE_CHARS else "" for line in folded])
    for line in sheet.having(known.furniture):
        kinds[line] = kinds[line] or Kind.FURNITURE
    for kind, pattern in ((Kind.FORM, known.form), (Kind.SECTION, known.section)):
        for line in sheet.having(pattern):
            kinds[line] = kind
    return kinds


def _is_ui(folded: str, found: list[str], known: Patterns) -> bool:
    if len(folded) > _UI_CHARS:
        return False
    if not known.ui.isdisjoint(found):
        return all(word in known.ui_words or word.isdigit() for word in found)
    return _ALONE.fullmatch(folded) is not None and _SYMBOL.search(folded) is not None and all(map(str.isdigit, found))


def read(lines: Sequence[Line]) -> Page:
    """Tell furniture from text, line by line, then how the furniture repeats."""
    known = patterns()
    places: dict[str, int] = {}
    which = [places.setdefault(line.text, len(places)) for line in lines]
    texts = list(places)
    folded = list({line.text: line.folded for line in lines}.values())
    found = words_of_each([line[:CLIP] for line in folded])
    kinds, forms = _kinds(folded, found, known), [""] * len(texts)
    for line, form in _forms(folded, known).items():
        if form and kinds[line] in (Kind.TEXT, Kind.FURNITURE):
            kinds[line], forms[line] = Kind.HEADER, form
    names = [kind is Kind.TEXT and _is_name(text) for text, kind in zip(texts, kinds, strict=True)]
    distinct = Distinct(texts, folded, found, kinds, which)
    kinds, forms, names = [kinds[at] for at in which], [forms[at] for at in which], [names[at] for at in which]
    runs = _runs(kinds, forms, names)
    return Page(lines, distinct, [found[at] for at in which], kinds, forms, names, runs, _after(kinds, forms, runs))


def _runs(kinds: list[Kind], forms: list[str], names: list[bool]) -> list[Run]:
    """The runs of a page. Where it has no author or date line at all, repeated interface lines serve ("Reply" after each)."""
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
