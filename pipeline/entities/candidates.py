"""A span that may be an entity, and the choice among spans that overlap."""

from collections.abc import Iterable
from typing import NamedTuple

from pipeline.events import EntityType


LONG = 6  # further words that count in favour of a span


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
    first, last, score = candidate[0], candidate[1], candidate[3]
    further = last - first
    return (-(score + 0.1 * (further if further < LONG else LONG)), first, last)


def resolve(candidates: Iterable[Candidate], threshold: float = 0.5) -> list[Candidate]:
    """The candidates that are kept: none overlaps another, in order; what agrees on span and type lends its evidence."""
    taken: set[int] = set()
    groups: dict[tuple[int, int, EntityType], list[Candidate]] = {}
    for candidate in sorted(candidates, key=_rank):
        first, last, kind, score = candidate[:4]
        group = groups.get((first, last, kind))
        if group is not None:
            group.append(candidate)
        elif score >= threshold and taken.isdisjoint(range(first, last + 1)):
            taken.update(range(first, last + 1))
            groups[first, last, kind] = [candidate]
    return sorted(map(_together, groups.values()))


def _together(group: list[Candidate]) -> Candidate:
    """The first of a group, with the evidence, the item and the name of others for the same span and type."""
    best = group[0]
    if len(group) == 1:
        return best
    doubt = 1 - best.score
    for other in group[1:]:
        doubt *= 1 - 0.5 * other.score
    # The gazetteer looked at this very mention; the page's memory knows what another one meant.
    known = sorted((c for c in group if c.item >= 0), key=lambda c: "gazetteer" not in c.evidence)
    item = known[0].item if known else -1
    name = next((c.name for c in group if c.name), "") if item < 0 or "gazetteer" not in known[0].evidence else ""
    evidence = tuple(dict.fromkeys(kind for candidate in group for kind in candidate.evidence))
    return Candidate(best.first, best.last, best.type, 1 - doubt, evidence, item, name)
