"""A linear chain over tags: how likely each tag of each word is, for many short sequences at once.

The textbook recursions of a conditional random field (Lafferty, McCallum and Pereira 2001), vectorised over sequences of unequal
lengths. Sequences are rows of words that can be one phrase: a name never runs over a comma. `marginals_of_one` is the plain
reference.
"""

from itertools import pairwise, product
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.entities.tokens import Ints

Scores = npt.NDArray[np.float32]
LONGEST = 40  # words of a sequence; longer ones are cut


class Layout(NamedTuple):
    """The words of sequences put in another order: every sequence's first word, then every second one, and so on."""

    place: Ints  # where each word goes
    column: Ints  # the how-manieth of its sequence each word is
    bounds: list[int]  # where each column starts in that order, and the end


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
    return Layout(bounds[column] + rank[sequence], column, bounds.tolist())


def marginals(scores: Scores, where: Layout, moves: Scores) -> tuple[Scores, Scores, Scores]:
    """How likely each tag of each word is; and the scaled forward and backward scores, from which training takes the pairs.

    A row a word, of scores as of results. `moves[i, j]` scores tag j after tag i, its last row the first tag.
    """
    cells = np.empty(scores.shape[::-1], dtype=np.float32)
    cells[:, where.place] = scores.T
    cells -= cells.max(axis=0)
    np.exp(cells, out=cells)
    step, total = np.exp(moves[:-1]), np.add.reduce
    columns = [cells[:, first:last] for first, last in pairwise(where.bounds)]
    reached = columns[0] * np.exp(moves[-1])[:, None] if columns else cells
    reached /= total(reached, axis=0)
    ahead = [reached]
    for column in columns[1:]:
        reached = step.T.dot(reached[:, : column.shape[1]])
        reached *= column
        reached /= total(reached, axis=0)
        ahead.append(reached)
    behind = np.ones_like(cells)
    for column, first, own in zip(columns[:0:-1], where.bounds[-3::-1], where.bounds[-2:0:-1], strict=True):
        width = column.shape[1]
        following = step.dot(behind[:, own : own + width] * column)
        following /= total(following, axis=0)
        behind[:, first : first + width] = following
    forward = np.concatenate(ahead, axis=1)
    likely = forward * behind
    likely /= total(likely, axis=0)
    behind *= cells
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
