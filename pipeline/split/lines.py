"""A page as lines: the unit that the plain-text splitter decides about."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from pipeline.text import code_points, fold


class Line(NamedTuple):
    """A line that is not blank, without the white space around it. `gap`: blank lines stand before it."""

    start: int
    end: int
    text: str
    folded: str
    gap: bool


def cut(text: str) -> list[Line]:
    """The lines of a text that hold more than white space, in order; offsets are code points into `text`."""
    folded = fold(text)
    lines: list[Line] = []
    position, blank = 0, False
    for raw in text.split("\n"):
        stripped = raw.strip()
        if stripped:
            start = position + len(raw) - len(raw.lstrip())
            end = start + len(stripped)
            lines.append(Line(start, end, stripped, folded[start:end], blank))
        blank = not stripped
        position += len(raw) + 1
    return lines


class Sheet:
    """Lines as one text, each after a line feed: to search a pattern in all of them costs a fraction of searching it in each.

    A pattern must not match across a line feed; one for the start of a line begins with the line feed. Lines may be empty.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        self.text = "\n" + "\n".join(lines)
        self._starts = list(accumulate((len(line) + 1 for line in lines), initial=0))

    def having(self, pattern: re.Pattern[str]) -> list[int]:
        """The line of each match, in order: once a match."""
        starts = self._starts
        return [bisect_right(starts, match.start()) - 1 for match in pattern.finditer(self.text)]

    def beyond(self, code: int, pattern: re.Pattern[str]) -> list[int]:
        """The line of each character from a code point on that a pattern, of one character, matches."""
        codes = code_points(self.text)
        return [bisect_right(self._starts, at) - 1 for at in np.flatnonzero(codes >= code).tolist() if pattern.match(self.text, at)]
