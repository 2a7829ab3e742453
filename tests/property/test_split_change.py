"""The running sums of pipeline/split/change.py against what they stand for, place by place."""

import tracemalloc

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.split.change import change, lead, shift

ROWS = st.lists(st.tuples(st.floats(0.0, 8.0), st.booleans()), min_size=1, max_size=30)


def columns(rows: list[tuple[float, bool]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([value for value, _ in rows]), np.array([mask for _, mask in rows])


def mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else 0.0


@given(ROWS, st.integers(1, 7))
def test_a_lead_is_the_mean_of_the_next_less_that_of_the_last(rows: list[tuple[float, bool]], width: int):
    values, mask = columns(rows)
    wanted = [
        mean(values[place:][mask[place:]][:width]) - mean(values[:place][mask[:place]][-width:]) for place in range(len(rows) + 1)
    ]
    assert np.allclose(lead(values[None], mask, width)[0], wanted)


def cost_of_rate(values: np.ndarray) -> float:
    rate = (values.sum() + 0.5) / (len(values) + 1.0)
    return float(-(values.sum() * np.log(rate) + (len(values) - values.sum()) * np.log1p(-rate)))


@given(ROWS)
def test_a_change_is_signed_by_the_rates_and_as_large_as_two_explain_more_than_one(rows: list[tuple[float, bool]]):
    values, mask = columns(rows)
    marks = values > 4.0
    found = change(marks[None], mask[None])[0]
    for place in range(len(rows) + 1):
        before, behind = marks[:place][mask[:place]], marks[place:][mask[place:]]
        gain = cost_of_rate(marks[mask]) - cost_of_rate(before) - cost_of_rate(behind)
        assert np.isclose(abs(found[place]), np.log1p(max(gain, 0.0)))
        rise = (behind.sum() + 0.5) / (len(behind) + 1.0) - (before.sum() + 0.5) / (len(before) + 1.0)
        assert found[place] * rise >= 0.0


@given(ROWS)
def test_a_shift_is_none_at_the_ends_and_signed_by_the_means(rows: list[tuple[float, bool]]):
    values, mask = columns(rows)
    found = shift(values, mask)
    for place in range(len(rows) + 1):
        before, behind = values[:place][mask[:place]], values[place:][mask[place:]]
        if not len(before) or not len(behind):
            assert found[place] == 0.0
        else:
            assert found[place] * (mean(behind) - mean(before)) >= -1e-9


def test_many_rows_of_a_long_page_take_the_memory_of_one():
    random = np.random.default_rng(1)
    values, mask = (random.random((6, 100_000)) < share for share in (0.3, 0.8))
    change(values[:1], mask[:1])  # for what is kept from one call to the next
    peaks = []
    for rows in (1, 6):
        tracemalloc.start()
        found = change(values[:rows], mask[:rows])
        peaks.append(tracemalloc.get_traced_memory()[1] - found.nbytes)
        tracemalloc.stop()
    assert peaks[1] < 2 * peaks[0]
    assert np.array_equal(found, np.concatenate([change(values[row : row + 1], mask[row : row + 1]) for row in range(6)]))
