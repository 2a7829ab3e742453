"""A span that may be an entity, and the choice among spans that overlap."""

from collections.abc import Iterable
from functools import cache
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


class Pool:
    """Candidates, likely and long spans first: each further word is worth a tenth, up to six."""

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        self._ranked: list[tuple[float, int, int, int, Candidate]] = []
        self.add(candidates)

    def add(self, candidates: Iterable[Candidate]) -> None:
        """More candidates; among equals the earlier ones come first."""
        for place, candidate in enumerate(candidates, len(self._ranked)):
            first, last, _, score, *_ = candidate
            if first < last:
                score += 0.1 * min(last - first, 6)
            self._ranked.append((-score, first, last, place, candidate))
        self._ranked.sort()

    def resolve(self, threshold: float = 0.5) -> list[Candidate]:
        """The candidates that are kept: none overlaps another, in order; what agrees on span and type lends its evidence."""
        taken: set[int] = set()
        groups: dict[tuple[int, int, EntityType], list[Candidate]] = {}
        for _, first, last, _, candidate in self._ranked:
            key = first, last, candidate.type
            if key in groups:
                groups[key].append(candidate)
            elif candidate.score >= threshold and taken.isdisjoint(words := range(first, last + 1)):
                taken.update(words)
                groups[key] = [candidate]
        return sorted(map(_together, groups.values()))


@cache
def _joined(some: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    """Two lists of evidence as one, each kind once."""
    return tuple(dict.fromkeys((*some, *more)))


def _together(group: list[Candidate]) -> Candidate:
    """The first of a group, with the evidence, the item and the name of others for the same span and type."""
    if len(group) == 1:
        return group[0]
    first, last, kind, score, evidence, item, name = group[0]
    doubt, linked = 1 - score, item >= 0 and "gazetteer" in evidence
    for other in group[1:]:
        doubt *= 1 - 0.5 * other.score
        evidence = _joined(evidence, other.evidence)
        name = name or other.name
        # The gazetteer looked at this very mention; the page's memory knows what another one meant.
        if other.item >= 0 and not linked and (item < 0 or "gazetteer" in other.evidence):
            item, linked = other.item, "gazetteer" in other.evidence
    return Candidate(first, last, kind, 1 - doubt, evidence, item, "" if linked else name)
