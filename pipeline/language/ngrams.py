"""Character n-grams of words, hashed to the rows of a weight table.

A gram's hash is the product modulo 2^64 of one random odd number per character and place. A separator's number is 0, so a gram
that would reach beyond its word hashes to row 0, whose weights are 0: no masks, no loop over words.
"""

from functools import cache
from zlib import crc32

import numpy as np
import numpy.typing as npt

ORDERS = 5
_CHARACTERS = 8192  # Latin letters all lie below
_SEED = 0x5669676965  # "Vigie"

Ints = npt.NDArray[np.int64]


@cache
def _factors() -> npt.NDArray[np.uint64]:
    """One odd number per place in the gram and character; 0 for the separator, U+0000."""
    numbers = np.random.default_rng(_SEED).integers(0, 2**64, size=(ORDERS, _CHARACTERS), dtype=np.uint64) | np.uint64(1)
    numbers[:, 0] = 0
    return numbers


def rows(words: list[str], bits: int) -> tuple[Ints, Ints]:
    """Table rows of the 1- to 5-grams of `words` (none empty), and where each word's rows start; a table has 2^bits rows."""
    joined = " " + " \0 ".join(words) + " \0\0\0\0\0"
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32) & np.uint32(_CHARACTERS - 1)
    size = len(codes) - ORDERS + 1
    table = _factors()
    product = table[0][codes[:size]]
    hashes = np.empty((size, ORDERS), dtype=np.uint64)
    hashes[:, 0] = product
    for order in range(1, ORDERS):
        product = product * table[order][codes[order : order + size]]
        hashes[:, order] = product
    lengths = np.fromiter(map(len, words), dtype=np.int64, count=len(words)) + 3
    starts = np.concatenate(([0], np.cumsum(lengths[:-1])))
    return (hashes >> np.uint64(64 - bits)).astype(np.int64).ravel(), starts * ORDERS


def word_row(word: str, bits: int) -> int:
    """Table row of the word as a whole."""
    return crc32(word.encode("utf-8", "surrogatepass")) >> (32 - bits)


def rows_reference(word: str, bits: int) -> list[int]:
    """What `rows` gives for one word, gram by gram; the tests compare them."""
    table, padded = _factors(), f" {word} "
    found = []
    for start in range(len(padded)):
        product = 1
        for order in range(ORDERS):
            char = padded[start + order] if start + order < len(padded) else "\0"
            product = product * int(table[order][ord(char) & (_CHARACTERS - 1)]) % 2**64
            found.append(product >> (64 - bits))
    return found
