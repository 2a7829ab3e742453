"""A 64-bit simhash of a text: copies of one dispatch differ in few bits (Charikar, STOC 2002; over word 3-shingles)."""

import numpy as np
import numpy.typing as npt

from pipeline.texts import Hashes, Texts, mix, runs

BITS = 64
_SHINGLE = 3
_BLOCK = 255  # counts of ones that a byte holds


def fingerprint(body: str) -> str:
    """Simhash of `body` as 16 hex digits; zeros when it holds no word. Texts of one or two words are one shingle."""
    return simhash(Texts.of([body]).hashes)


def simhash(words: Hashes) -> str:
    """The fingerprint of a text by the hashes of its words."""
    if not words.size:
        return "0" * (BITS // 4)
    shingles = runs(words, min(_SHINGLE, words.size))
    return np.packbits(_ones(mix(shingles)) * 2 > shingles.size).tobytes().hex()


def _ones(hashes: Hashes) -> npt.NDArray[np.int64]:
    """How many hashes have each bit, the highest first: eight counts are added at once, as the bytes of one number."""
    bits = np.unpackbits(hashes.astype(">u8").view(np.uint8)).reshape(-1, BITS)
    blocks = np.add.reduceat(bits.view(np.uint64), range(0, len(bits), _BLOCK), axis=0)
    ones: npt.NDArray[np.int64] = blocks.view(np.uint8).sum(axis=0, dtype=np.int64)
    return ones


def distance(one: str, other: str) -> int:
    """In how many of the 64 bits two fingerprints differ: about 32 for unrelated texts, less than 16 for copies of a dispatch."""
    return (int(one, 16) ^ int(other, 16)).bit_count()
