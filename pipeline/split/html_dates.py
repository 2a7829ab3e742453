"""Dates and names on the lines around a comment: what machines wrote (ISO 8601), else what the page prints for its readers."""

import re
from datetime import datetime
from functools import lru_cache

from pipeline import timestamps
from pipeline.split.dates import moment, read_header
from pipeline.split.lines import Line
from pipeline.split.patterns import patterns
from pipeline.text import WORD, fold

_LONGEST = 300  # code points of a line that are looked at
_NAME, _NAME_WORDS = 60, 6  # at most, in code points and in words
_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?: ?(?:[Zz]\b|[+-]\d\d:?\d\d))?)?(?!\d)")


def find_date(text: str, now: datetime | None = None) -> datetime | None:
    """The date in a line such as 'Le 12 mars 2024 à 10 h 30, par Awa'; None when there is none that is certain.

    Aware; UTC where no zone is written. Relative dates ('il y a 3 jours', 'yesterday') and those without a year count from
    `now` and are None without it. 03/04/2024 is read with the day first.
    """
    text = text[:_LONGEST]
    iso = _ISO.search(text)
    if not iso:
        return moment(read_header(_line(text)), now, day_first=True) if text.strip() else None
    try:
        return timestamps.parse(iso.group())
    except ValueError:
        return None


@lru_cache(maxsize=1024)
def _line(text: str) -> Line:
    return Line(0, len(text), text, fold(text), gap=False)


def header_name(text: str) -> str | None:
    """The name on a line with a date or an 'a dit': 'Posté par Awa le 12 mars' gives Awa. None for a line that has neither."""
    line = _line(text[:_LONGEST])
    return read_header(line).name if patterns().tokens.search(line.folded) else None


def is_date_line(folded: str) -> bool:
    """Whether a line holds a date or a clock, and beside it small words alone: 'Le 12 mars 2024 à 10 h'."""
    known = patterns()
    rest, count = known.tokens.subn(" ", folded)
    return count > 0 and all(word in known.glue or word.isdigit() for word in WORD.findall(rest))


def is_interface(folded: str) -> bool:
    """Whether a line holds words of buttons alone: 'Like Share', 'Répondre'."""
    known = patterns()
    words = WORD.findall(folded)
    return all(word in known.ui_words or word.isdigit() for word in words) and not known.ui.isdisjoint(words)


def is_name(line: str) -> bool:
    """Whether a line could be somebody's name: a few words, no sentence, no date."""
    return 0 < len(WORD.findall(line)) <= _NAME_WORDS and len(line) <= _NAME and not line.isdigit() and find_date(line) is None
