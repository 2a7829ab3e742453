"""Kafka's timestamps as moments."""

from datetime import UTC, datetime

_LAST_MS = 253_402_300_799_000  # the end of the year 9999, past which Python has no dates


def moment(milliseconds: float) -> datetime:
    """A record's timestamp as a moment; one that no calendar holds (microseconds, -1) becomes the nearest that one does."""
    return datetime.fromtimestamp(min(max(milliseconds, 0), _LAST_MS) / 1000, UTC)
