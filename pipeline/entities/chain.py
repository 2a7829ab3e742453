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
    table = np.empty(scores.shape, dtype=np.float32)
    table[where.place] = scores
    cells = np.exp(table - table.max(axis=1, keepdims=True))
    step, back = np.exp(moves[:-1]), np.exp(moves[:-1]).T
    ahead, behind, total = cells.copy(), np.ones_like(cells), np.add.reduce
    columns = [slice(*pair) for pair in pairwise(where.bounds)]
    grown = ahead[columns[0]] if columns else ahead
    grown *= np.exp(moves[-1])
    grown /= total(grown, axis=1, keepdims=True)
    for column in columns[1:]:
        before, grown = grown, ahead[column]
        grown *= before[: len(grown)] @ step
        grown /= total(grown, axis=1, keepdims=True)
    for earlier, column in zip(columns[-2::-1], columns[:0:-1], strict=True):
        following = (behind[column] * cells[column]) @ back
        behind[earlier][: len(following)] = following / total(following, axis=1, keepdims=True)
    likely = ahead * behind
    likely /= total(likely, axis=1, keepdims=True)
    return likely[where.place], ahead[where.place], (behind * cells)[where.place]


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
