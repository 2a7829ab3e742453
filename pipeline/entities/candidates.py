"""A span that may be an entity, and the choice among spans that overlap."""

from collections.abc import Iterable
from typing import NamedTuple

from pipeline.events import EntityType


class Candidate(NamedTuple):
    """Words `first` up to and including `last` of a page may be an entity of a type.

    `score` is the probability that span and type are right; `item` the gazetteer's item that is meant, -1 for none; `name`
    the canonical name where a mention elsewhere in the page gives it.
    """

    first: int
    last: int
    type: EntityType
    score: float
    evidence: tuple[str, ...]
    item: int = -1
    name: str = ""


def _rank(candidate: Candidate) -> tuple[float, int, int]:
    """Likely and long spans first: each further word is worth a tenth."""
    return (-(candidate.score + 0.1 * min(candidate.last - candidate.first, 6)), candidate.first, candidate.last)


def resolve(candidates: Iterable[Candidate], threshold: float = 0.5) -> list[Candidate]:
    """The candidates that are kept: none overlaps another, in order; what agrees on span and type lends its evidence."""
    taken: dict[int, int] = {}
    kept: list[Candidate] = []
    for candidate in sorted(candidates, key=_rank):
        holders = {taken[word] for word in range(candidate.first, candidate.last + 1) if word in taken}
        if not holders and candidate.score >= threshold:
            taken.update(dict.fromkeys(range(candidate.first, candidate.last + 1), len(kept)))
            kept.append(candidate)
        elif len(holders) == 1:
            place = holders.pop()
            kept[place] = _join(kept[place], candidate)
    return sorted(kept)


def _join(kept: Candidate, other: Candidate) -> Candidate:
    """`kept`, with the evidence, the item and the name of another candidate for the same span and type."""
    if (kept.first, kept.last, kept.type) != (other.first, other.last, other.type):
        return kept
    return kept._replace(
        score=1 - (1 - kept.score) * (1 - 0.5 * other.score),
        evidence=tuple(dict.fromkeys((*kept.evidence, *other.evidence))),
        item=kept.item if kept.item >= 0 else other.item,
        name=kept.name or other.name,
    )
