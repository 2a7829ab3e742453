"""Texts as numbers: a number for each letter of Latin script, another where it starts a word.

Texts are read together, joined by line feeds; no step changes a length, so that a place in the numbers leads back to the text.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt

from pipeline.text import code_points

# What is no letter ends a word; a break ends a clause too.
SPACE, APOSTROPHE, BREAK = 0, 1, 2
FIRST_IN_WORD, _FIRST_LETTER = 3, 4  # all figures are one number, 3
# All letters of other scripts are one number. A letter that starts a word has its number plus START.
_FOREIGN, START = 1023, 1024
NUMBERS = 2 * START
_LATIN = (range(0x61, 0x7B), range(0xDF, 0x2B0), range(0x1E00, 0x1F00), range(0x2C60, 0x2C80), range(0xA720, 0xA800))
# Ranges with letters that stand for Latin ones: superscript, in a circle, two in one (fi), full-width, bold.
_VARIANTS = (range(0xAA, 0xBB), range(0x1D00, 0x1DC0), range(0x2070, 0x24EA), range(0xFB00, 0xFB07), range(0xFF10, 0xFF5B),
             range(0x1D400, 0x1D800))  # fmt: skip
_CODES = 0x20000  # letters beyond are rare enough to be taken for spaces
_APOSTROPHES = "'’‘ʼ´`′＇"
_BREAKS = '\n\r.!?…;:,()[]{}«»"“”„|/•\u2028\u2029'
_LOOK_ALIKES = dict(zip("асеорхуіјѕԁһӏκοαν", "aceopxyijsdhlkoav", strict=True))
# Bits of what a word holds.
_HAS_LATIN, _HAS_FOREIGN = 1, 2

Numbers = npt.NDArray[np.uint16]
Places = npt.NDArray[np.intp]


@cache
def _alphabet() -> dict[str, int]:
    """The number of each small Latin letter."""
    letters = (chr(code) for codes in _LATIN for code in codes)
    kept = (char for char in letters if char.isalpha() and unicodedata.normalize("NFKC", char.lower()) == char)
    return {char: number for number, char in enumerate(kept, _FIRST_LETTER)}


def _number(char: str) -> int:
    """The number of a character."""
    if not char.isalnum():
        return SPACE
    small = unicodedata.normalize("NFKC", char).lower()[0]
    other = FIRST_IN_WORD if char.isnumeric() else _FOREIGN
    return _alphabet().get(small, other)


@cache
def _table() -> Numbers:
    """The number of each code point, and of those beyond; made at first use (about 20 ms)."""
    table = np.zeros(_CODES + 1, dtype=np.uint16)
    others = [code for code in range(_CODES) if chr(code).isalnum()]
    table[others] = [FIRST_IN_WORD if chr(code).isnumeric() else _FOREIGN for code in others]
    for codes in (range(0x250), *_LATIN, *_VARIANTS):
        table[codes.start : codes.stop] = [_number(chr(code)) for code in codes]
    for chars, number in ((_APOSTROPHES, APOSTROPHE), (_BREAKS, BREAK)):
        table[[ord(char) for char in chars]] = number
    return table


@cache
def _kinds() -> npt.NDArray[np.uint8]:
    """What each number makes of its word."""
    kinds = np.full(START, _HAS_LATIN, dtype=np.uint8)
    kinds[:_FIRST_LETTER], kinds[_FOREIGN] = 0, _HAS_FOREIGN
    return kinds


@cache
def _twins() -> tuple[npt.NDArray[np.uint32], Numbers]:
    """Code points of letters that look like Latin ones, in order, and the numbers of those."""
    pairs = sorted((ord(char), _alphabet()[twin]) for char, twin in _LOOK_ALIKES.items())
    return np.array([code for code, _ in pairs], dtype=np.uint32), np.array([number for _, number in pairs], dtype=np.uint16)


@cache
def _written() -> npt.NDArray[np.uint16]:
    """The UTF-16 unit of each number: writes words again."""
    text = " ' 0".ljust(_FIRST_LETTER) + "".join(_alphabet())
    units = np.frombuffer(text.ljust(START).encode("utf-16-le"), dtype="<u2")
    return np.concatenate((units, units))


@dataclass(frozen=True)
class Reading:
    """What some texts hold in Latin letters. Words are numbered through all texts.

    `numbers`: the letters of each word, then the number of what ends it (never a letter); `begins`: where each word begins there,
    and the end; `starts`: where it starts in the joined texts; `bounds`: where each text starts there, and the end; `breaks`: the
    places of what ends a clause; `foreign`: the letters of other scripts that each text holds in words without Latin ones.
    """

    numbers: Numbers
    begins: Places
    starts: Places
    bounds: Places
    breaks: Places
    foreign: Places

    @cached_property
    def firsts(self) -> Places:
        """The first word of each text, and the number of words."""
        return self.starts.searchsorted(self.bounds)

    def words(self, text: int) -> list[str]:
        """The words of a text, small; one keeps the apostrophe that ends it ("l'", "don'"): it says more than the letters do."""
        first, last = self.begins[self.firsts[text : text + 2]]
        return str(_written()[self.numbers[first:last]].tobytes(), "utf-16-le").replace("'", "' ").split()

    def clauses(self) -> Places:
        """The first word of each clause; a text's first word is one."""
        number = self.breaks.searchsorted(self.starts)
        return np.flatnonzero(np.concatenate(([True], number[1:] != number[:-1]))) if number.size else number


