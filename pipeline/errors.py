"""What can go wrong with an event or a rule, and under which name.

PipelineError
├── InvalidEvent(reason, message)    a raw event that cannot be read: it goes to the dead letter, with its reason
├── InvalidRule(message, position)   a watch rule that cannot be evaluated as written
├── InvalidWatchList(message)        names to watch that cannot be used
├── InvalidStage(message)            a stage of the user's that cannot be loaded
├── StageFailed(stage, exception, ...)  a stage of the user's that failed on a page
└── InvalidModel(message)            package data (weights, gazetteer, language folder) that is missing or damaged
"""

from enum import StrEnum


class Reason(StrEnum):
    """Why an event is a dead letter. The set is closed; where several hold, the first in this order applies."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    NOT_UTF8 = "not_utf8"
    TOO_DEEP = "too_deep"
    NOT_JSON = "not_json"
    LONE_SURROGATE = "lone_surrogate"
    NOT_OBJECT = "not_object"
    BAD_CLOUDEVENT = "bad_cloudevent"
    MISSING_FIELD = "missing_field"
    WRONG_TYPE = "wrong_type"
    BAD_URL = "bad_url"
    BAD_TIMESTAMP = "bad_timestamp"
    UNSUPPORTED_CONTENT_TYPE = "unsupported_content_type"
    OUTPUT_TOO_LARGE = "output_too_large"
    TIMEOUT = "timeout"
    CRASHED = "crashed"
    INTERNAL = "internal"


class PipelineError(Exception):
    """Base of every error that the pipeline raises on purpose."""


class InvalidEvent(PipelineError):
    """A raw event that cannot be read; `message` says what to do and holds no page content."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message

    def __reduce__(self) -> tuple[type["InvalidEvent"], tuple[Reason, str]]:
        """Survive the way between processes, which pickles an exception by its `args`."""
        return type(self), (self.reason, self.message)


class InvalidRule(PipelineError):
    """A watch rule that cannot be evaluated; `position` is a code point offset into its query, where known."""

    def __init__(self, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.position = position


class InvalidWatchList(PipelineError):
    """A watch list that cannot be used; the message names the line and what to mend."""


class InvalidStage(PipelineError):
    """A stage of the user's that cannot be loaded; `message` names it and says why."""


class StageFailed(PipelineError):
    """A stage of the user's that failed on a page; `exception` is the type of what it raised, `message` holds no page content."""

    def __init__(self, stage: str, exception: str, what: str) -> None:
        self.stage, self.exception = stage, exception
        self.message = f"your stage {stage} {what}; mend it, or take it out of VIGIE_STAGES"
        super().__init__(self.message)


class InvalidModel(PipelineError):
    """Package data that is missing or damaged; `message` names the file and the command that builds it."""
