"""Marks of register in a comment: shouting, and words that a moderator masked."""

from functools import cache

import numpy as np
import numpy.typing as npt

from pipeline.events import Flags, Span
from pipeline.text import masked
from pipeline.texts import Texts

_MIN_LETTERS = 10  # below, capitals are an acronym or a sign-off
_MIN_SHARE = 0.7  # a shouting writer still leaves a line or some words in lower case
_BMP = 0x10000
_UPPER, _LOWER = 1, 2


def flags(text: str) -> Flags:
    """The marks that `text` bears; spans are code points into it."""
    return flags_of(Texts.of([text]))[0]


def flags_of(texts: Texts) -> list[Flags]:
    """The marks that each text bears."""
    spans = (tuple(Span(start=start, end=end) for start, end in masked(text)) for text in texts.texts)
    return [Flags(all_caps=loud, masked_profanity=found) for loud, found in zip(_shouting(texts), spans, strict=True)]


def _shouting(texts: Texts) -> list[bool]:
    """Whether each text is mostly capitals, of the letters that have a case."""
    cases = _cases().take(texts.codes, mode="clip")
    beyond = np.flatnonzero(texts.codes >= _BMP)
    cases[beyond] = [_case(chr(code)) for code in texts.codes[beyond].tolist()]
    upper, lower = (np.diff(np.flatnonzero(cases == case).searchsorted(texts.bounds)) for case in (_UPPER, _LOWER))
    loud: list[bool] = ((upper + lower >= _MIN_LETTERS) & (upper >= _MIN_SHARE * (upper + lower))).tolist()
    return loud


@cache
def _cases() -> npt.NDArray[np.uint8]:
    """The case of each code point of the Basic Multilingual Plane, and of none for those beyond; made at first use."""
    return np.array([*(_case(chr(code)) for code in range(_BMP)), 0], dtype=np.uint8)


def _case(char: str) -> int:
    return _UPPER if char.isupper() else _LOWER if char.islower() else 0
