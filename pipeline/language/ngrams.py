"""Character n-grams of words, hashed to the rows of a weight table.

A gram's hash is the product modulo 2^64 of one random odd number per place and letter. The number is 0 where a gram would start at
a word's end or go on into the next word, and row 0 has weights of 0: no masks, no loop over words.
"""

from collections.abc import Iterator
from functools import cache

import numpy as np
import numpy.typing as npt

from pipeline.language.letters import BREAK, FIRST_IN_WORD, NUMBERS, SPACE, START, Numbers

SHORTEST, LONGEST = 2, 5
ORDERS = LONGEST - SHORTEST + 1
_SEED = 0x5669676965  # "Vigie"

Rows = npt.NDArray[np.int64]


@cache
def _factors() -> npt.NDArray[np.uint64]:
    """One odd number per place in the gram (rows) and number of a character (columns); 0 where no gram goes on."""
    factors = np.random.default_rng(_SEED).integers(0, 2**64, size=(LONGEST, NUMBERS), dtype=np.uint64) | np.uint64(1)
    factors[0, :FIRST_IN_WORD] = 0
    factors[1:, START:] = 0
    # Whatever ends a word ends it alike, but for an apostrophe.
    factors[:, BREAK] = factors[:, SPACE]
    return factors


def rows(numbers: Numbers, bits: int) -> Iterator[Rows]:
    """Table rows, below 2^bits, of the n-grams of words (`Reading.numbers`): for each order, 2 to 5, those that start at each
    character; 0 where there is none.
    """
    size = len(numbers)
    padded = np.full(size + LONGEST, START, dtype=numbers.dtype)
    padded[:size] = numbers
    factors = _factors()
    hashes = factors[0].take(numbers)
    for place in range(1, LONGEST):
        hashes *= factors[place].take(padded[place : place + size])
        yield (hashes >> np.uint64(64 - bits)).view(np.int64)


def rows_reference(numbers: list[int], bits: int) -> list[list[int]]:
    """What `rows` gives, gram by gram; the tests compare them."""
    factors = _factors().tolist()
    found = []
    for order in range(SHORTEST, LONGEST + 1):
        line = []
        for start in range(len(numbers)):
            product = 1
            for place, number in enumerate((numbers[start : start + order] + [START] * order)[:order]):
                product = product * factors[place][number] % 2**64
            line.append(product >> (64 - bits))
        found.append(line)
    return found
