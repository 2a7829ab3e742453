"""Character n-grams of words, hashed to the rows of a weight table.

A gram's hash is the product modulo 2^64 of one random odd number per character and place. The number is 0 where a gram would start
at a word's end or go on into the next word, and row 0 has weights of 0: no masks, no loop over words.
"""

from functools import cache

import numpy as np
import numpy.typing as npt

SHORTEST, LONGEST = 2, 6
ORDERS = LONGEST - SHORTEST + 1
_START, _END = "\x01", "\x02"
_CHARACTERS = 1 << 16
_SEED = 0x5669676965  # "Vigie"
_PAD = bytes(2 * LONGEST)

Rows = npt.NDArray[np.int64]


@cache
def _factors() -> npt.NDArray[np.uint64]:
    """One odd number per place in the gram and UTF-16 unit, flat; 0 where the unit ends every gram that reaches it."""
    shape = (LONGEST, _CHARACTERS)
    numbers = np.random.default_rng(_SEED).integers(0, 2**64, size=shape, dtype=np.uint64) | np.uint64(1)
    numbers[:, 0] = 0
    numbers[0, ord(_END)] = 0
    numbers[1:, ord(_START)] = 0
    return numbers.ravel()


@cache
def _offsets() -> Rows:
    """Where the numbers of each place start in the table."""
    return np.arange(LONGEST)[:, None] * _CHARACTERS


def encoded(words: list[str]) -> bytes:
    """Words, at least one, as `rows` takes them: two bytes a letter, and four more a word."""
    return (_START + (_END + _START).join(words) + _END).encode("utf-16-le", "surrogatepass")


def rows(text: bytes, bits: int) -> Rows:
    """Table rows, below 2^bits, of the 2- to 6-grams of encoded words: starts x orders, 0 where there is no gram."""
    size = len(text) // 2
    units: npt.NDArray[np.uint16] = np.ndarray((LONGEST, size), dtype="<u2", buffer=text + _PAD, strides=(2, 2))
    hashes = _factors().take(units + _offsets())
    np.multiply.accumulate(hashes, axis=0, out=hashes)
    hashes >>= np.uint64(64 - bits)
    return hashes[SHORTEST - 1 :].view(np.int64).T


def rows_reference(words: list[str], bits: int) -> list[list[int]]:
    """What `rows` gives, gram by gram; the tests compare them."""
    numbers, joined = _factors(), "".join(_START + word + _END for word in words)
    found = []
    for start in range(len(joined)):
        line = []
        for order in range(SHORTEST, LONGEST + 1):
            product = 1
            for place, char in enumerate(joined[start : start + order].ljust(order, "\0")):
                product = product * int(numbers[place * _CHARACTERS + ord(char)]) % 2**64
            line.append(product >> (64 - bits))
        found.append(line)
    return found
