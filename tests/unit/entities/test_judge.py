"""The network that judges spans: its file, its features, its choice."""

import numpy as np
import pytest

from pipeline.entities import gazetteer, judge, model
from pipeline.entities.candidates import (
    GAZETTEER,
    LOC,
    MEMORY,
    MODEL,
    ORG,
    PER,
    WATCH_LIST,
    Candidates,
    candidates,
    nothing,
    together,
)
from pipeline.entities.context import Context, look
from pipeline.entities.lexicon import lexicon
from pipeline.entities.model import Reading
from pipeline.entities.network import COLUMNS, SOURCES, Matrix, Network, load, pack, unpack
from pipeline.entities.tokens import read
from pipeline.errors import InvalidModel

TEXT = "Selon Moussa Diop, maire de Kayes, rien ne change."  # 1-2 a person, 5 a place


def context(text: str = TEXT) -> Context:
    return look(read([text]), gazetteer.load(), lexicon(), None)


def reading(context: Context) -> Reading:
    return model.read(context, model.load())


def network() -> Network:
    """A network that trusts the finders' scores alone: the type that has most of them wins; nothing wins where all is under 0.5."""
    inner = np.zeros((COLUMNS, 8 + 4), dtype=np.float32)
    for source in range(SOURCES):
        for kind in range(3):
            inner[4 * 54 + 3 * source + kind, 8 + 1 + kind] = 10
    bias = np.zeros(12, dtype=np.float32)
    bias[8] = 5
    return Network(inner, np.zeros((8, 4), dtype=np.float32), bias, np.zeros(4, dtype=np.float32))


def one(first: int, last: int, kind: int, score: float, evidence: int, *, item: int = -1) -> Candidates:
    return candidates(np.array([first]), np.array([last]), kind, score, evidence, item=item)


def judged(*some: Candidates) -> list[tuple[int, int, int, int, int]]:
    here = context()
    kept = judge.judge(here, reading(here), together(*some), network())
    return [tuple(row) for row in kept.table[:5].T.tolist()]


def test_the_likelier_of_two_spans_and_types_is_kept_with_what_speaks_for_it() -> None:
    kept = judged(
        one(1, 2, PER, 0.8, MODEL),
        one(1, 2, PER, 0.6, MEMORY, item=7),
        one(1, 2, ORG, 0.6, GAZETTEER, item=9),
        one(2, 2, PER, 0.7, GAZETTEER, item=8),
        one(5, 5, LOC, 0.3, GAZETTEER, item=5),
    )
    assert kept == [(1, 2, PER, MODEL | MEMORY, 7)]


def test_the_item_of_this_very_mention_comes_before_that_of_another() -> None:
    kept = judged(one(5, 5, LOC, 0.9, MEMORY, item=7), one(5, 5, LOC, 0.6, GAZETTEER, item=9))
    assert kept == [(5, 5, LOC, MEMORY | GAZETTEER, 9)]


def test_what_is_watched_stands_before_all_others() -> None:
    kept = judged(one(1, 2, PER, 1.0, MODEL), one(2, 2, ORG, 1.0, WATCH_LIST, item=1 << 32))
    assert kept == [(2, 2, ORG, WATCH_LIST, 1 << 32)]


def test_nothing_is_judged_to_be_nothing() -> None:
    assert judged(nothing()) == []


def test_features_do_not_depend_on_the_order_of_candidates() -> None:
    here = context()
    some = [one(1, 2, PER, 0.8, MODEL), one(1, 2, PER, 0.6, MODEL), one(5, 5, LOC, 0.3, GAZETTEER, item=5)]
    rows = []
    for order in (some, some[::-1]):
        pool = together(*order)
        rows.append(judge.features(here, reading(here), pool, judge.spans_of(pool)))
    assert np.array_equal(*rows)
    assert np.isfinite(rows[0]).all()


def test_the_spans_of_a_long_page_are_judged_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the network sees of all of them would not fit into a process's memory: `<div>` 380,000 times took 1.2 GiB."""
    some = [one(first, min(first + more, 7), first % 3, 0.1 + first / 10, 1 << more) for more in range(2) for first in range(8)]
    whole = judged(*some)
    assert len(whole) > 2
    seen, features = [], judge.features

    def watched(context: Context, reading: Reading, pool: Candidates, spans: judge.Spans) -> Matrix:
        seen.append(len(spans.first))
        return features(context, reading, pool, spans)

    monkeypatch.setattr(judge, "SPANS_AT_ONCE", 2)
    monkeypatch.setattr(judge, "features", watched)
    assert judged(*some) == whole
    assert len(seen) > 2
    assert max(seen) == 2


def test_probabilities_are_those_of_the_plain_formula() -> None:
    shipped, random = load(), np.random.default_rng(1)
    seen = random.normal(size=(5, COLUMNS)).astype(np.float32)
    hidden = len(shipped.outer)
    for row, likely in zip(seen, shipped.probabilities(seen), strict=True):
        units = [max(0.0, float(row @ shipped.inner[:, unit] + shipped.inner_bias[unit])) for unit in range(hidden)]
        scores = [
            sum(unit * float(weight) for unit, weight in zip(units, shipped.outer[:, outcome], strict=True))
            + float(row @ shipped.inner[:, hidden + outcome] + shipped.inner_bias[hidden + outcome] + shipped.outer_bias[outcome])
            for outcome in range(4)
        ]
        shares = np.exp(np.array(scores) - max(scores))
        assert np.allclose(likely, shares / shares.sum(), atol=1e-4)


def test_the_network_survives_its_file() -> None:
    shipped = load()
    again = unpack(pack(shipped))
    assert all(np.array_equal(*pair) for pair in zip(shipped, again, strict=True))


@pytest.mark.parametrize("damage", [b"", b"no network"])
def test_a_damaged_file_says_how_to_mend_it(damage: bytes) -> None:
    with pytest.raises(InvalidModel, match=r"tools/train_judge\.py"):
        unpack(damage)
