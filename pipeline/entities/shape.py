"""Spans put right by what the languages say: "lycée technique de" before a place makes a school, "Kayes-Sadiola" is two places."""

from collections.abc import Iterator, Sequence

from pipeline.entities.candidates import Candidate
from pipeline.entities.context import Context
from pipeline.events import EntityType

MOST_QUALIFIERS = 2  # small words between a head and the name: "centre hospitalier universitaire de"


def shaped(context: Context, kept: Sequence[Candidate]) -> Iterator[Candidate]:
    """The candidates that replace one of `kept`: longer ones, or the two halves of one."""
    for candidate in kept:
        head = _head(context, candidate.first)
        if head is not None:
            first, kind = head
            score = min(0.95, candidate.score + 0.05)
            yield Candidate(first, candidate.last, kind, score, candidate.evidence)


def halves(context: Context, candidate: Candidate) -> list[Candidate]:
    """The two places of "Kayes-Sadiola", or the candidate itself: both must be known, and not both together."""
    if candidate.type != "LOC" or candidate.last - candidate.first not in (1, 2) or "gazetteer" in candidate.evidence:
        return [candidate]
    for cut in range(candidate.first + 1, candidate.last + 1):
        before = context.ends[cut - 1]
        hyphen = context.page.folded[before : context.starts[cut]] == "-"
        spans = (candidate.first, cut - 1), (cut, candidate.last)
        if hyphen and all(_place(context, *span) for span in spans):
            return [candidate._replace(first=first, last=last) for first, last in spans]
    return [candidate]


def _place(context: Context, first: int, last: int) -> bool:
    return any(bearer.item.type == "LOC" for bearer in context.gazetteer.find(context.words[first : last + 1]))


def _head(context: Context, first: int) -> tuple[int, EntityType] | None:
    """The noun before a name of which the name is only a part, and what the whole is."""
    links, qualifiers, word = 0, 0, first
    while word > 0 and context.joined(word) and not context.blocked[word - 1]:
        word -= 1
        text = context.words[word]
        if text in context.lexicon.institutions or text in context.lexicon.sites:
            if qualifiers and not links:
                return None
            return word, "ORG" if text in context.lexicon.institutions else "LOC"
        if text in context.lexicon.links:
            links += 1
        elif context.small(word) and context.levels[word] and text not in context.lexicon.particles:
            qualifiers += 1
        else:
            return None
        if qualifiers > MOST_QUALIFIERS or links > MOST_QUALIFIERS + 1:
            return None
    return None
