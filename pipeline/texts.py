"""The texts of a page, folded and cut into words together, once for all stages that compare words.

A word's hash is a polynomial in its folded code points modulo 2**64, mixed, so it is the same on every platform and in every run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from pipeline.text import CodePoints, code_points, fold_codes, from_code_points, word_bounds_of

BASE = 0x9E3779B97F4A7C15  # odd, hence invertible modulo 2**64
INVERSE = pow(BASE, -1, 1 << 64)
_LEAST_BITS = 14  # of the number of powers that are made: most pages have fewer code points

Hashes = npt.NDArray[np.uint64]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Texts:
    """Texts joined by line feeds, one behind the last too; places count code points there.

    `texts`: as they are; `codes`: the code points; `bounds`: where each text starts, and the end; `folded`: each text folded;
    `starts` and `ends`: of each word (text.WORD); `firsts`: the number of each text's first word, and of all words; `hashes`: of
    each word.
    """

    texts: tuple[str, ...]
    codes: CodePoints
    bounds: Places
    folded: tuple[str, ...]
    starts: Places
    ends: Places
    firsts: Places
    hashes: Hashes

    @staticmethod
    def of(texts: Sequence[str]) -> "Texts":
        """Read texts; any strings, lone surrogates too."""
        codes = code_points("\n".join((*texts, "")))
        folded = fold_codes(codes)
        bounds = np.zeros(len(texts) + 1, dtype=np.intp)
        np.cumsum([len(text) + 1 for text in texts], out=bounds[1:])
        joined = from_code_points(folded)
        starts, ends = word_bounds_of(folded)
        return Texts(
            texts=tuple(texts),
            codes=codes,
            bounds=bounds,
            folded=tuple(joined[start : end - 1] for start, end in pairwise(bounds.tolist())),
            starts=starts,
            ends=ends,
            firsts=starts.searchsorted(bounds),
            hashes=_hashes(folded, starts, ends),
        )

    def number(self, words: Places) -> Places:
        """Which of the texts each of these words, in order, stands in."""
        return self.firsts.searchsorted(words, side="right") - 1


class Vocabulary:
    """Words, one at least, and the bits that each has; what is no single word is left out."""

    def __init__(self, words: Mapping[str, int]) -> None:
        known = [word for word in words if word.isalnum()]
        hashes = Texts.of(known).hashes
        order = hashes.argsort()
        self._hashes = hashes[order]
        self._bits = np.array([words[word] for word in known], dtype=np.uint16)[order]

    def bits(self, hashes: Hashes) -> npt.NDArray[np.uint16]:
        """The bits of words by their hashes, 0 for one that is not known."""
        place = self._hashes.searchsorted(hashes)
        found = self._bits.take(place, mode="clip")
        found[self._hashes.take(place, mode="clip") != hashes] = 0
        return found


def _hashes(codes: CodePoints, starts: Places, ends: Places) -> Hashes:
    """A hash of each word: differences of one running sum, moved back to exponent 0."""
    running = np.zeros(codes.size + 1, dtype=np.uint64)
    np.cumsum(codes * powers(codes.size, BASE), out=running[1:])
    return mix((running.take(ends) - running.take(starts)) * powers(codes.size + 1, INVERSE).take(starts))


def runs(words: Hashes, size: int) -> Hashes:
    """A hash of each run of `size` words."""
    count, factors = max(0, words.size - size + 1), powers(size, BASE)
    hashed = words[:count].copy()
    for place in range(1, size):
        hashed += words[place : place + count] * factors[place]
    return hashed


def powers(count: int, base: int) -> Hashes:
    """base**0, base**1, ... modulo 2**64."""
    return _powers(base, max(_LEAST_BITS, count.bit_length()))[:count]


@cache
def _powers(base: int, bits: int) -> Hashes:
    factors = np.full(1 << bits, base, dtype=np.uint64)
    factors[0] = 1
    return np.cumprod(factors, dtype=np.uint64)


def mix(values: Hashes) -> Hashes:
    """Spread every bit over all of them (the finaliser of SplitMix64)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: Hashes = values ^ (values >> np.uint64(31))
    return mixed
