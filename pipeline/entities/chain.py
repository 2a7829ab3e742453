"""A linear chain over tags: how likely each tag of each word is, for many short sequences at once.

The textbook recursions of a conditional random field (Lafferty, McCallum and Pereira 2001), vectorised over sequences of unequal
lengths. Sequences are rows of words that can be one phrase: a name never runs over a comma. `marginals_of_one` is the plain
reference.
"""

from itertools import product
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.entities.spans import Ints, running, steps

Scores = npt.NDArray[np.float32]
PLAIN = 0.9  # how likely the word before a cut has the first tag
LEAST = -40.0  # a tag's score at least, against the best one's of its word
RESCALED = 4  # words after which the scores of a sequence are scaled again
LONGEST = 40  # words of a sequence; longer ones are cut, and what follows the cut can be the inside of a name


class Layout(NamedTuple):
    """The words of sequences put in another order: every sequence's first word, then every second one, and so on."""

    place: Ints  # where each word goes
    mirrored: Ints  # where it goes if every sequence is turned round; the columns stay as long as they are
    column: Ints  # the how-manieth of its sequence each word is
    bounds: list[int]  # where each column starts in that order, and the end
    whole: npt.NDArray[np.bool_]  # which sequences, in that order, do not go on from one that was cut


def layout(breaks: npt.NDArray[np.bool_]) -> Layout:
    """The order for words of which `breaks` begin a sequence; sequences longer than LONGEST are cut.

    Within a column the words of longer sequences come first, so that those which go on are the first rows of it.
    """
    count = len(breaks)
    index = np.arange(count)
    start = np.maximum.accumulate(index * breaks)
    first = ((index - start) % LONGEST == 0).nonzero()[0]
    lengths = steps(first, count)
    rank = np.empty(len(first), dtype=np.int64)
    rank[(-lengths).argsort(kind="stable")] = index[: len(first)]
    ranks, column = rank.repeat(lengths), index - first.repeat(lengths)
    bounds = running(np.bincount(column))
    whole = np.empty(len(first), dtype=np.bool_)
    whole[rank] = start[first] == first
    from_end = (lengths - 1).repeat(lengths) - column
    return Layout(bounds[column] + ranks, bounds[from_end] + ranks, column, bounds.tolist(), whole)


def marginals(scores: Scores, where: Layout, moves: Scores) -> tuple[Scores, Scores, Scores]:
    """How likely each tag of each word is; and the scaled forward and backward scores, from which training takes the pairs.

    A row a word, of scores as of results. `moves[i, j]` scores tag j after tag i, its last row the first tag.
    """
    tags = scores.shape[1]
    cells = scores.T.copy()
    cells -= cells.max(axis=0)
    np.exp(np.maximum(cells, LEAST, out=cells), out=cells)
    reached = _recursion(_both_ways(cells, where), where, moves)
    forward, behind = reached[:tags].take(where.place, axis=1), reached[tags:].take(where.mirrored, axis=1)
    likely = forward * (behind / cells)
    likely /= np.add.reduce(likely, axis=0)
    return likely.T, forward.T, behind.T


def _both_ways(cells: Scores, where: Layout) -> Scores:
    """The cells in the order of the layout, and below them in that of the sequences turned round."""
    tags, count = cells.shape
    both = np.empty((2 * tags, count), dtype=np.float32)
    order = np.empty(count, dtype=np.int64)
    for half, place in ((both[:tags], where.place), (both[tags:], where.mirrored)):
        order[place] = np.arange(count)
        cells.take(order, axis=1, out=half, mode="clip")
    return both


def _recursion(both: Scores, where: Layout, moves: Scores) -> Scores:
    """The forward scores and, of the sequences turned round, the backward ones: column by column, the two at once.

    They overwrite the cells. Scaling every few words keeps them within range. Products are summed in float64: how BLAS adds up
    depends on how many sequences there are, and what a page says must not depend on the pages that are read with it.
    """
    tags, bounds = len(both) // 2, where.bounds
    step = np.zeros((2 * tags, 2 * tags))
    step[:tags, :tags], step[tags:, tags:] = np.exp(moves[:-1]).T, np.exp(moves[:-1])
    usual = np.full(tags, (1 - PLAIN) / (tags - 1))
    usual[0] = PLAIN
    begin = both[:tags, : len(where.whole)]
    begin *= np.where(where.whole, np.exp(moves[-1])[:, None], step[:tags, :tags].dot(usual)[:, None])
    for place, (before, first, end) in enumerate(zip(bounds, bounds[1:], bounds[2:], strict=False)):
        here = both[:, first:end]
        here *= step.dot(both[:, before : before + end - first])
        if place % RESCALED == RESCALED - 1:
            by_way = here.reshape(2, tags, end - first)
            here /= np.add.reduce(by_way, axis=1).repeat(tags, axis=0)
    return both


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
