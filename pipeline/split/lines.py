"""A page as lines: the unit that the plain-text splitter decides about."""

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.text import alphanumeric, fold
from pipeline.texts import Places, Texts

CLIP = 2_000  # characters of a line that are looked at; the rest only counts for its length
_BMP = 0x10000
_RARE = 0x2600  # from the symbols on


class Sign:
    """What a character may be part of, as bits (plain numbers: numpy widens an IntFlag)."""

    CAPITAL = 1
    WORD = 2
    BLANK = 4
    PAUSE = 8
    APOSTROPHE = 16
    STOP = 32
    FACE = 64
    FIGURE = 128
    ACCENT = 256
    QUOTE = 512  # what is folded to "
    ELLIPSIS = 1024
    EXCLAMATION = 2048
    QUESTION = 4096
    STRAIGHT = 8192
    CURLY = 16384


_LETTERS = Sign.CAPITAL | Sign.WORD | Sign.BLANK
_RANGES = {
    Sign.CAPITAL: ("AZ", "ÀÖ", "ØÞ"),
    Sign.PAUSE: (",", ".", "'", "’"),
    Sign.APOSTROPHE: ("'", "’"),
    Sign.STOP: ("!", "?", ".", "…"),
    Sign.BLANK: (" ", "\n"),
    Sign.FACE: (":;", "<", "x"),
    Sign.QUOTE: ('"', "«", "»", "“‟", "″"),
    Sign.ELLIPSIS: ("…",),
    Sign.EXCLAMATION: ("!",),
    Sign.QUESTION: ("?",),
    Sign.STRAIGHT: ("'", '"'),
    Sign.CURLY: ("’", "“", "«"),
    Sign.ACCENT: ("ÀÖ", "ØÞ", "ßö", "øÿ"),
}


@cache
def _signs() -> npt.NDArray[np.uint16]:
    """The signs of each code point of the Basic Multilingual Plane, and of none for those beyond; made at first use."""
    table = np.where(alphanumeric(), np.uint16(Sign.WORD), np.uint16(0))
    table[ord("_")] = Sign.WORD
    table[[chr(code).isdecimal() for code in range(_BMP)] + [False]] |= Sign.FIGURE
    for sign, ranges in _RANGES.items():
        for ends in ranges:
            table[ord(ends[0]) : ord(ends[-1]) + 1] |= sign
    return table


class Line(NamedTuple):
    """A line that is not blank, without the white space around it. `gap`: blank lines stand before it."""

    start: int
    end: int
    text: str
    folded: str
    gap: bool


class Sheet:
    """The lines of a page, and what their first CLIP characters hold: `texts` are those, `text` is all of them, each between two
    line feeds, with the `signs` that each character bears.

    A search for a pattern in all of a text costs much; to look where the signs allow for it, and to try it there, costs little.
    `rare` are the places of symbols. `first` and `last` are the first and the last character of each line.
    """

    def __init__(self, lines: Sequence[tuple[int, str, bool]]) -> None:
        self.texts = Texts.of([text[:CLIP] for _, text, _ in lines])
        folded = zip(lines, self.texts.folded, strict=True)
        self.lines = [
            Line(start, start + len(text), text, short if len(text) <= CLIP else fold(text), gap)
            for (start, text, gap), short in folded
        ]
        self.first, self.last = [line.text[0] for line in self.lines], [line.text[-1] for line in self.lines]
        self.text = "\n".join(("", *self.texts.texts, ""))
        self.signs = np.zeros(len(self.text), dtype=np.uint16)
        _signs().take(self.texts.codes, mode="clip", out=self.signs[1:])
        self.rare = np.flatnonzero(self.texts.codes >= _RARE) + 1
        for place in self.rare.tolist():
            if ord(self.text[place]) >= _BMP and self.text[place].isalnum():
                self.signs[place] = Sign.WORD
        self._starts = self.texts.bounds + 1
        self._marks = np.flatnonzero(self.signs > _LETTERS)
        self._bits = self.signs[self._marks]
        each = np.unpackbits(self._bits.view(np.uint8).reshape(-1, 2), axis=1, bitorder="little")
        sums = np.zeros((len(self._marks) + 1, each.shape[1]), dtype=np.int32)
        np.cumsum(each, axis=0, out=sums[1:])
        until = sums[self._marks.searchsorted(self._starts)]
        self._counts = until[1:] - until[:-1]

    def places(self, sign: int) -> Places:
        """Where the characters stand that bear the sign, which is none of the letters'."""
        return np.asarray(self._marks[(self._bits & sign) != 0])

    def count(self, sign: int) -> npt.NDArray[np.int32]:
        """How many characters of each line bear the sign."""
        counts: npt.NDArray[np.int32] = self._counts[:, sign.bit_length() - 1]
        return counts

    def on(self, places: Places) -> Places:
        """The line of each place of the text."""
        return self._starts.searchsorted(places, side="right") - 1

    def counted(self, places: Places) -> Places:
        """How many of these places each line has."""
        return np.bincount(self.on(places), minlength=len(self.lines))

    def matched(self, places: Places, pattern: re.Pattern[str]) -> Places:
        """The lines of those places at which a pattern matches."""
        return self.on(np.array([place for place in places.tolist() if pattern.match(self.text, place)], dtype=np.intp))


def cut(text: str) -> Sheet:
    """The lines of a text that hold more than white space, in order; offsets are code points into `text`."""
    lines: list[tuple[int, str, bool]] = []
    position, blank = 0, False
    for raw in text.split("\n"):
        stripped = raw.strip()
        if stripped:
            lines.append((position + len(raw) - len(raw.lstrip()), stripped, blank))
        blank = not stripped
        position += len(raw) + 1
    return Sheet(lines)
