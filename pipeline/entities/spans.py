"""Spans of words, as columns: what holds of all their words at once."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def steps(starts: Ints, end: int) -> Ints:
    """How far each of some ascending places is from the next one, the last from the end."""
    far = np.empty(len(starts), dtype=np.int64)
    np.subtract(starts[1:], starts[:-1], out=far[:-1])
    far[-1:] = end - starts[-1:]
    return far


def changes(values: npt.NDArray[np.generic]) -> Flags:
    """Which of some values differ from the one before; the first one does."""
    new = np.ones(len(values), dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=new[1:])
    return new


def running(values: Ints | Flags) -> Ints:
    """Running sums, from 0 on: what stands from `first` up to and including `last` sums up to [last + 1] less [first]."""
    sums = np.zeros(len(values) + 1, dtype=np.int64)
    values.cumsum(out=sums[1:])
    return sums


def all_within(flags: Flags, first: Ints, last: Ints) -> Flags:
    """Of which spans every word is one of some."""
    sums = running(flags)
    answer: Flags = sums[last + 1] - sums[first] == last + 1 - first
    return answer


def further_words(first: Ints, last: Ints) -> Iterator[tuple[Ints, Ints]]:
    """The second words of spans, then the third ones, and so on: which spans have one, and these words."""
    going, word = np.flatnonzero(first < last), first + 1
    while len(going):
        yield going, word[going]
        word[going] += 1
        going = going[word[going] <= last[going]]


def covered(first: Ints, end: Ints, count: int) -> Flags:
    """Which of `count` words stand in one of some spans; `end` is the word behind each."""
    depth = np.cumsum(np.bincount(first, minlength=count + 1) - np.bincount(end, minlength=count + 1))
    answer: Flags = depth[:-1] > 0
    return answer
