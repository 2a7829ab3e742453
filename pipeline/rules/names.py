"""The names that watch rules list, as one sorted table of hashes.

A million names in a thousand rules took 15 s and 440 MB as a tree with an atom a name; so they take 2 s, and 24 bytes each beside
their letters.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from pipeline.rules.words import key

Hashes = npt.NDArray[np.int64]


def hashes_of(keys: Sequence[str]) -> Hashes:
    """The hashes of names' keys (words.key); they hold within this process and those forked from it."""
    return np.fromiter(map(hash, keys), dtype=np.int64, count=len(keys))


class NameTable:
    """Which lists hold a name, and as what. A list is its names, as a rule writes them, and the hashes of their keys."""

    def __init__(self, lists: Sequence[tuple[Sequence[str], Hashes]]) -> None:
        self._names = [names for names, _ in lists]
        hashes = np.concatenate([each for _, each in lists]) if lists else np.empty(0, dtype=np.int64)
        order = np.argsort(hashes, kind="stable")
        self._hashes = hashes[order]
        sizes = [len(names) for names in self._names]
        self._lists = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)[order]
        starts = np.cumsum([0, *sizes[:-1]], dtype=np.int64)
        self._places = (order - starts[self._lists]).astype(np.int32) if lists else self._lists

    def find(self, name: str) -> Iterator[tuple[int, str]]:
        """Every list that holds a name with this key: its number, and the name as it stands there."""
        wanted = hash(name)
        first = int(self._hashes.searchsorted(wanted))
        for place in range(first, len(self._hashes)):
            if self._hashes[place] != wanted:
                return
            number = int(self._lists[place])
            term = self._names[number][self._places[place]]
            if key(term) == name:  # two names may share a hash
                yield number, term
