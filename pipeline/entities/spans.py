"""Spans of words, as columns: what holds of all their words at once."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


def steps(starts: Ints, end: int) -> Ints:
    """How far each of some ascending places is from the next one, the last from the end."""
    far = np.empty(len(starts), dtype=np.int64)
    np.subtract(starts[1:], starts[:-1], out=far[:-1])
    far[-1:] = end - starts[-1:]
    return far


def after(flags: Flags) -> Flags:
    """What holds of the word after each; nothing of the last one's."""
    shifted = np.zeros_like(flags)
    shifted[:-1] = flags[1:]
    return shifted


def changes(values: npt.NDArray[np.generic]) -> Flags:
    """Which of some values differ from the one before; the first one does."""
    new = np.ones(len(values), dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=new[1:])
    return new


def first_that_holds(holds: Sequence[Flags], values: Sequence[Floats | float], otherwise: Floats) -> Floats:
    """Of each place the value whose condition is the first to hold: np.select, at a third of its price for short columns."""
    answer = otherwise
    for flags, value in zip(reversed(holds), reversed(values), strict=True):
        answer = np.where(flags, value, answer)
    return answer


def distinct(values: npt.NDArray[np.integer]) -> tuple[Ints, Ints]:
    """Where the different ones first stand, in their own order, and the place of each among them."""
    order = values.argsort(kind="stable")
    new = changes(values[order])
    entry = np.empty(len(values), dtype=np.int64)
    entry[order] = new.cumsum() - 1
    return order[new], entry


def running(values: Ints | Flags) -> Ints:
    """Running sums, from 0 on, along the last axis: from `first` up to and including `last` it is [last + 1] less [first]."""
    sums = np.zeros((*values.shape[:-1], values.shape[-1] + 1), dtype=np.int64)
    values.cumsum(axis=-1, out=sums[..., 1:])
    return sums


def all_within(flags: Flags, first: Ints, last: Ints) -> Flags:
    """Of which spans every word is one of some."""
    sums = running(flags)
    answer: Flags = sums[last + 1] - sums[first] == last + 1 - first
    return answer


def least_within(values: npt.NDArray[np.floating], first: Ints, last: Ints) -> Floats:
    """The least value of each span's words, a row for each row of `values`; cheap for spans in the order of their first words."""
    bounds = np.empty((len(first), 2), dtype=np.int64)
    bounds[:, 0], bounds[:, 1] = first, last + 1
    behind = np.zeros((len(values), values.shape[1] + 1))  # a span may end where the page does
    behind[:, :-1] = values
    # Between two spans it takes the least of what lies there, too.
    least: Floats = np.minimum.reduceat(behind, bounds.reshape(-1), axis=1)[:, ::2] if len(first) else behind[:, :0]
    return least


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
