"""Candidates from capitals: runs of words with a capital inside a sentence, with a type guessed from what they are made of."""

from collections.abc import Iterator

import numpy as np

from pipeline.entities.candidates import Candidate
from pipeline.entities.context import Context
from pipeline.entities.tokens import DIGITS, LOWER
from pipeline.events import EntityType

EVIDENCE = ("run",)
LONGEST = 8  # words
SHORT = 8  # letters that a run in capitals has at most if it is taken for an acronym


def find(context: Context) -> Iterator[Candidate]:
    """Candidates for every run of capitalised words of the page."""
    page, after = context.page, 0
    capital = (page.case != LOWER) & (page.case != DIGITS) & ~page.shout & ~page.blocked
    for word in np.flatnonzero(capital).tolist():
        if word >= after and _starts(context, word):
            last = _end(context, word)
            yield from _candidate(context, word, last)
            after = last + 1


def _starts(context: Context, word: int) -> bool:
    """Whether a run can start at a word with a capital."""
    if context.elided(word) or not _member(context, word):
        return False
    if context.opens(word) and context.levels[word] and not _head(context, word):
        return False
    return len(context.words[word]) > 1 or _initial(context, word)


def _member(context: Context, word: int) -> bool:
    """Whether a word can be in a run."""
    text, lexicon = context.words[word], context.lexicon
    return (
        context.capital(word)
        and not context.blocked[word]
        and text not in lexicon.demonyms
        and text not in lexicon.titles
        and (text not in lexicon.never)
        and (text not in lexicon.particles or text in lexicon.name_particles)
    )


def _initial(context: Context, word: int) -> bool:
    """Whether a word is an initial: "J. Diouf"."""
    end = context.ends[word]
    return len(context.words[word]) == 1 and context.page.folded[end : end + 1] == "."


def _head(context: Context, word: int) -> bool:
    return context.words[word] in context.lexicon.organisations or context.words[word] in context.lexicon.places


def _end(context: Context, first: int) -> int:
    """The last word of the run that starts at `first`."""
    particles = context.lexicon.particles if _head(context, first) else context.lexicon.name_particles
    last = word = first
    while word + 1 < len(context.words) and word + 1 - first < LONGEST and context.joined(word + 1):
        word += 1
        if _member(context, word):
            last = word
        elif context.words[word] not in particles or word - last > 2:
            break
    return last


def _candidate(context: Context, first: int, last: int) -> Iterator[Candidate]:
    """The run as a candidate, unless it is most likely an ordinary word."""
    lone = first == last
    if all(context.levels[word] for word in range(first, last + 1)) and (lone or context.opens(first)):
        return
    if lone and context.opens(first) and not context.found.parts[first].any():
        return
    kind, score = _type(context, first, last)
    yield Candidate(first, last, kind, score, EVIDENCE)


def _type(context: Context, first: int, last: int) -> tuple[EntityType, float]:
    """A type for a run, and how likely it is: the first clue that holds decides."""
    parts, ends = context.found.parts, {context.words[first], context.words[last]}
    given, _, _, places = parts[first].tolist()
    person = max(given, parts[last].tolist()[1])
    clue: tuple[EntityType, float] = ("LOC", 0.5)
    if not ends.isdisjoint(context.lexicon.organisations):
        clue = "ORG", 0.65
    elif not ends.isdisjoint(context.lexicon.places):
        clue = "LOC", 0.65
    elif context.title(first) or (first < last and person >= 1):
        clue = "PER", 0.75
    elif len(surface := context.surface(first, last)) <= SHORT and surface.isupper():
        clue = "ORG", 0.6
    elif _before_place(context, first):
        clue = "LOC", 0.6
    elif first < last:
        clue = "PER", 0.55
    elif person > places:
        clue = "PER", 0.52
    return clue


def _before_place(context: Context, word: int) -> bool:
    return word > 0 and context.joined(word) and context.words[word - 1] in context.lexicon.before_places
