"""Candidates from capitals: runs of words with a capital inside a sentence, with a type guessed from what they are made of."""

import numpy as np

from pipeline.entities.candidates import LOC, ORG, PER, RUN, Candidates, candidates
from pipeline.entities.context import Context, shift
from pipeline.entities.lexicon import BEFORE_PLACE, DEMONYM, NAME_PARTICLE, NEVER, ORGANISATION, PARTICLE, PLACE, TITLE
from pipeline.entities.spans import Flags, Floats, Ints, all_within, running

LONGEST = 8  # words
PARTICLES = 2  # small words that a run may hold one after the other
SHORT = 8  # letters that a run in capitals has at most if it is taken for an acronym


def find(context: Context) -> Candidates:
    """Candidates for every run of capitalised words of the page, unless it is most likely an ordinary word."""
    words = possible(context).nonzero()[0]
    begins = _starts(context, words).nonzero()[0]
    first, last = words[begins], ends(context, words, begins)
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


def ends(context: Context, words: Ints, begins: Ints) -> Ints:
    """The last word of each run; `words` are those that can be in one, `begins` the places among them where runs start."""
    first = words[begins]
    before, behind = words[:-1], words[1:]
    between = behind - before - 1
    joined = running(context.joined)
    near = (between <= PARTICLES) & (joined[behind + 1] - joined[before + 1] == between + 1)
    # Which small words may stand between two others depends on how the run starts.
    head = (context.lists[first] & (ORGANISATION | PLACE)) > 0
    last = words.searchsorted(first + LONGEST) - 1
    for kind, pick in ((NAME_PARTICLE, (~head).nonzero()[0]), (PARTICLE, head.nonzero()[0])):
        small = running(context.listed(kind))
        breaks = np.append((~near | (small[behind] - small[before + 1] < between)).nonzero()[0], len(before))
        last[pick] = np.minimum(last[pick], breaks[breaks.searchsorted(begins[pick])])
    return words[last]


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


# What each clue of `_types` says of a run, and how likely that is; the last one holds for all that no other says anything of.
_CLUES = ((ORG, 0.65), (LOC, 0.65), (PER, 0.75), (ORG, 0.6), (LOC, 0.6), (PER, 0.55), (PER, 0.52), (LOC, 0.5))
_KINDS, _SCORES = np.array([kind for kind, _ in _CLUES]), np.array([score for _, score in _CLUES])


def _types(context: Context, first: Ints, last: Ints) -> tuple[Ints, Floats]:
    """A type for each run, and how likely it is: the first clue that holds decides."""
    page, lists = context.page, context.lists[first] | context.lists[last]
    parts = context.found.parts
    person, long = np.maximum(parts[first, 0], parts[last, 1]), first < last
    acronym = (page.ends[last] - page.starts[first] <= SHORT) & all_within(page.raised, first, last)
    before_place = context.joined & shift(context.listed(BEFORE_PLACE))
    holds = np.ones((len(_CLUES), len(first)), dtype=np.bool_)
    holds[:-1] = (
        lists & ORGANISATION > 0,
        lists & PLACE > 0,
        context.titled[first] | (long & (person >= 1)),
        acronym,
        before_place[first],
        long,
        person > parts[first, 3],
    )
    clue = holds.argmax(axis=0)
    return _KINDS[clue], _SCORES[clue]
