"""Marks of register in a comment: shouting, and words that a moderator masked."""

import re

from pipeline.events import Flags, Span
from pipeline.text import masked

_MIN_LETTERS = 10  # below, capitals are an acronym or a sign-off
_MIN_SHARE = 0.7  # a shouting writer still leaves a line or some words in lower case
_UPPER = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_OTHERS = re.compile(r"[^\x00-\x7f]")


def flags(text: str) -> Flags:
    """The marks that `text` bears; spans are code points into it."""
    return Flags(
        all_caps=_shouts(text),
        masked_profanity=tuple(Span(start=start, end=end) for start, end in masked(text)),
    )


def _shouts(text: str) -> bool:
    letters = text.encode("ascii", "ignore")  # most are of these, and counted at once
    others = _OTHERS.findall(text)
    upper = len(letters) - len(letters.translate(None, _UPPER)) + sum(map(str.isupper, others))
    lower = len(letters) - len(letters.translate(None, _UPPER.lower())) + sum(map(str.islower, others))
    cased = upper + lower
    return cased >= _MIN_LETTERS and upper >= _MIN_SHARE * cased
