"""Marks of what was replayed: what a commit holds is enough to know it again."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.dead_letters import DeadLetter, Filter, Marks, TooScattered

WHEN = datetime(2026, 11, 1, 12, tzinfo=UTC)


def letter(offset: int, headers: dict[str, bytes] | None = None) -> DeadLetter:
    return DeadLetter(0, offset, WHEN, b"key", b"value", tuple((headers or {}).items()))


def read_back(marks: Marks, letters: list[DeadLetter]) -> Marks:
    """What another process reads of the marks that one committed."""
    other = Marks()
    for partition, committed in marks.offsets("dead", letters).items():
        other.know(partition.partition, committed)
    return other


@given(st.sets(st.integers(0, 60), min_size=1), st.lists(st.sets(st.integers(0, 60)), max_size=4))
def test_marks_are_the_same_after_a_commit(kept: set[int], rounds: list[set[int]]):
    """Offsets have gaps (markers of transactions, retention); several replays follow one another."""
    letters, marks, done = [letter(offset) for offset in sorted(kept)], Marks(), set()
    for wanted in rounds:
        batch = [each for each in letters if each.offset in wanted and each not in marks]
        done |= {each.offset for each in batch}
        marks.add(batch)
        marks = read_back(marks, letters)
        assert {each.offset for each in letters if each in marks} == done


def test_too_many_pieces():
    letters, marks = [letter(offset) for offset in range(4000)], Marks()
    marks.add(letters[1::2])
    with pytest.raises(TooScattered, match="wider filter"):
        marks.offsets("dead", letters)


def test_a_dead_letter_again_is_what_it_was_with_the_attempt_counted():
    found = letter(1, {"x": b"kept", "vigie.reason": b"not_json", "vigie.attempt": b"1", "__connect.errors.topic": b"t"})
    assert found.again() == (b"key", b"value", [("x", b"kept"), ("vigie.attempt", b"2")])
    assert (found.reason, found.attempt) == ("not_json", 1)


@pytest.mark.parametrize("attempt", [b"", b"many", b"-1", "²".encode(), b"9" * 5000])
def test_attempt_that_is_no_number(attempt: bytes):
    assert letter(0, {"vigie.attempt": attempt}).again()[2] == [("vigie.attempt", b"1")]


@pytest.mark.parametrize(
    ("wanted", "meant"),
    [
        (Filter(), True), (Filter(reason="not_json"), True), (Filter(reason="empty"), False), (Filter(partition=0), True),
        (Filter(partition=1), False), (Filter(since=WHEN), True), (Filter(until=WHEN), False),
    ],
)  # fmt: skip
def test_filter(wanted: Filter, *, meant: bool):
    assert wanted(letter(0, {"vigie.reason": b"not_json"})) is meant
