"""The chain: its table, and its probabilities against a walk over every sequence."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.entities import chain


def test_columns_follow_each_other_and_hold_the_longest_sequence_first() -> None:
    where = chain.layout(np.array([True, True, False, False, True]))
    assert where.place.tolist() == [1, 0, 3, 4, 2]
    assert where.column.tolist() == [0, 0, 1, 2, 0]
    assert where.bounds == [0, 3, 4, 5]


def test_long_sequences_are_cut() -> None:
    breaks = np.zeros(chain.LONGEST * 2 + 1, dtype=np.bool_)
    assert len(chain.layout(breaks).bounds) == chain.LONGEST + 1


def test_what_follows_a_cut_can_be_the_inside_of_a_name() -> None:
    moves = np.array([[0, 0], [0, 0], [0, -30]], dtype=np.float32)  # no sequence begins with the second tag
    scores = np.tile(np.array([0, 9], dtype=np.float32), (chain.LONGEST + 1, 1))
    breaks = np.zeros(len(scores), dtype=np.bool_)
    likely = chain.marginals(scores, chain.layout(breaks), moves)[0]
    assert likely[0, 1] < 0.5 < likely[chain.LONGEST, 1]


@given(st.lists(st.booleans(), min_size=1, max_size=9), st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_marginals_agree_with_their_reference(starts: list[bool], seed: int) -> None:
    random = np.random.default_rng(seed)
    breaks = np.array([True, *starts[1:]])
    scores = random.normal(size=(len(breaks), 3)).astype(np.float32)
    moves = random.normal(size=(4, 3)).astype(np.float32)
    where = chain.layout(breaks)
    likely = chain.marginals(scores, where, moves)[0]
    bounds = [*np.nonzero(breaks)[0].tolist(), len(breaks)]
    for first, last in pairwise(bounds):
        assert np.allclose(likely[first:last], chain.marginals_of_one(scores[first:last], moves), atol=1e-4)
