"""What the language folders know about pages, compiled once: patterns over folded text, and words by class."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from pipeline import languages

END_MARKS = ("source_line", "agency", "byline", "credit", "see_also", "invitation")
WORD_CLASSES = ("first_person", "second_person", "opinion", "wish", "chat", "attribution")


class Patterns(NamedTuple):
    """Patterns of every language together. `tokens` names what it finds: R relative date, D date, T clock, S "says", L label."""

    tokens: re.Pattern[str]
    whole_name: re.Pattern[str]
    section: re.Pattern[str]
    form: re.Pattern[str]
    furniture: re.Pattern[str]
    ends: tuple[tuple[str, re.Pattern[str]], ...]
    glue: frozenset[str]
    ui: frozenset[str]
    ui_words: frozenset[str]
    classes: dict[str, int]
    greeting: frozenset[str]
    unaccented: frozenset[str]


def _any(patterns: Iterable[str]) -> str:
    return "(?:" + "|".join(patterns) + ")"


def _dates(months: Iterable[str], weekdays: Iterable[str]) -> list[str]:
    """Patterns of calendar dates; a day without a year, and a month with one, count too."""
    month = _any(sorted(map(re.escape, months), key=len, reverse=True)) + r"(?![a-z])\.?"
    year = r"(?:19|20)\d\d(?!\d)"
    day = r"(?<!\d)[0-3]?\d(?:er|st|nd|rd|th)?(?!\d)"
    return [
        rf"{day}[ ./-]*(?:of )?{month},?[ /-]*(?:{year})?",
        rf"{month}[ /-]{{0,2}}{day},? *{year}",
        rf"(?<![a-z]){month}[ /-]{{0,2}}{day}",
        rf"(?<![a-z]){month},? {year}",
        r"(?<!\d)(?:19|20)\d\d[-/.][01]?\d[-/.][0-3]?\d(?!\d)",
        r"(?<!\d)[0-3]?\d(?:/[0-3]?\d/|\.[0-3]?\d\.|-[0-3]?\d-)(?:(?:19|20)\d\d|\d\d)(?!\d)",
        rf"(?:{_any(map(re.escape, weekdays))})(?![a-z])",
    ]


def _tokens(data: list[dict[str, Any]]) -> re.Pattern[str]:
    """One pattern that finds the parts of an author and date line."""
    *dates, weekday = _dates([name for month in _words(data, "months") for name in month], _words(data, "weekdays"))
    parts = {
        "R": _words(data, "relative"),
        "D": dates,
        "T": [*_words(data, "clock"), r"(?<!\d)[012]?\d:[0-5]\d(?::[0-5]\d)?(?!\d)"],
        "W": [rf"(?<![a-z]){weekday}"],
        "S": [rf"(?<![a-z]){says}" for says in _words(data, "says")],
        "L": [rf"^{label}" for label in _words(data, "labels")],
    }
    return re.compile("|".join(f"(?P<{name}>{_any(patterns)})" for name, patterns in parts.items()))


def _words(data: list[dict[str, Any]], key: str) -> list[Any]:
    return [word for language in data for word in language[key]]


def _classes(data: list[dict[str, Any]]) -> dict[str, int]:
    """Word -> bits of the classes that it belongs to, in the order of WORD_CLASSES."""
    found: dict[str, int] = {}
    for language in data:
        for bit, name in enumerate(WORD_CLASSES):
            for word in language["words"][name]:
                found[word] = found.get(word, 0) | 1 << bit
    return found


@cache
def patterns() -> Patterns:
    """The patterns of every language folder; made at first use."""
    data = list(languages.read("split").values())
    lines = {name: _any(p for language in data for p in language["lines"][name]) for name in ("section", "form", "furniture")}
    ends = {name: _any(p for language in data for p in language["ends"][name]) for name in END_MARKS}
    ui = frozenset(_words(data, "ui"))
    return Patterns(
        tokens=_tokens(data),
        whole_name=re.compile(r"^(?:\d{1,4}[.)]? )?[^.!?…;]{1,40}$"),
        section=re.compile(lines["section"]),
        form=re.compile(lines["form"]),
        furniture=re.compile(lines["furniture"]),
        ends=tuple((name, re.compile(pattern)) for name, pattern in ends.items()),
        glue=frozenset(_words(data, "glue")),
        ui=ui,
        ui_words=ui | frozenset(_words(data, "ui_filler")),
        classes=_classes(data),
        greeting=frozenset(word for language in data for word in language["words"]["greeting"]),
        unaccented=frozenset(word for language in data for word in language["words"]["unaccented"]),
    )
