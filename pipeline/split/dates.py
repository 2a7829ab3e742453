"""Names and times out of author and date lines."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from pipeline import languages
from pipeline.split.lines import Line
from pipeline.split.patterns import Patterns, patterns
from pipeline.text import WORD

_NUMBERS = re.compile(r"\d+")
_LETTERS = re.compile(r"[a-z]+")
_EDGE = ' \t,;:|/•·–—-.…()[]›>#+="«»→'


class Calendar(NamedTuple):
    """Month names, seconds by unit and days by word, of every language."""

    months: dict[str, int]
    units: dict[str, float]
    days: dict[str, int]


class Header(NamedTuple):
    """What a line says about the comment beside it; `day_first` is how a date of figures was written, if that can be told."""

    name: str | None
    date: str
    clock: str
    relative: str


@cache
def calendar() -> Calendar:
    """The calendar words of every language folder."""
    data: list[dict[str, Any]] = list(languages.read("split").values())
    months = {name: number for language in data for number, names in enumerate(language["months"], 1) for name in names}
    units = {name: float(seconds) for language in data for name, seconds in language["units"].items()}
    days = {word: days for language in data for word, days in language["ago_days"].items()}
    return Calendar(months, units, days)


def read_header(line: Line) -> Header:
    """The name on an author or date line, and the pieces of its date."""
    known = patterns()
    pieces: dict[str, str] = {}
    gaps, position = [], 0
    for match in known.tokens.finditer(line.folded):
        pieces.setdefault(match.lastgroup or "", match.group())
        gaps.append((position, match.start()))
        position = match.end()
    gaps.append((position, len(line.folded)))
    names = (_name(line, start, end, known) for start, end in gaps)
    return Header(next((name for name in names if name), None), pieces.get("D", ""), pieces.get("T", ""), pieces.get("R", ""))


def _name(line: Line, start: int, end: int, known: Patterns) -> str | None:
    """What is left between two dates when the small words at its ends are taken off."""
    words = [match.span() for match in WORD.finditer(line.folded[start:end])]
    while words and _small(line.folded[start:end], words[0], known):
        words.pop(0)
    while words and _small(line.folded[start:end], words[-1], known):
        words.pop()
    if not words:
        return None
    first, last = start + words[0][0], start + words[-1][1]
    tail = line.text[last:end].rstrip(_EDGE)
    if tail and tail[0] in "*.!)" and len(tail) == 1:
        last += 1
    return line.text[first:last].strip(_EDGE) or None


def _small(text: str, span: tuple[int, int], known: Patterns) -> bool:
    word = text[span[0] : span[1]]
    return word in known.glue or word.isdigit()


def written_day_first(dates: Iterable[str]) -> bool:
    """Whether dates of figures put the day before the month: any that can only be read one way decides; the day, in doubt."""
    for date in dates:
        numbers = [int(number) for number in _NUMBERS.findall(date)]
        if len(numbers) == 3 and numbers[0] <= 31:
            if numbers[0] > 12:
                return True
            if numbers[1] > 12:
                return False
    return True


def moment(header: Header, now: datetime | None, *, day_first: bool) -> datetime | None:
    """When a comment was published, in UTC where no zone is named; None when the line does not say, or not against `now`."""
    if header.relative and not header.date:
        return _relative(header.relative, header.clock, now)
    day = _day(header.date, now, day_first=day_first)
    if day is None:
        return None
    hour, minute, second = _clock(header.clock)
    try:
        return datetime(*day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def _day(date: str, now: datetime | None, *, day_first: bool) -> tuple[int, int, int] | None:
    numbers = [int(number) for number in _NUMBERS.findall(date)]
    month = next((calendar().months[word] for word in _LETTERS.findall(date) if word in calendar().months), None)
    if month is not None:
        years = [number for number in numbers if number > 31]
        days = [number for number in numbers if 0 < number <= 31]
        year = years[0] if years else (now.year if now else None)
        return (year, month, days[0]) if year and days else None
    if len(numbers) != 3:
        return None
    if numbers[0] > 31:
        return numbers[0], numbers[1], numbers[2]
    first, second, year = numbers
    day, month = (first, second) if day_first or first > 12 else (second, first)
    return (year + 2000 if year < 100 else year, month, day)


def _clock(clock: str) -> tuple[int, int, int]:
    numbers = [int(number) for number in _NUMBERS.findall(clock)]
    if not numbers:
        return 0, 0, 0
    hour, minute, second = (*numbers, 0, 0)[:3]
    letters = "".join(_LETTERS.findall(clock))
    if letters.startswith("p") and hour < 12:
        hour += 12
    if letters.startswith("a") and hour == 12:
        hour = 0
    return hour, minute, second


def _relative(text: str, clock: str, now: datetime | None) -> datetime | None:
    if now is None:
        return None
    known = calendar()
    days = next((count for word, count in known.days.items() if word in text), None)
    if days is not None:
        moment = now - timedelta(days=days)
        if clock:
            hour, minute, second = _clock(clock)
            return moment.replace(hour=hour, minute=minute, second=second, microsecond=0) if hour < 24 else moment
        return moment
    numbers = _NUMBERS.findall(text)
    amount = int(numbers[0][:6]) if numbers else 1
    unit = text[text.index(numbers[0]) + len(numbers[0]) :].strip() if numbers else text.split()[-1 - text.endswith(" ago")]
    unit = "".join(_LETTERS.findall(unit)[:1])
    fits = [name for name in known.units if unit.startswith(name)]
    if not fits:
        return None
    try:
        return now - timedelta(seconds=amount * known.units[max(fits, key=len)])
    except OverflowError:
        return None
