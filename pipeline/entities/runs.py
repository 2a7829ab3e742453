"""Candidates from capitals: runs of words with a capital inside a sentence, with a type guessed from what they are made of."""

import numpy as np

from pipeline.entities.candidates import LOC, ORG, PER, RUN, Candidates, candidates
from pipeline.entities.context import Context, shift
from pipeline.entities.lexicon import BEFORE_PLACE, DEMONYM, NAME_PARTICLE, NEVER, ORGANISATION, PARTICLE, PLACE, TITLE
from pipeline.entities.spans import Flags, Ints, all_within

LONGEST = 8  # words
PARTICLES = 2  # small words that a run may hold one after the other
SHORT = 8  # letters that a run in capitals has at most if it is taken for an acronym


def find(context: Context) -> Candidates:
    """Candidates for every run of capitalised words of the page, unless it is most likely an ordinary word."""
    members = possible(context)
    first = np.flatnonzero(members)
    first = first[_starts(context, first)]
    last = ends(context, members, first)
    kept = _apart(first.tolist(), last.tolist())
    first, last = first[kept], last[kept]
    named = _named(context, first, last)
    first, last = first[named], last[named]
    kind, score = _types(context, first, last)
    return candidates(first, last, kind, score, RUN)


def possible(context: Context) -> Flags:
    """Which words can be in a run."""
    allowed = ~context.listed(PARTICLE) | context.listed(NAME_PARTICLE)
    members: Flags = context.capital & ~context.page.blocked & ~context.listed(DEMONYM | TITLE | NEVER) & allowed
    return members


def _starts(context: Context, words: Ints) -> Flags:
    """Which of some members can start a run: an initial ("J. Diouf") can, an ordinary word at a sentence's start cannot."""
    page, lists = context.page, context.lists[words]
    head = (lists & (ORGANISATION | PLACE)) > 0
    starts = ~(context.opens[words] & context.common[words] & ~head)
    lone = np.flatnonzero(context.lengths[words] == 1)
    behind = page.ends[words[lone]].tolist()
    starts[lone] &= np.array([page.folded[end : end + 1] == "." for end in behind], dtype=np.bool_)
    starts[context.elided(words)] = False
    return starts


def ends(context: Context, members: Flags, first: Ints) -> Ints:
    """The last word of the run that starts at each of some words."""
    lists, count = context.lists, len(members)
    head = (lists[first] & (ORGANISATION | PLACE)) > 0
    # How far after a member the next one of the run is, behind particles; which ones count depends on how the run starts.
    steps = [_steps(context.joined, members, (lists & kind) > 0) for kind in (NAME_PARTICLE, PARTICLE)]
    last, going = first.copy(), np.arange(len(first))
    while len(going):
        step = np.where(head[going], steps[1][last[going]], steps[0][last[going]])
        going, step = going[step > 0], step[step > 0]
        further = last[going] + step
        inside = (further - first[going] < LONGEST) & (further < count)
        going = going[inside]
        last[going] = further[inside]
    return last


def _steps(joined: Flags, members: Flags, particles: Flags) -> Ints:
    """How many words after each the next member of its run stands, 0 where there is none."""
    count = len(members)
    joined, members, particles = (
        np.append(flags, np.zeros(PARTICLES + 1, dtype=np.bool_)) for flags in (joined, members, particles)
    )
    steps, going = np.zeros(count, dtype=np.int64), np.ones(count, dtype=np.bool_)
    for step in range(1, PARTICLES + 2):
        going &= joined[step : step + count]
        here = members[step : step + count]
        steps[going & here] = step
        going &= ~here & particles[step : step + count]
    return steps


def _apart(first: list[int], last: list[int]) -> list[int]:
    """The places of the runs that do not start inside the one before."""
    after, places = 0, []
    for place, (start, end) in enumerate(zip(first, last, strict=True)):
        if start >= after:
            places.append(place)
            after = end + 1
    return places


def _named(context: Context, first: Ints, last: Ints) -> Flags:
    """Which runs are most likely no ordinary words."""
    lone, opens = first == last, context.opens[first]
    ordinary = (lone | opens) & all_within(context.common, first, last)
    unknown = lone & opens & ~context.found.parts[first].any(axis=1)
    named: Flags = ~(ordinary | unknown)
    return named


def _types(context: Context, first: Ints, last: Ints) -> tuple[Ints, np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """A type for each run, and how likely it is: the first clue that holds decides."""
    page, lists = context.page, context.lists[first] | context.lists[last]
    parts = context.found.parts
    person, long = np.maximum(parts[first, 0], parts[last, 1]), first < last
    acronym = (page.ends[last] - page.starts[first] <= SHORT) & all_within(page.raised, first, last)
    before_place = context.joined & shift(context.listed(BEFORE_PLACE))
    clues = (
        (lists & ORGANISATION > 0, ORG, 0.65),
        (lists & PLACE > 0, LOC, 0.65),
        (context.titled[first] | (long & (person >= 1)), PER, 0.75),
        (acronym, ORG, 0.6),
        (before_place[first], LOC, 0.6),
        (long, PER, 0.55),
        (person > parts[first, 3], PER, 0.52),
    )
    holds, kinds, scores = zip(*clues, strict=True)
    return np.select(holds, kinds, LOC), np.select(holds, scores, 0.5)
