"""A linear chain over tags: how likely each tag of each word is, for many short sequences at once.

The textbook recursions of a conditional random field (Lafferty, McCallum and Pereira 2001), vectorised over sequences of unequal
lengths. Sequences are rows of words that can be one phrase: a name never runs over a comma. `marginals_of_one` is the plain
reference.
"""

from itertools import product
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.entities.spans import Ints

Scores = npt.NDArray[np.float32]
PLAIN = 0.9  # how likely the word before a cut has the first tag
LEAST = -40.0  # a tag's score at least, against the best one's of its word
RESCALED = 4  # words after which the scores of a sequence are scaled again
LONGEST = 40  # words of a sequence; longer ones are cut, and what follows the cut can be the inside of a name


class Layout(NamedTuple):
    """The words of sequences put in another order: every sequence's first word, then every second one, and so on."""

    place: Ints  # where each word goes
    column: Ints  # the how-manieth of its sequence each word is
    bounds: list[int]  # where each column starts in that order, and the end
    whole: npt.NDArray[np.bool_]  # which sequences, in that order, do not go on from one that was cut


def layout(breaks: npt.NDArray[np.bool_]) -> Layout:
    """The order for words of which `breaks` begin a sequence; sequences longer than LONGEST are cut.

    Within a column the words of longer sequences come first, so that those which go on are the first rows of it.
    """
    count = len(breaks)
    index = np.arange(count)
    start = np.maximum.accumulate(np.where(breaks, index, 0))
    begins = (index - start) % LONGEST == 0
    first = np.flatnonzero(begins)
    lengths = np.diff(first, append=count)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(-lengths, kind="stable")] = np.arange(len(first))
    sequence = np.cumsum(begins) - 1
    column = index - first[sequence]
    bounds = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(np.bincount(column))))
    whole = np.empty(len(first), dtype=np.bool_)
    whole[rank] = start[first] == first
    return Layout(bounds[column] + rank[sequence], column, bounds.tolist(), whole)


def marginals(scores: Scores, where: Layout, moves: Scores) -> tuple[Scores, Scores, Scores]:
    """How likely each tag of each word is; and the scaled forward and backward scores, from which training takes the pairs.

    A row a word, of scores as of results. `moves[i, j]` scores tag j after tag i, its last row the first tag.
    """
    cells = np.empty(scores.shape[::-1], dtype=np.float32)
    cells[:, where.place] = scores.T
    cells -= cells.max(axis=0)
    np.exp(np.maximum(cells, LEAST, out=cells), out=cells)
    step, back = np.exp(moves[:-1]).T.copy(), np.exp(moves[:-1])
    forward, behind, bounds = cells.copy(), cells.copy(), where.bounds
    usual = np.full(len(moves) - 1, (1 - PLAIN) / (len(moves) - 2))
    usual[0] = PLAIN
    forward[:, : len(where.whole)] *= np.where(where.whole, np.exp(moves[-1])[:, None], step.dot(usual)[:, None])
    # Both recursions multiply a word's cells in; scaling every few words keeps them within float32.
    for place, (before, first, end) in enumerate(zip(bounds, bounds[1:], bounds[2:], strict=False)):
        reached = step.dot(forward[:, before : before + end - first])
        forward[:, first:end] *= reached
        if place % RESCALED == RESCALED - 1:
            forward[:, first:end] /= np.add.reduce(forward[:, first:end], axis=0)
    for place, (before, first, end) in enumerate(zip(bounds[-3::-1], bounds[-2::-1], bounds[:1:-1], strict=False)):
        reached = back.dot(behind[:, first:end])
        behind[:, before : before + end - first] *= reached
        if place % RESCALED == RESCALED - 1:
            behind[:, before:first] /= np.add.reduce(behind[:, before:first], axis=0)
    likely = forward * (behind / cells)
    likely /= np.add.reduce(likely, axis=0)
    return likely[:, where.place].T, forward[:, where.place].T, behind[:, where.place].T


def marginals_of_one(scores: Scores, moves: Scores) -> Scores:
    """How likely each tag of each word of one sequence is, by going through every sequence of tags."""
    words, tags = scores.shape
    likely = np.zeros((words, tags))
    for path in product(range(tags), repeat=words):
        before = (-1, *path)
        weight = np.exp(sum(float(moves[before[word], tag]) + float(scores[word, tag]) for word, tag in enumerate(path)))
        likely[np.arange(words), path] += weight
    shares: Scores = (likely / likely.sum(axis=1, keepdims=True)).astype(np.float32)
    return shares
