"""Candidates from the page's own memory: surnames after full names, acronyms it defines, repeats in any case, near spellings."""

from typing import NamedTuple

import numpy as np
from rapidfuzz import fuzz, process

from pipeline.entities.candidates import (
    EVIDENCE_ROW,
    GAZETTEER,
    LOC,
    MEMORY,
    ORG,
    PER,
    WATCH_LIST,
    Candidates,
    candidates,
    nothing,
    together,
)
from pipeline.entities.context import Context
from pipeline.entities.gazetteer import matches, table
from pipeline.entities.lexicon import DEMONYM, NEVER, ORGANISATION, PARTICLE, PLACE
from pipeline.entities.spans import Flags, Floats, Ints, all_within, changes, covered, distinct
from pipeline.entities.tokens import CAPS, phrases
from pipeline.texts import Hashes

NEAR = 88  # a ratio of rapidfuzz from which two long words are the same name
LONG = 7  # letters that a word has to have for that
MOST_NAMES, MOST_WORDS = 200, 2000  # beyond these a page's near spellings are left alone: the cost is their product
LONGEST_DEFINITION = 14  # words before the bracket that an acronym's full form may take
LONGEST = 12  # words of a name that is remembered
NAMESAKES = 5  # words of a person's name of which the first and the last are remembered
LEAST_NEAR, NEAR_LOSS = 0.7, 0.1  # what a near spelling is worth at least, and how much less than the same spelling
CERTAIN = 0.9  # what a mention is worth at most for another one
SURNAME, GIVEN_NAME = 0.05, 0.15  # how much less certain a part of a name is


class Forms(NamedTuple):
    """The forms under which a page's names may come again, the more certain first."""

    hashes: Hashes
    table: Ints  # a column a form: the first and the last word that read like this, and which mention says so
    score: Floats
    mentions: Candidates  # each with its canonical name or its item

    def where(self, chosen: Ints) -> "Forms":
        """Some of them."""
        return Forms(self.hashes[chosen], self.table.take(chosen, axis=1), self.score[chosen], self.mentions)

    def recalled(self, which: Ints, first: Ints, last: Ints, score: Floats) -> Candidates:
        """Candidates that mean what some of the forms mean."""
        table = self.mentions.table.take(self.table[2, which], axis=1)
        table[0], table[1], table[EVIDENCE_ROW] = first, last, MEMORY
        return Candidates(table, score)


def definitions(context: Context) -> Candidates:
    """Full forms and the acronyms in brackets behind them: "Cadre stratégique ... (CSP-DPA)"."""
    page, found = context.page, _Found([], [], [], [])
    capitals = np.flatnonzero((page.case == CAPS) & ~page.blocked)
    bracketed = [page.folded[start - 1] == "(" for start in page.starts[capitals].tolist()]
    if not any(bracketed):
        return nothing()
    words = _Words(context)
    for word in capitals[bracketed].tolist():
        if word:
            _define(words, word, found)
    first, last, kind, name = (np.array(column, dtype=np.int64) for column in found)
    return candidates(first, last, kind, 0.85, MEMORY, name=(name, _ends_of(first, name)))


class _Found(NamedTuple):
    first: list[int]
    last: list[int]
    type: list[int]
    name: list[int]  # the first word of the full form


def _ends_of(first: Ints, name: Ints) -> Ints:
    """The last word of each full form: definitions come in pairs, and the acronym stands right behind its full form."""
    ends = first - 1
    ends[::2] = first[1::2] - 1
    return np.where(name >= 0, ends, -1)


class _Words:
    """What the search for a definition asks of single words."""

    def __init__(self, context: Context) -> None:
        page = context.page
        self.text, self.count, self.folded, self.ends = page.word, len(page.starts), page.folded, page.ends
        self.caps, self.joined = (page.case == CAPS).tobytes(), context.joined.tobytes()
        self.opens, self.small = context.opens.tobytes(), context.small.tobytes()
        self.particle = context.listed(PARTICLE).tobytes()
        self.head, self.place = context.listed(ORGANISATION).tobytes(), context.listed(PLACE).tobytes()


def _define(words: _Words, word: int, found: _Found) -> None:
    """Add the definition whose acronym starts at a word behind a bracket, if it is one."""
    last = word
    while last + 1 < words.count and words.joined[last + 1] and words.caps[last + 1]:
        last += 1
    end = int(words.ends[last])
    if words.folded[end : end + 1] != ")" or last - word > 2:
        return
    first = _full_form(words, word, "".join(map(words.text, range(word, last + 1))))
    if first is not None:
        kind = LOC if words.place[first] else ORG
        for values in ((first, word - 1, kind, first), (word, last, kind, first)):
            for column, value in zip(found, values, strict=True):
                column.append(value)


def _full_form(words: _Words, bracket: int, letters: str) -> int | None:
    """Where the phrase before a bracket starts whose words begin, in order, with the letters of an acronym."""
    need = len(letters) - 1
    for word in range(bracket - 1, max(-1, bracket - 1 - LONGEST_DEFINITION), -1):
        if need >= 0 and words.text(word)[0] == letters[need]:
            need -= 1
            if need < 0 and not words.particle[word]:
                return word if not words.small[word] or words.head[word] else None
        elif not words.particle[word] and len(letters) - 1 - need < 1:
            return None
        if words.opens[word]:
            return None
    return None