def _repaired(numbers: Numbers, codes: npt.NDArray[np.uint32], mixed: Places) -> Numbers:
    """Numbers with Latin letters where a copy guard put look-alikes; `mixed`: the places of words that hold both."""
    places = mixed[numbers[mixed] == _FOREIGN]
    twins, latin = _twins()
    found = np.minimum(twins.searchsorted(codes[places]), twins.size - 1)
    places, found = places[twins[found] == codes[places]], found[twins[found] == codes[places]]
    repaired = numbers.copy()
    repaired[places] = latin[found]
    return repaired


def read(texts: Sequence[str]) -> Reading:
    """Read texts, cleaned of what carries no language (`words.cleaned`)."""
    lengths = np.fromiter(map(len, texts), dtype=np.intp, count=len(texts))
    bounds = np.concatenate(([1], (lengths + 1).cumsum() + 1))
    codes = code_points("\n".join(("", *texts, "")))
    numbers = _table().take(codes, mode="clip")
    inside = numbers >= FIRST_IN_WORD
    edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
    starts, ends = edges[::2], edges[1::2]
    foreign = np.zeros(len(texts), dtype=np.intp)
    if starts.size:
        kinds = np.bitwise_or.reduceat(_kinds().take(numbers), edges)[::2]
        if (kinds & _HAS_FOREIGN).any():
            mixed = (kinds == _HAS_FOREIGN | _HAS_LATIN).repeat(ends - starts)
            numbers = _repaired(numbers, codes, np.flatnonzero(inside)[mixed])
            kinds = np.bitwise_or.reduceat(_kinds().take(numbers), edges)[::2]
            alien = (kinds & _HAS_FOREIGN) > 0
            texts_of = bounds.searchsorted(starts[alien], side="right") - 1
            foreign = np.bincount(texts_of, (ends - starts)[alien], len(texts)).astype(np.intp)
        kept = kinds == _HAS_LATIN
        if not kept.all():
            inside[inside] = kept.repeat(ends - starts)
            starts, ends = starts[kept], ends[kept]
    breaks = np.flatnonzero(numbers == BREAK)
    inside[ends] = True
    begins = np.concatenate(([0], (ends - starts + 1).cumsum()))
    numbers = numbers[inside]
    numbers[begins[:-1]] += START
    return Reading(numbers=numbers, begins=begins, starts=starts, bounds=bounds, breaks=breaks, foreign=foreign)
