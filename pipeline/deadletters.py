"""The headers of a dead letter: why, where from, and nothing of the page."""

from collections.abc import Iterable

from pipeline.errors import Reason

REASON = "vigie.reason"
ATTEMPT = "vigie.attempt"  # counted by replay; kept here, so that no record is replayed for ever
_OWN = "vigie."
_CONNECT = "__connect.errors."
_TOLD = ("topic", "partition", "offset", "stage", "exception.class.name", "exception.message")
_LONGEST_MESSAGE = 500


def header_names() -> tuple[str, ...]:
    """Names of the headers that every dead letter has."""
    return (REASON, *(_CONNECT + name for name in _TOLD))


def dead_letter_headers(
    reason: Reason,
    message: str,
    *,
    stage: str,
    topic: str,
    partition: int,
    offset: int,
    headers: Iterable[tuple[str, bytes | None]] = (),
    exception: str = "pipeline.errors.InvalidEvent",
) -> list[tuple[str, bytes | None]]:
    """The original `headers` in their order, then ours, in the names that Kafka Connect gives them.

    What an earlier dead letter said is replaced, and `vigie.attempt` is kept. `exception` is the name of a class. `message` is ours
    (InvalidEvent's, or a fixed text), never that of a foreign exception, which may quote the page; it is cut at 500 characters.
    """
    kept = [(name, value) for name, value in headers if name == ATTEMPT or not name.startswith((_OWN, _CONNECT))]
    told = (reason.value, topic, str(partition), str(offset), stage, exception, message[:_LONGEST_MESSAGE])
    return [*kept, *((name, text.encode("utf-8", "replace")) for name, text in zip(header_names(), told, strict=True))]
