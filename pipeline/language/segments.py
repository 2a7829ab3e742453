"""Where a text changes its language: clause by clause, and only where that is plain.

Each clause gives evidence for each language; the likeliest path through the languages pays for every change (Viterbi).
"""

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from pipeline.language.letters import Places, Reading
from pipeline.language.model import Floats, evidence

# What a change of language must gain, in log-odds; a foreign clause in the middle pays twice.
_CHANGE = 3.0
# A stretch is plain from this probability and this many words on: neither a name nor a borrowed word changes the language.
_PLAIN, WORDS = 0.95, 5

Judge = Callable[[Floats, Floats], Floats]


class Clauses(NamedTuple):
    """Clauses of some texts, in order: sums of their rows (clauses x 16), evidence, letters, words, place of their first word."""

    sums: Floats
    letters: Places
    words: Places
    starts: Places

    @property
    def amounts(self) -> Floats:
        """The evidence of each."""
        return evidence(self.letters, self.words)

    def part(self, first: int, last: int) -> "Clauses":
        """Some of them."""
        sums, letters, words, starts = self
        return Clauses(sums[first:last], letters[first:last], words[first:last], starts[first:last])

    def joined(self, firsts: list[int]) -> "Clauses":
        """Runs of them, that begin with these, as one each."""
        sums, letters, words, starts = self
        return Clauses(
            np.add.reduceat(sums, firsts), np.add.reduceat(letters, firsts), np.add.reduceat(words, firsts), starts[firsts]
        )


class Stretch(NamedTuple):
    """Clauses of one language: where their first word is, the language's number, its probability, how many words."""

    start: int
    language: int
    chance: float
    words: int


def clauses_of(reading: Reading, firsts: Places, sums: Floats) -> Clauses:
    """Clauses that begin with these words and have these sums."""
    ends = np.append(firsts[1:], reading.starts.size)
    words = ends - firsts
    return Clauses(sums, reading.begins[ends] - reading.begins[firsts] - words, words, reading.starts[firsts])


def path(evidence: Floats) -> list[int]:
    """The likeliest language of each clause (clauses x languages, log-probabilities; at least one clause)."""
    best, back = evidence[0], []
    own = np.arange(best.size)
    for clause in evidence[1:]:
        other = int(best.argmax())
        stays = best >= best[other] - _CHANGE
        back.append(np.where(stays, own, other))
        best = np.maximum(best, best[other] - _CHANGE) + clause
    states = [int(best.argmax())]
    for choice in reversed(back):
        states.append(int(choice[states[-1]]))
    return states[::-1]


def stretches(clauses: Clauses, judge: Judge) -> list[Stretch]:
    """The stretches of a text whose clauses are in more than one language; none where it is in one, or that is not plain.

    `judge` gives probabilities of the languages, and last of all others together, from sums of rows and their evidence.
    """
    states = path(np.log(judge(clauses.sums, clauses.amounts)[:, :-1]))
    found = _judged(clauses, states, judge)
    if not all(map(_is_plain, found)):
        main = max(found, key=lambda stretch: stretch.words).language
        doubtful = {stretch.start for stretch in found if not _is_plain(stretch)}
        starts = clauses.starts.tolist()
        for first, last in _runs(states):
            if starts[first] in doubtful:
                states[first:last] = [main] * (last - first)
        found = _judged(clauses, states, judge)
    return found if len(found) > 1 and all(map(_is_plain, found)) else []


def _is_plain(stretch: Stretch) -> bool:
    return stretch.chance >= _PLAIN and stretch.words >= WORDS


def _runs(states: list[int]) -> list[tuple[int, int]]:
    """Runs of equal states: first, and one past the last."""
    changes = [place for place in range(1, len(states)) if states[place] != states[place - 1]]
    return list(pairwise((0, *changes, len(states))))


def _judged(clauses: Clauses, states: list[int], judge: Judge) -> list[Stretch]:
    """The runs of the states, each judged as a whole."""
    firsts = [first for first, _ in _runs(states)]
    summed, languages = clauses.joined(firsts), [states[first] for first in firsts]
    chances = judge(summed.sums, summed.amounts)[np.arange(len(firsts)), languages]
    return [Stretch(*each) for each in zip(summed.starts.tolist(), languages, chances.tolist(), summed.words.tolist(), strict=True)]
