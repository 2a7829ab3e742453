"""A linear chain over tags: how likely each tag of each word is, for many short sequences at once.

The textbook recursions of a conditional random field (Lafferty, McCallum and Pereira 2001), vectorised over sequences of unequal
lengths. Sequences are rows of words that can be one phrase: a name never runs over a comma. `marginals_of_one` is the plain
reference.
"""

from itertools import product
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.entities.tokens import Ints

Scores = npt.NDArray[np.float32]
LONGEST = 40  # words of a sequence; longer ones are cut


class Layout(NamedTuple):
    """Where the words of sequences stand in a table of one row a sequence, the longest first."""

    row: Ints
    column: Ints
    active: Ints  # how many rows reach each column


def layout(breaks: npt.NDArray[np.bool_]) -> Layout:
    """The table for words of which `breaks` begin a sequence; sequences longer than LONGEST are cut."""
    count = len(breaks)
    index = np.arange(count)
    start = np.maximum.accumulate(np.where(breaks, index, 0))
    begins = (index - start) % LONGEST == 0
    first = index[begins]
    lengths = np.diff(np.append(first, count))
    order = np.argsort(-lengths, kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    sequence = np.cumsum(begins) - 1
    active = len(lengths) - np.searchsorted(np.sort(lengths), np.arange(lengths.max(initial=0)), side="right")
    return Layout(rank[sequence], index - first[sequence], active)


def spread(scores: Scores, where: Layout) -> Scores:
    """Scores of words (one row a word) as a table: columns x sequences x tags."""
    table = np.zeros((len(where.active), int(where.active.max(initial=0)), scores.shape[1]), dtype=np.float32)
    table[where.column, where.row] = scores
    return table


def marginals(table: Scores, active: Ints, moves: Scores) -> tuple[Scores, Scores, Scores]:
    """How likely each tag of each cell is; and the scaled forward and backward tables, from which training takes the pairs.

    `moves[i, j]` scores tag j after tag i, its last row the first tag.
    """
    cells = np.exp(table - table.max(axis=2, keepdims=True))
    step = np.exp(moves[:-1])
    ahead, behind = cells.copy(), np.ones_like(cells)
    ahead[0] *= np.exp(moves[-1])
    ahead[0] /= ahead[0].sum(axis=1, keepdims=True)
    for column in range(1, len(active)):
        rows = active[column]
        ahead[column, :rows] *= ahead[column - 1, :rows] @ step
        ahead[column, :rows] /= ahead[column, :rows].sum(axis=1, keepdims=True)
    for column in range(len(active) - 2, -1, -1):
        rows = active[column + 1]
        following = (behind[column + 1, :rows] * cells[column + 1, :rows]) @ step.T
        behind[column, :rows] = following / following.sum(axis=1, keepdims=True)
    likely = ahead * behind
    return likely / likely.sum(axis=2, keepdims=True), ahead, behind * cells


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
