"""Timestamps as crawlers write them: RFC 3339, and what is near enough to it to be certain."""

import re
from datetime import UTC, datetime, timedelta, timezone

_LONGEST = 64
_SHAPE = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[Tt ](?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]+))?)?"
    r" ?(?:[Zz]|(?P<sign>[+-])(?P<zone_hour>[0-9]{2}):?(?P<zone_minute>[0-9]{2})?)?)?"
)
_LEAP = 60


def parse(text: str) -> datetime:
    """An aware datetime; ValueError for what is none.

    The zone is kept; without one it is UTC, and a bare date is midnight UTC. A space or `t` may stand for `T`, seconds may be
    left out, digits beyond microseconds are cut off. A leap second becomes the last microsecond of its minute.
    """
    found = _SHAPE.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    if found is None:
        raise ValueError("not an RFC 3339 timestamp")
    day = datetime.fromisoformat(found["date"])
    second = int(found["second"] or 0)
    micro = int((found["fraction"] or "0")[:6].ljust(6, "0"))
    if second == _LEAP:
        second, micro = 59, 999_999
    when = day.replace(
        hour=int(found["hour"] or 0), minute=int(found["minute"] or 0), second=second, microsecond=micro, tzinfo=_zone(found)
    )
    try:
        when.astimezone(UTC)
    except OverflowError:
        raise ValueError("outside of the years 1 to 9999 in UTC") from None
    return when


def _zone(found: re.Match[str]) -> timezone:
    if found["sign"] is None:
        return UTC
    hours, minutes = int(found["zone_hour"]), int(found["zone_minute"] or 0)
    if hours > 23 or minutes > 59:
        raise ValueError("no such zone")
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if found["sign"] == "-" else offset) if offset else UTC


def utc(when: datetime) -> datetime:
    """The same moment in UTC; a datetime without a zone is taken to be in UTC already."""
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)


def rfc3339(when: datetime) -> str:
    """The moment in UTC, as RFC 3339 with `Z`."""
    return utc(when).isoformat().removesuffix("+00:00") + "Z"
