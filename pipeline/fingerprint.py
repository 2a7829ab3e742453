"""A 64-bit simhash of a text: copies of one dispatch differ in few bits (Charikar, STOC 2002; over word 3-shingles).

The hash of a word is a polynomial in its folded code points modulo 2**64, so it is the same on every platform and in every run.
"""

import numpy as np
import numpy.typing as npt

from pipeline.text import code_points, fold, word_bounds

BITS = 64
_SHINGLE = 3
_BASE = 0x9E3779B97F4A7C15  # odd, hence invertible modulo 2**64
_INVERSE = pow(_BASE, -1, 1 << BITS)

_Words = npt.NDArray[np.uint64]


def fingerprint(body: str) -> str:
    """Simhash of `body` as 16 hex digits; zeros when it holds no word. Texts of one or two words are one shingle."""
    words = _word_hashes(fold(body))
    if not words.size:
        return "0" * (BITS // 4)
    size = min(_SHINGLE, words.size)
    runs = np.lib.stride_tricks.sliding_window_view(words, size)
    shingles = _mix((runs * _powers(size, _BASE)).sum(axis=1, dtype=np.uint64))
    ones = np.unpackbits(shingles.astype(">u8").view(np.uint8).reshape(-1, 8), axis=1).sum(axis=0, dtype=np.int64)
    return np.packbits(ones * 2 > shingles.size).tobytes().hex()


def distance(one: str, other: str) -> int:
    """In how many of the 64 bits two fingerprints differ: about 32 for unrelated texts, less than 16 for copies of a dispatch."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def _word_hashes(folded: str) -> _Words:
    """A hash of each word: differences of one running sum, moved back to exponent 0."""
    codes = code_points(folded).astype(np.uint64)
    starts, ends = word_bounds(folded)
    if not starts.size:
        return np.empty(0, dtype=np.uint64)
    running = np.concatenate([np.zeros(1, np.uint64), np.cumsum(codes * _powers(codes.size, _BASE), dtype=np.uint64)])
    return _mix((running[ends] - running[starts]) * _powers(codes.size, _INVERSE)[starts])


def _powers(count: int, base: int) -> _Words:
    """base**0, base**1, ... modulo 2**64."""
    factors = np.full(count, base, dtype=np.uint64)
    factors[:1] = 1
    return np.cumprod(factors, dtype=np.uint64)


def _mix(values: _Words) -> _Words:
    """Spread every bit over all of them (the finaliser of SplitMix64)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: _Words = values ^ (values >> np.uint64(31))
    return mixed
