"""What the language folders know about pages, compiled once: patterns over folded text, and words by class."""

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from pipeline import languages
from pipeline.split.literals import Finder
from pipeline.texts import Vocabulary

END_MARKS = ("source_line", "agency", "byline", "credit", "see_also", "invitation")
LINE_KINDS = ("section", "form", "furniture")
WORD_CLASSES = ("first_person", "second_person", "opinion", "wish", "chat", "attribution")
_CLOCK = r"(?<!\d)[012]?\d:[0-5]\d(?::[0-5]\d)?(?!\d)"
_FIGURES = (
    r"(?<!\d)(?:19|20)\d\d[-/.][01]?\d[-/.][0-3]?\d(?!\d)",
    r"(?<!\d)[0-3]?\d(?:/[0-3]?\d/|\.[0-3]?\d\.|-[0-3]?\d-)(?:(?:19|20)\d\d|\d\d)(?!\d)",
)
_CLASSES = {name: 1 << index for index, name in enumerate(WORD_CLASSES)}
GREETING, UNACCENTED, UI = (1 << len(_CLASSES) << index for index in range(3))


class Patterns(NamedTuple):
    """Patterns of every language together, for folded text.

    `tokens` names the parts that it finds of an author and date line: R relative date, D date, T clock, S "says", L label. A line
    with a date or a clock holds one of `months`, or one of `dates` at a figure. `finder` knows END_MARKS, LINE_KINDS and `hint`,
    which is on a line with one of R, S and L. `vocabulary` has a bit for each of WORD_CLASSES, in order, then GREETING, UNACCENTED
    and UI.
    """

    tokens: re.Pattern[str]
    months: re.Pattern[str]
    dates: re.Pattern[str]
    finder: Finder
    vocabulary: Vocabulary
    glue: frozenset[str]
    ui: frozenset[str]
    ui_words: frozenset[str]


def _any(patterns: Iterable[str]) -> str:
    return "(?:" + "|".join(patterns) + ")"


def _dates(months: Iterable[str]) -> tuple[str, tuple[str, ...]]:
    """Patterns of dates with a month in letters: of those that begin with a figure, and of those that begin with the month.

    A day without a year, and a month with one, count too.
    """
    month = _any(sorted(map(re.escape, months), key=len, reverse=True)) + r"(?![a-z])\.?"
    year = r"(?:19|20)\d\d(?!\d)"
    day = r"(?<!\d)[0-3]?\d(?:er|st|nd|rd|th)?(?!\d)"
    named = (
        rf"{month}[ /-]{{0,2}}{day},? *{year}",
        rf"(?<![a-z]){month}[ /-]{{0,2}}{day}",
        rf"(?<![a-z]){month},? {year}",
    )
    return rf"{day}[ ./-]*(?:of )?{month},?[ /-]*(?:{year})?", named


def _tokens(data: list[dict[str, Any]]) -> re.Pattern[str]:
    """One pattern that finds the parts of an author and date line."""
    months = _months(data)
    day_first, named = _dates(months)
    initials = "".join(sorted({name[0] for name in months}))
    parts = {
        "R": _any(_words(data, "relative")),
        "D": rf"(?=\d){_any((day_first, *_FIGURES))}|(?=[{initials}]){_any(named)}",
        "T": rf"(?=\d){_any(_clocks(data))}",
        "W": rf"(?<![a-z]){_any(map(re.escape, _words(data, 'weekdays')))}(?![a-z])",
        "S": rf"(?<![a-z]){_any(_words(data, 'says'))}",
        "L": rf"^{_any(_words(data, 'labels'))}",
    }
    return re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in parts.items()))


def _months(data: list[dict[str, Any]]) -> list[str]:
    return [name for month in _words(data, "months") for name in month]


def _clocks(data: list[dict[str, Any]]) -> list[str]:
    return [*_words(data, "clock"), _CLOCK]


def _finder(data: list[dict[str, Any]]) -> Finder:
    """What a line is, or ends an article with."""
    lines = {name: [f"^{_any([pattern])}" for each in data for pattern in each["lines"][name]] for name in LINE_KINDS}
    ends = {name: [pattern for each in data for pattern in each["ends"][name]] for name in END_MARKS}
    labels = [f"^{_any([label])}" for label in _words(data, "labels")]
    return Finder({**lines, **ends, "hint": [*labels, *_words(data, "relative"), *_words(data, "says")]})


def _words(data: list[dict[str, Any]], key: str) -> list[Any]:
    return [word for language in data for word in language[key]]


def _vocabulary(data: list[dict[str, Any]]) -> Vocabulary:
    """Word -> the classes that it belongs to, as bits."""
    bits: defaultdict[str, int] = defaultdict(int)
    for name, bit in {**_CLASSES, "greeting": GREETING, "unaccented": UNACCENTED}.items():
        for language in data:
            for word in language["words"][name]:
                bits[word] |= bit
    for word in _words(data, "ui"):
        bits[word] |= UI
    return Vocabulary(bits)


@cache
def patterns() -> Patterns:
    """The patterns of every language folder; made at first use."""
    data = list(languages.read("split").values())
    ui = frozenset(_words(data, "ui"))
    return Patterns(
        tokens=_tokens(data),
        months=re.compile("|".join(map(re.escape, _months(data)))),
        dates=re.compile(_any((*_FIGURES, *_clocks(data)))),
        finder=_finder(data),
        vocabulary=_vocabulary(data),
        glue=frozenset(_words(data, "glue")),
        ui=ui,
        ui_words=ui | frozenset(_words(data, "ui_filler")),
    )
