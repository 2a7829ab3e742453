"""What goes between the worker and the processes of its pool, as bytes: a task of raw records there, an outcome for each back.

None of it is ever part of a cycle, so the garbage collector need not look at it (gc=False): that took a sixth of the CPU of reading
the answers. Nothing here imports the stages: the worker itself needs none of them.
"""

import msgspec

from agents.topics import Topic
from pipeline.errors import Reason, StageFailed
from pipeline.limits import Limits

TOGETHER = 16  # pages that a process works on together, where there are so many: half of the CPU, and more of them gain nothing


class Record(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A raw record: its value, its headers, and its Kafka timestamp in seconds (the time of its events when the page has none)."""

    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...] = ()
    timestamp: float = 0.0


class RulesFile(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A file with the watch rules, a JSON array, and one with the names to watch, as `WatchList` packs them ("": there are none).

    Another `number` stands for other rules, another `names_number` for other names.
    """

    path: str = ""
    number: int = 0
    names: str = ""
    names_number: int = 0


class Task(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Records to enrich under the watch rules and names in files (None: there are none)."""

    records: tuple[Record, ...]
    rules: RulesFile | None = None


class Output(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A record to write."""

    topic: Topic
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]


class Refusal(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Why a record is a dead letter."""

    reason: Reason
    message: str
    stage: str
    exception: str


class Stats(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What the metrics count of a page: `cpu`, the CPU seconds that it cost in all, alerts by severity and rule id, code points by
    origin, which of the watched publishers (empty: none of them). Timestamps in seconds since 1970, or None.
    """

    cpu: float
    seconds: dict[str, float]
    method: str
    confidence: float
    comments: int
    languages: dict[str, list[str]]
    entities: dict[str, int]
    severities: dict[str, int]
    rules: dict[str, int]
    characters: dict[str, int]
    publisher: str
    fetched_at: float | None
    published_at: float | None


class Outcome(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What became of a record: outputs and stats, or a refusal."""

    outputs: tuple[Output, ...] = ()
    stats: Stats | None = None
    refusal: Refusal | None = None


class Options(msgspec.Struct, frozen=True):
    """What a process needs to know of the settings."""

    limits: Limits
    detector: str
    source: str
    memory: int
    publishers: tuple[str, ...] = ()
    author_key: str = ""
    raw_fields: str = ""
    stages: tuple[str, ...] = ()


def internal(error: BaseException) -> Refusal:
    """Refuse a record on which our own code failed, or a stage of the user's.

    The text of such an exception may hold page content, so its type must do.
    """
    if isinstance(error, StageFailed):
        message = f"{error.message}; then restart the workers and: vigie dead-letters replay --reason internal"
        return Refusal(Reason.INTERNAL, message, f"stages.{error.stage}", error.exception)
    name = type(error).__name__
    return Refusal(
        Reason.INTERNAL, f"{name} while the page was processed; please report the page to vigie's developers", "process", name
    )
