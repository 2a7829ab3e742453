"""Spans that may be entities, as columns, and the choice among spans that overlap.

Columns and not objects: a page of two million characters can hold a hundred thousand names, and each finder adds its own candidates
for each of them.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pipeline.entities.spans import Flags, Floats, Ints, changes, distinct
from pipeline.events import EntityType

TYPES: tuple[EntityType, ...] = ("PER", "ORG", "LOC")
PER, ORG, LOC = range(3)
# Kinds of evidence, as bits.
EVIDENCE = ("gazetteer", "model", "memory", "run", "watch_list")
GAZETTEER, MODEL, MEMORY, RUN, WATCH_LIST = (1 << place for place in range(5))
FIRST_WATCHED = 1 << 32  # items from here on are the entries of the user's watch list
HALF = 0.5  # from this on a candidate is taken for right until it is judged
WON = 2.0  # how far what the user watches stands above the rest
_FIRST, _LAST, _TYPE, EVIDENCE_ROW, _ITEM, _NAME_FIRST, _NAME_LAST = range(7)


class Candidates(NamedTuple):
    """Words `first` up to and including `last` of a page may be an entity of a type (its place in TYPES), a column of `table` each.

    `score` is the probability that span and type are right; `item` the gazetteer's item that is meant or, from FIRST_WATCHED on,
    the watch list's entry, -1 for none; `name_first` and `name_last` the words of the page that give the canonical name, -1 where
    the span itself does.
    """

    table: Ints
    score: Floats

    @property
    def first(self) -> Ints:
        """The first word of each."""
        return self._row(_FIRST)

    @property
    def last(self) -> Ints:
        """The last word of each, a part of it."""
        return self._row(_LAST)

    @property
    def type(self) -> Ints:
        """The type of each, as its place in TYPES."""
        return self._row(_TYPE)

    @property
    def evidence(self) -> Ints:
        """What speaks for each, as bits."""
        return self._row(EVIDENCE_ROW)

    @property
    def item(self) -> Ints:
        """The item that each means, or -1."""
        return self._row(_ITEM)

    @property
    def name_first(self) -> Ints:
        """The first word of the canonical name, or -1."""
        return self._row(_NAME_FIRST)

    @property
    def name_last(self) -> Ints:
        """The last word of the canonical name, or -1."""
        return self._row(_NAME_LAST)

    def _row(self, row: int) -> Ints:
        column: Ints = self.table[row]
        return column

    def take(self, chosen: Ints | Flags) -> "Candidates":
        """Some of them."""
        places = chosen.nonzero()[0] if chosen.dtype == np.bool_ else chosen
        return Candidates(self.table.take(places, axis=1), self.score.take(places))


def candidates(
    first: Ints,
    last: Ints,
    kind: Ints | int,
    score: Floats | float,
    evidence: Ints | int,
    *,
    item: Ints | int = -1,
    name: tuple[Ints | int, Ints | int] = (-1, -1),
) -> Candidates:
    """Candidates from their columns, or from one value for all."""
    table = np.empty((7, len(first)), dtype=np.int64)
    for row, column in enumerate((first, last, kind, evidence, item, *name)):
        table[row] = column
    return Candidates(table, score if isinstance(score, np.ndarray) else np.full(len(first), score))


def nothing() -> Candidates:
    """No candidates."""
    return Candidates(np.empty((7, 0), dtype=np.int64), np.empty(0))


def together(*some: Candidates) -> Candidates:
    """Several finders' candidates as one; among equals the earlier ones win."""
    tables, scores = zip(*some, strict=True)
    return Candidates(np.concatenate(tables, axis=1), np.concatenate(scores))


def resolve(some: Candidates) -> Candidates:
    """The candidates that are kept: none overlaps another, in order; what agrees on span and type lends its evidence.

    What the user watches comes first, then likely and long spans: each further word is worth a tenth, up to six.
    """
    if not len(some.score):
        return some
    first, length = some.first, some.last - some.first
    worth = some.score + 0.1 * np.minimum(length, 6) + WON * ((some.evidence & WATCH_LIST) > 0)
    order = np.lexsort((length, first, -worth))
    groups, group = distinct((first[order] << 34) | (length[order] << 2) | some.type[order])
    # The best of each span and type, in the order of their rank.
    kept = np.zeros(len(groups), dtype=np.bool_)
    best = groups.argsort()
    best = best[some.score[order[groups[best]]] >= HALF]
    spans = some.table[:2].take(order[groups[best]], axis=1).tolist()
    kept[best[apart(*spans)]] = True
    members = np.flatnonzero(kept[group])
    members = members[group[members].argsort(kind="stable")]
    return _agreed(some.take(order[members]), group[members])


def apart(first: list[int], last: list[int]) -> list[int]:
    """The places of the spans that overlap none of those kept before them."""
    taken, places = bytearray(max(last, default=0) + 1), []
    for place, (start, end) in enumerate(zip(first, last, strict=True)):
        if taken.find(1, start, end + 1) < 0:
            taken[start : end + 1] = b"\x01" * (end + 1 - start)
            places.append(place)
    return places


def _agreed(some: Candidates, group: Ints) -> Candidates:
    """The first of each group (they are sorted by it), with evidence, item and name of others for the same span and type."""
    count = len(group)
    starts = changes(group).nonzero()[0]
    if len(starts) == count:
        return some
    doubt = 1 - 0.5 * some.score
    doubt[starts] = 1 - some.score[starts]
    kept = some.take(starts)
    kept.score[:] = 1 - np.multiply.reduceat(doubt, starts)
    kept.evidence[:] = np.bitwise_or.reduceat(some.evidence, starts)
    # The gazetteer looked at this very mention; the page's memory knows what another one meant.
    item, name = some.item >= 0, some.name_first >= 0
    linked, named, known = _earliest((item & ((some.evidence & (GAZETTEER | WATCH_LIST)) > 0), name, item), starts)
    rows = ((_ITEM, np.where(linked < count, linked, known)), (_NAME_FIRST, named), (_NAME_LAST, named))
    for row, place in rows:
        kept.table[row] = np.where(place < count, some.table[row, np.minimum(place, count - 1)], -1)
    kept.table[_NAME_FIRST:, linked < count] = -1
    return kept


def _earliest(marks: Sequence[Flags], starts: Ints) -> Ints:
    """Of each kind of mark where the first one of each group stands; beyond the end where it has none."""
    count = len(marks[0])
    places: Ints = np.minimum.reduceat(np.where(marks, np.arange(count), count), starts, axis=1)
    return places
