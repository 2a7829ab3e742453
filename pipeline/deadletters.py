"""The headers of a dead letter: why, where from, and nothing of the page."""

from collections.abc import Iterable

from pipeline.errors import Reason

REASON = "vigie.reason"
ATTEMPT = "vigie.attempt"  # counted by replay; kept here, so that no record is replayed for ever
_OWN = "vigie."
_CONNECT = "__connect.errors."
_LONGEST_MESSAGE = 500


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
    told = {
        "topic": topic,
        "partition": str(partition),
        "offset": str(offset),
        "stage": stage,
        "exception.class.name": exception,
        "exception.message": message[:_LONGEST_MESSAGE],
    }
    ours = [(_CONNECT + name, text.encode("utf-8", "replace")) for name, text in told.items()]
    return [*kept, (REASON, reason.value.encode()), *ours]
