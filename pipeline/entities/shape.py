"""Spans put right by what the languages say: "lycée technique de" before a place makes a school, "Kayes-Sadiola" is two places."""

import numpy as np

from pipeline.entities.candidates import GAZETTEER, LOC, ORG, Candidates, candidates, together
from pipeline.entities.context import Context, shift
from pipeline.entities.lexicon import INSTITUTION, LINK, PARTICLE, SITE
from pipeline.entities.spans import Flags, Ints
from pipeline.entities.tokens import Page

MOST_QUALIFIERS = 2  # small words between a head and the name: "centre hospitalier universitaire de"
MOST_LINKS = 3


def shaped(context: Context, kept: Candidates) -> Candidates:
    """The candidates that replace one of `kept`: longer ones."""
    head = _heads(context, kept.first)
    grown = np.flatnonzero(head >= 0)
    kept, head = kept.take(grown), head[grown]
    kind = np.where(context.lists[head] & INSTITUTION, ORG, LOC)
    return candidates(head, kept.last, kind, np.minimum(0.95, kept.score + 0.05), kept.evidence)


def halves(context: Context, spans: Candidates) -> Candidates:
    """The spans, with the two places of "Kayes-Sadiola" instead of both together where each is known and not both together."""
    page, lengths, cut = context.page, spans.last - spans.first, np.full(len(spans.first), -1)
    doubtful = np.flatnonzero((spans.type == LOC) & ((lengths == 1) | (lengths == 2)) & (spans.evidence & GAZETTEER == 0))
    for offset in (2, 1):  # the first cut that there is counts
        pick = doubtful[lengths[doubtful] >= offset]
        pick = pick[_hyphened(page, spans.first[pick] + offset)]
        if len(pick):
            first, middle, last = spans.first[pick], spans.first[pick] + offset, spans.last[pick]
            places = _places(context)
            known = np.isin(_key(first, middle - 1), places) & np.isin(_key(middle, last), places)
            cut[pick[known]] = middle[known]
    if (cut < 0).all():
        return spans
    two = np.flatnonzero(cut >= 0)
    left, right = spans.take(two), spans.take(two)
    left.last[:], right.first[:] = cut[two] - 1, cut[two]
    return together(spans.take(cut < 0), left, right)


def _hyphened(page: Page, words: Ints) -> Flags:
    """Which words have a hyphen and nothing else before them."""
    gaps = zip(page.ends[words - 1].tolist(), page.starts[words].tolist(), strict=True)
    return np.array([page.folded[start:end] == "-" for start, end in gaps], dtype=np.bool_)


def _key(first: Ints, last: Ints) -> Ints:
    return (first << 8) + last - first


def _places(context: Context) -> Ints:
    """The spans that are known names of places."""
    first, last, _ = context.found.matches
    named = context.found.summary & (1 << LOC) > 0
    return _key(first[named], last[named])


def _heads(context: Context, first: Ints) -> Ints:
    """The noun before each name of which the name is only a part, or -1."""
    joined = context.joined & ~shift(context.page.blocked)
    noun, link = context.listed(INSTITUTION | SITE), context.listed(LINK)
    qualifier = context.small & context.common & ~context.listed(PARTICLE)
    head, links, qualifiers = (np.full(len(first), value) for value in (-1, 0, 0))
    going, word = np.arange(len(first)), first
    while len(going):
        more = (word > 0) & joined[word]
        going, word = going[more], word[more] - 1
        here = noun[word] & ((qualifiers[going] == 0) | (links[going] > 0))
        head[going[here]] = word[here]
        linked = link[word]
        links[going] += linked
        qualifiers[going] += ~linked
        more = ~noun[word] & (linked | qualifier[word]) & _few(qualifiers[going], links[going])
        going, word = going[more], word[more]
    return head


def _few(qualifiers: Ints, links: Ints) -> Flags:
    few: Flags = (qualifiers <= MOST_QUALIFIERS) & (links <= MOST_LINKS)
    return few
