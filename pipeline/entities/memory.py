"""Candidates from the page's own memory: surnames after full names, acronyms it defines, repeats in any case, near spellings."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from rapidfuzz import fuzz, process

from pipeline.entities.candidates import Candidate
from pipeline.entities.context import Context
from pipeline.entities.tokens import CAPS, LOWER
from pipeline.events import EntityType

EVIDENCE = ("memory",)
NEAR = 88  # a ratio of rapidfuzz from which two long words are the same name
LONG = 7  # letters that a word has to have for that
MOST_NAMES, MOST_WORDS = 200, 2000  # beyond these a page's near spellings are left alone: the cost is their product
LONGEST_DEFINITION = 14  # words before the bracket that an acronym's full form may take


class Remembered(NamedTuple):
    """What a form of a name means in this page."""

    type: EntityType
    item: int
    name: str
    score: float
    source: tuple[int, int]  # the mention that says so: it is no evidence of itself


def definitions(context: Context) -> Iterator[Candidate]:
    """Full forms and the acronyms in brackets behind them: "Cadre stratégique ... (CSP-DPA)"."""
    page = context.page
    for word in np.flatnonzero((page.case == CAPS) & ~page.blocked).tolist():
        start = context.starts[word]
        if not word or page.folded[start - 1] != "(":
            continue
        last = word
        while last + 1 < len(context.words) and context.joined(last + 1) and context.case[last + 1] == CAPS:
            last += 1
        if page.folded[context.ends[last] : context.ends[last] + 1] != ")" or last - word > 2:
            continue
        first = _full_form(context, word, "".join(context.words[word : last + 1]))
        if first is not None:
            name = context.surface(first, word - 1)
            kind: EntityType = "LOC" if context.words[first] in context.lexicon.places else "ORG"
            yield Candidate(first, word - 1, kind, 0.85, EVIDENCE, name=name)
            yield Candidate(word, last, kind, 0.85, EVIDENCE, name=name)


def _full_form(context: Context, bracket: int, letters: str) -> int | None:
    """Where the phrase before a bracket starts whose words begin, in order, with the letters of an acronym."""
    need = len(letters) - 1
    for word in range(bracket - 1, max(-1, bracket - 1 - LONGEST_DEFINITION), -1):
        text = context.words[word]
        if need >= 0 and text[0] == letters[need]:
            need -= 1
            if need < 0 and text not in context.lexicon.particles:
                return word if not context.small(word) or text in context.lexicon.organisations else None
        elif text not in context.lexicon.particles and len(letters) - 1 - need < 1:
            return None
        if context.opens(word):
            return None
    return None


def learn(context: Context, kept: Sequence[Candidate]) -> dict[tuple[str, ...], Remembered]:
    """The forms under which the names that were found may come again: the more certain mention decides."""
    forms: dict[tuple[str, ...], Remembered] = {}
    for candidate in sorted(kept, key=lambda c: -c.score):
        words = tuple(context.words[candidate.first : candidate.last + 1])
        name = candidate.name or ("" if candidate.item >= 0 else context.surface(candidate.first, candidate.last))
        score, span = min(0.9, candidate.score), (candidate.first, candidate.last)
        if words not in forms:
            forms[words] = Remembered(candidate.type, candidate.item, name, score, span)
        if candidate.type == "PER" and 2 <= len(words) <= 5:
            for part in (words[-1], words[0]):
                if len(part) > 2 and part not in context.lexicon.particles:
                    forms.setdefault(
                        (part,), Remembered("PER", candidate.item, name, score - 0.05 - 0.1 * (part == words[0]), span)
                    )
    return forms


def recall(context: Context, forms: dict[tuple[str, ...], Remembered]) -> Iterator[Candidate]:
    """Candidates for every further mention of a remembered form."""
    starts: dict[str, list[tuple[list[str], Remembered]]] = {}
    for phrase, meaning in forms.items():
        starts.setdefault(phrase[0], []).append((list(phrase), meaning))
    words = context.words
    for first in [word for word, text in enumerate(words) if text in starts]:
        for form, known in starts[words[first]]:
            last = first + len(form) - 1
            if (
                (last == first or words[first : last + 1] == form)
                and known.source != (first, last)
                and _plausible(context, first, last)
            ):
                yield Candidate(first, last, known.type, known.score, EVIDENCE, known.item, known.name)


def _plausible(context: Context, first: int, last: int) -> bool:
    """Whether a mention in whatever case can be one: nothing between its words, and no ordinary word where case says nothing."""
    if not context.together(first, last):
        return False
    if first == last and (context.words[first] in context.lexicon.never or context.words[first] in context.lexicon.demonyms):
        return False
    if all(context.levels[first : last + 1]):
        return context.capital(first) and not (first == last and context.opens(first))
    return len(context.words[first]) > 2 or first < last or context.case[first] == CAPS


def near(context: Context, forms: dict[tuple[str, ...], Remembered], kept: Sequence[Candidate]) -> Iterator[Candidate]:
    """Candidates for words that are all but spelt like a remembered name: Tinzaouatene, Tinaouatene."""
    page = context.page
    seen = Counter(context.words[c.first] for c in kept if c.first == c.last)
    alone = (c for c in kept if c.first == c.last and seen[context.words[c.first]] == 1)
    weak = {c.first for c in alone if not {"gazetteer", "memory"}.intersection(c.evidence)}
    covered = {word for candidate in kept for word in range(candidate.first, candidate.last + 1)} - weak
    strange = (page.ends - page.starts >= LONG) & (context.found.levels == 0) & (page.case != LOWER) & ~page.blocked
    unknown: dict[str, list[int]] = {}
    for word in np.flatnonzero(strange).tolist():
        if word not in covered:
            unknown.setdefault(context.words[word], []).append(word)
    names = [words[0] for words in forms if len(words) == 1 and len(words[0]) >= LONG and words[0] not in unknown]
    if not names or len(names) > MOST_NAMES or len(unknown) > MOST_WORDS:
        return
    for text, places in unknown.items():
        hit = process.extractOne(text, names, scorer=fuzz.ratio, score_cutoff=NEAR)
        if hit and text not in context.lexicon.demonyms and text[0] == hit[0][0]:
            known = forms[hit[0],]
            for word in places:
                yield Candidate(word, word, known.type, max(0.7, known.score - 0.1), EVIDENCE, known.item, known.name)
