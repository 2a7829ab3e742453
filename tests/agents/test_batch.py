"""Cutting records into batches: nothing lost, in order, within every bound."""

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agents.batch import Cutter
from agents.settings import Settings
from tests.agents.records import record


def cut(cutter: Cutter, sizes: list[int], most: int = 100) -> list[list[Any]]:
    return [list(batch) for batch in cutter.cut([record(offset, b"x" * size) for offset, size in enumerate(sizes)], most)]


@given(st.lists(st.integers(0, 5000)), st.integers(1, 8), st.floats(0, 2))
def test_every_record_once_in_order_and_within_the_bounds(sizes: list[int], most: int, seconds: float):
    cutter = Cutter(Settings(processes=1, batch_bytes=4096, event_bytes=4096))
    cutter.learn(10_000, seconds)
    batches = cut(cutter, sizes, most)
    assert [each.offset for batch in batches for each in batch] == list(range(len(sizes)))
    for batch in batches:
        assert 1 <= len(batch) <= most
        assert len(batch) == 1 or sum(len(each.value) for each in batch) <= 4096
    for first, second in pairwise(batches):
        assert first[-1].offset + 1 == second[0].offset


def test_batches_grow_as_pages_prove_cheap():
    cutter = Cutter(Settings(processes=1))
    sizes = [10_000] * 200
    careful = max(map(len, cut(cutter, sizes, 500)))
    for _ in range(50):
        cutter.learn(1_000_000, 0.001)
    assert max(map(len, cut(cutter, sizes, 500))) > careful


def test_slow_pages_come_in_small_batches():
    cutter = Cutter(Settings(processes=1, batch_seconds=0.1))
    for _ in range(50):
        cutter.learn(10_000, 0.05)
    assert {len(batch) for batch in cut(cutter, [10_000] * 10)} <= {1, 2}


def test_pages_that_wait_share_batches_up_to_five_times_the_aim():
    cutter = Cutter(Settings(processes=1, batch_seconds=0.1))
    for _ in range(50):
        cutter.learn(10_000, 0.01)  # ten pages are the aim
    few, some, many = (cut(cutter, [10_000] * count, 500) for count in (30, 100, 400))
    assert {len(batch) for batch in few} <= {9, 10, 1, 2, 3}
    assert 24 <= len(some[0]) <= 25
    assert 49 <= len(many[0]) <= 50


def test_null_values_weigh_nothing():
    cutter = Cutter(Settings(processes=1))
    assert [len(batch) for batch in cutter.cut([record(offset, None) for offset in range(10)], 4)] == [4, 4, 2]
