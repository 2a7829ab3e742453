"""Which candidates are kept."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.entities.candidates import (
    GAZETTEER,
    LOC,
    MEMORY,
    MODEL,
    ORG,
    PER,
    RUN,
    Candidates,
    candidates,
    nothing,
    resolve,
    together,
)


def one(first: int, last: int, kind: int, score: float, evidence: int, *, item: int = -1, name: int = -1) -> Candidates:
    return candidates(np.array([first]), np.array([last]), kind, score, evidence, item=item, name=(name, name))


def rows(some: Candidates) -> list[list[int]]:
    return some.table.T.tolist()


def test_the_longer_of_two_likely_spans_is_kept() -> None:
    short, long = one(1, 1, LOC, 0.8, RUN), one(0, 2, ORG, 0.75, GAZETTEER)
    assert rows(resolve(together(short, long))) == rows(long)


def test_agreement_adds_evidence_item_and_confidence() -> None:
    model, memory = one(0, 0, LOC, 0.8, MODEL), one(0, 0, LOC, 0.7, MEMORY, item=5, name=3)
    kept = resolve(together(model, memory, one(0, 0, LOC, 0.4, GAZETTEER, item=7)))
    assert rows(kept) == [[0, 0, LOC, MODEL | MEMORY | GAZETTEER, 7, -1, -1]]
    assert 0.8 < kept.score[0] < 1


def test_a_name_is_lent_where_no_item_is() -> None:
    kept = resolve(together(one(0, 0, PER, 0.8, MODEL), one(0, 0, PER, 0.7, MEMORY, name=4)))
    assert rows(kept) == [[0, 0, PER, MODEL | MEMORY, -1, 4, 4]]


def test_another_type_lends_nothing() -> None:
    person, place = one(0, 0, PER, 0.8, MODEL), one(0, 0, LOC, 0.7, GAZETTEER, item=7)
    assert rows(resolve(together(place, person))) == rows(person)


def test_unlikely_candidates_are_dropped_and_the_rest_is_in_order() -> None:
    weak, second, first = (one(n, n, LOC, score, RUN) for n, score in ((9, 0.3), (5, 0.9), (2, 0.6)))
    assert rows(resolve(together(weak, second, first))) == rows(together(first, second))
    assert rows(resolve(nothing())) == []


Row = tuple[int, int, int, float, int, int, int]


def plain(some: list[Row]) -> list[tuple[tuple[int, ...], float]]:
    """What `resolve` does, one candidate after the other: its reference."""
    order = sorted(range(len(some)), key=lambda n: (-(some[n][3] + 0.1 * min(some[n][1] - some[n][0], 6)), *some[n][:2], n))
    groups: dict[tuple[int, int, int], list[Row]] = {}
    taken: set[int] = set()
    for row in (some[place] for place in order):
        words = range(row[0], row[1] + 1)
        if row[:3] in groups:
            groups[row[:3]].append(row)
        elif row[3] >= 0.5 and taken.isdisjoint(words):
            taken.update(words)
            groups[row[:3]] = [row]
    answers = []
    for key, group in sorted(groups.items()):
        doubt, evidence = 1 - group[0][3], 0
        for place, row in enumerate(group):
            evidence |= row[4]
            doubt *= 1 if place == 0 else 1 - 0.5 * row[3]
        linked = [row[5] for row in group if row[5] >= 0 and row[4] & GAZETTEER]
        items = linked or [row[5] for row in group if row[5] >= 0] or [-1]
        names = [row[6] for row in group if row[6] >= 0]
        name = names[0] if names and not linked else -1
        answers.append(((*key, evidence, items[0], name, name), 1 - doubt))
    return answers


def row(draw: tuple[int, int, int, int, int, int, int]) -> Row:
    first, length, kind, score, evidence, item, name = draw
    return first, first + length, kind, score / 16, 1 << evidence, item, -1 if evidence == 0 else name


ROWS = st.tuples(*(st.integers(low, high) for low, high in ((0, 8), (0, 3), (0, 2), (0, 16), (0, 3), (-1, 3), (-1, 3)))).map(row)


@given(st.lists(ROWS, max_size=12))
def test_what_is_kept_agrees_with_its_reference(some: list[Row]) -> None:
    kept = resolve(together(nothing(), *(one(*each[:5], item=each[5], name=each[6]) for each in some)))
    wanted = plain(some)
    assert [tuple(each) for each in rows(kept)] == [each for each, _ in wanted]
    assert np.allclose(kept.score, [score for _, score in wanted])
