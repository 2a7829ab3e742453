"""What the language folders know about pages, compiled once: patterns over folded text, and words by class."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

from pipeline import languages
from pipeline.split.lines import Sheet

END_MARKS = ("source_line", "agency", "byline", "credit", "see_also", "invitation")
WORD_CLASSES = ("first_person", "second_person", "opinion", "wish", "chat", "attribution")
_CLOCK = r"(?<!\d)[012]?\d:[0-5]\d(?::[0-5]\d)?(?!\d)"
_GUARD = re.compile(r"^(?:\\b|\(\?<[!=][^()]*\)|\[[^\]]*\]\?)+")


class EndMark(NamedTuple):
    """What an article may end with: `first` finds it at a line's start, each of `others` (hint, pattern) anywhere."""

    first: re.Pattern[str]
    others: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]

    def on(self, sheet: Sheet, folded: Sequence[str]) -> set[int]:
        """Which lines bear the mark; `sheet` is made of `folded`."""
        found = set(sheet.having(self.first))
        for hint, pattern in self.others:
            found.update(line for line in sheet.having(hint) if pattern.search(folded[line]))
        return found


class Patterns(NamedTuple):
    """Patterns of every language together. `tokens` names what it finds: R relative date, D date, T clock, S "says", L label.

    A search skips to what begins with a letter or a sign, but tries what begins with a condition at every place. So there are
    tokens without the conditions before them, to be searched on a Sheet: a line that holds a token is among those that `hints`
    find or, if it holds a figure, `figures`. Patterns for the start of a line begin with its line feed.
    """

    tokens: re.Pattern[str]
    hints: tuple[re.Pattern[str], ...]
    figures: tuple[re.Pattern[str], ...]
    section: re.Pattern[str]
    form: re.Pattern[str]
    furniture: re.Pattern[str]
    ends: tuple[EndMark, ...]
    glue: frozenset[str]
    ui: frozenset[str]
    ui_words: frozenset[str]
    classes: dict[str, tuple[int, ...]]
    greeting: frozenset[str]
    unaccented: frozenset[str]


def _any(patterns: Iterable[str]) -> str:
    return "(?:" + "|".join(patterns) + ")"


def _dates(months: Iterable[str], weekdays: Iterable[str]) -> tuple[list[str], list[str], str]:
    """Patterns of dates that begin with a figure, of those that begin with a month, and of days of the week.

    A day without a year, and a month with one, count too.
    """
    month = _any(sorted(map(re.escape, months), key=len, reverse=True)) + r"(?![a-z])\.?"
    year = r"(?:19|20)\d\d(?!\d)"
    day = r"(?<!\d)[0-3]?\d(?:er|st|nd|rd|th)?(?!\d)"
    figures = [
        rf"{day}[ ./-]*(?:of )?{month},?[ /-]*(?:{year})?",
        r"(?<!\d)(?:19|20)\d\d[-/.][01]?\d[-/.][0-3]?\d(?!\d)",
        r"(?<!\d)[0-3]?\d(?:/[0-3]?\d/|\.[0-3]?\d\.|-[0-3]?\d-)(?:(?:19|20)\d\d|\d\d)(?!\d)",
    ]
    named = [
        rf"{month}[ /-]{{0,2}}{day},? *{year}",
        rf"(?<![a-z]){month}[ /-]{{0,2}}{day}",
        rf"(?<![a-z]){month},? {year}",
    ]
    return figures, named, rf"(?:{_any(map(re.escape, weekdays))})(?![a-z])"


def _tokens(data: list[dict[str, Any]]) -> re.Pattern[str]:
    """One pattern that finds the parts of an author and date line."""
    months = [name for month in _words(data, "months") for name in month]
    figures, named, weekday = _dates(months, _words(data, "weekdays"))
    initials = "".join(sorted({name[0] for name in months}))
    parts = {
        "R": _any(_words(data, "relative")),
        "D": rf"(?=\d){_any(figures)}|(?=[{initials}]){_any(named)}",
        "T": rf"(?=\d){_any([*_words(data, 'clock'), _CLOCK])}",
        "W": rf"(?<![a-z]){weekday}",
        "S": rf"(?<![a-z]){_any(_words(data, 'says'))}",
        "L": rf"^{_any(_words(data, 'labels'))}",
    }
    return re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in parts.items()))


def _hints(data: list[dict[str, Any]]) -> tuple[re.Pattern[str], ...]:
    """What one of must be on a line with a relative date, "says" or a label."""
    labels = "\n" + _any(_words(data, "labels"))
    return tuple(
        re.compile(_unguarded(pattern), re.MULTILINE) for pattern in (labels, *_words(data, "relative"), *_words(data, "says"))
    )


def _figures(data: list[dict[str, Any]]) -> tuple[re.Pattern[str], ...]:
    """What one of must be on a line with a date or a clock."""
    figures, named, _ = _dates([name for month in _words(data, "months") for name in month], _words(data, "weekdays"))
    return tuple(re.compile(_unguarded(pattern), re.MULTILINE) for pattern in (*figures, *named, *_words(data, "clock"), _CLOCK))


def _unguarded(pattern: str) -> str:
    """A pattern that finds something wherever another does: it leaves out what need not, or must not, come first."""
    return _GUARD.sub("", pattern)


def _start(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("\n" + _any(patterns), re.MULTILINE)


def _end_mark(found: list[str]) -> EndMark:
    first = [pattern.removeprefix("^") for pattern in found if pattern.startswith("^")]
    others = [(_unguarded(pattern), pattern) for pattern in found if not pattern.startswith("^")]
    return EndMark(
        first=_start(first or [r"(?!)"]),
        others=tuple((re.compile(hint, re.MULTILINE), re.compile(pattern)) for hint, pattern in others),
    )


def _words(data: list[dict[str, Any]], key: str) -> list[Any]:
    return [word for language in data for word in language[key]]


def _classes(data: list[dict[str, Any]]) -> dict[str, tuple[int, ...]]:
    """Word -> the classes that it belongs to, as places in WORD_CLASSES."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    for language in data:
        for index, name in enumerate(WORD_CLASSES):
            for word in language["words"][name]:
                found[word].add(index)
    return {word: tuple(sorted(classes)) for word, classes in found.items()}


@cache
def patterns() -> Patterns:
    """The patterns of every language folder; made at first use."""
    data = list(languages.read("split").values())
    lines = {name: _start(p for language in data for p in language["lines"][name]) for name in ("section", "form", "furniture")}
    ends = [[pattern for language in data for pattern in language["ends"][name]] for name in END_MARKS]
    ui = frozenset(_words(data, "ui"))
    return Patterns(
        tokens=_tokens(data),
        hints=_hints(data),
        figures=_figures(data),
        section=lines["section"],
        form=lines["form"],
        furniture=lines["furniture"],
        ends=tuple(map(_end_mark, ends)),
        glue=frozenset(_words(data, "glue")),
        ui=ui,
        ui_words=ui | frozenset(_words(data, "ui_filler")),
        classes=_classes(data),
        greeting=frozenset(word for language in data for word in language["words"]["greeting"]),
        unaccented=frozenset(word for language in data for word in language["words"]["unaccented"]),
    )
