"""Marks of register in a comment: shouting, and words that a moderator masked."""

from pipeline.events import Flags, Span
from pipeline.text import masked

_MIN_LETTERS = 10  # below, capitals are an acronym or a sign-off
_MIN_SHARE = 0.7  # a shouting writer still leaves a line or some words in lower case


def flags(text: str) -> Flags:
    """The marks that `text` bears; spans are code points into it."""
    return Flags(
        all_caps=_shouts(text),
        masked_profanity=tuple(Span(start=start, end=end) for start, end in masked(text)),
    )


def _shouts(text: str) -> bool:
    upper = sum(map(str.isupper, text))
    cased = upper + sum(map(str.islower, text))
    return cased >= _MIN_LETTERS and upper >= _MIN_SHARE * cased