def learn(context: Context, kept: Candidates) -> Forms:
    """The forms under which the names that were found may come again: the more certain mention decides."""
    page = context.page
    kept = kept.take(np.argsort(-kept.score, kind="stable"))
    kept = kept.take(kept.last - kept.first < LONGEST)
    first, last, size = kept.first, kept.last, kept.last - kept.first + 1
    own = np.flatnonzero((kept.item < 0) & (kept.name_first < 0))
    kept.name_first[own], kept.name_last[own] = first[own], last[own]
    person = np.flatnonzero((kept.type == PER) & (size >= 2) & (size <= NAMESAKES))
    able = (context.lengths > 2) & ~context.listed(PARTICLE)
    surnames, given = person[able[last[person]]], person[able[first[person]]]
    # Each mention's whole name comes before its parts, and all of it before those of the mentions after it.
    mention = np.concatenate((np.arange(len(first)), surnames, given))
    rank = np.lexsort((np.repeat((0, 1, 2), (len(first), len(surnames), len(given))), mention))
    begins = np.concatenate((first, last[surnames], first[given]))
    ends = np.concatenate((last, last[surnames], first[given]))
    loss = np.repeat((0.0, SURNAME, GIVEN_NAME), (len(first), len(surnames), len(given)))
    hashes = np.concatenate((phrases(page, first, last)[0], page.own[last[surnames]], page.own[first[given]]))
    score = np.minimum(CERTAIN, kept.score)[mention] - loss
    forms = Forms(hashes, np.array((begins, ends, mention)), score, kept).where(rank)
    return forms.where(np.sort(distinct(forms.hashes)[0]))


def recall(context: Context, forms: Forms) -> Candidates:
    """Candidates for every further mention of a remembered form."""
    if not len(forms.hashes):
        return nothing()
    begun = np.concatenate((forms.hashes[:0], *phrases(context.page, *forms.table[:2])[1]))
    nodes, flags, order = table(forms.hashes, begun)
    first, last, node = matches(context.page, context.page.own, nodes, flags)
    form = order[node]
    source = forms.mentions.table[:2].take(forms.table[2, form], axis=1)
    new = np.flatnonzero(((source[0] != first) | (source[1] != last)) & plausible(context, first, last))
    first, last, form = first[new], last[new], form[new]
    return forms.recalled(form, first, last, forms.score[form])


def plausible(context: Context, first: Ints, last: Ints) -> Flags:
    """Whether mentions in whatever case can be names: no ordinary words where case says nothing."""
    lone = first == last
    never = lone & (context.lists[first] & (NEVER | DEMONYM) > 0)
    ordinary = all_within(context.common, first, last)
    named = context.capital[first] & ~(lone & context.opens[first])
    long = (context.lengths[first] > 2) | ~lone | (context.page.case[first] == CAPS)
    answer: Flags = ~never & np.where(ordinary, named, long)
    return answer


def near(context: Context, forms: Forms, kept: Candidates) -> Candidates:
    """Candidates for words that are all but spelt like a remembered name: Tinzaouatene, Tinaouatene."""
    page, word = context.page, forms.table[0]
    places = ((context.lengths >= LONG) & ~(context.common | context.small | page.blocked)).nonzero()[0]
    places = places[~_covered(context, kept)[places]]
    # A name whose word is itself one of the strange ones explains nothing.
    strange = np.zeros(len(page.vocabulary), dtype=np.bool_)
    strange[page.entry[places]] = True
    names = ((forms.table[1] == word) & (context.lengths[word] >= LONG) & ~strange[page.entry[word]]).nonzero()[0]
    if not (len(places) and len(names)):
        return nothing()
    of_name, begins = page.pages[word[names]], changes(page.pages[places]).nonzero()[0]
    each = np.split(places, begins[1:])
    return together(*(_alike(context, forms, some, names[of_name == page.pages[some[0]]]) for some in each))


def _alike(context: Context, forms: Forms, places: Ints, names: Ints) -> Candidates:
    """Candidates for some strange words of one page, given the forms of one word that are remembered there."""
    page = context.page
    examples, which = distinct(page.entry[places])
    if not len(names) or len(names) > MOST_NAMES or len(examples) > MOST_WORDS:
        return nothing()
    examples = places[examples]
    texts, known = ([page.word(word) for word in some.tolist()] for some in (examples, forms.table[0, names]))
    ratios = process.cdist(texts, known, scorer=fuzz.ratio, score_cutoff=NEAR)
    best = ratios.argmax(axis=1)
    begin_alike = np.array([text[0] == known[name][0] for text, name in zip(texts, best.tolist(), strict=True)])
    alike = begin_alike & (ratios.max(axis=1) > 0) & (context.lists[examples] & DEMONYM == 0)
    places, which = places[alike[which]], which[alike[which]]
    form = names[best[which]]
    return forms.recalled(form, places, places, np.maximum(LEAST_NEAR, forms.score[form] - NEAR_LOSS))


def _covered(context: Context, kept: Candidates) -> Flags:
    """Which words are part of a name that is kept, but for those that stand there once and that only their looks speak for."""
    page, lone = context.page, kept.first == kept.last
    entry = page.entry[kept.first]
    times = np.bincount(entry[lone], minlength=len(page.vocabulary))
    weak = lone & (times[entry] == 1) & (kept.evidence & (GAZETTEER | MEMORY | WATCH_LIST) == 0)
    sure = kept.take(~weak)
    return covered(sure.first, sure.last + 1, len(page.starts))
