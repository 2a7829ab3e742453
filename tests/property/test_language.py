"""Language detection holds for any string, at a cost that is linear in it."""

from collections.abc import Callable
from functools import partial
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.language import load_detector, ngrams
from pipeline.language.letters import read
from pipeline.language.words import LONG, cleaned
from tests.fixtures.cost import least

ANY_TEXT = st.text(st.characters(), max_size=300) | st.text("aeiouАх*@.’'&;:/ \n\0\u0301\ud800😂ɔé", max_size=120)
DETECTOR = load_detector()


@given(text=ANY_TEXT, prior=st.sampled_from([None, "fr", "en", "xx"]))
def test_any_string_gets_an_answer_that_is_the_same_each_time(text, prior):
    found = DETECTOR.detect(text, prior=prior)
    assert 0 <= found.confidence <= 1
    assert found.method in {"none", "script", "ngram", "dictionary", "prior"}
    assert found.tag.isalpha()
    assert DETECTOR.detect(text, prior=prior) == found


@given(texts=st.lists(ANY_TEXT, max_size=6))
def test_together_is_as_one_by_one(texts):
    assert DETECTOR.detect_all(texts) == [DETECTOR.detect(text) for text in texts]


@given(texts=st.lists(ANY_TEXT, max_size=4))
def test_hashing_agrees_with_its_plain_reference(texts):
    numbers = read(texts).numbers
    assert [line.tolist() for line in ngrams.rows(numbers, 18)] == ngrams.rows_reference(numbers.tolist(), 18)


@given(text=ANY_TEXT)
def test_cleaning_keeps_the_length(text):
    assert [len(ready) for ready in cleaned([text])] == [len(text)]


@given(text=ANY_TEXT, other=st.sampled_from(["The people are tired of it.", "Le peuple en a assez de tout cela."]))
def test_segments_cover_the_words_in_order(text, other):
    mixed = f"{text}. {other}"
    end = 0
    for segment in DETECTOR.detect(mixed).segments:
        assert end <= segment.start < segment.end <= len(mixed)
        end = segment.end


@given(text=st.text("abcdéèàçô '-.!?", max_size=80))
def test_capitals_change_nothing(text):
    assert DETECTOR.detect(text.upper()) == DETECTOR.detect(text)


HOSTILE = (
    "a", "***a", "a.b", "@", "www.", "a-", "😂", "&a", "\u202e", "\u202ea\u202cb\u2066", "é", "а", "a@b.", "http://", "'", "a*",
    "\ufdfa", "İ", "-.", "a1", "aЯ中ع", "mali мир 世界 سلام ",
)  # fmt: skip


def growth(work: Callable[[int], object], size: int) -> float:
    """t(2n)/t(n) in CPU time, each the least of what was measured in turns; a busy machine gets a second look."""
    works = partial(work, size), partial(work, 2 * size)
    turns = count(1)
    one, two = least(*works, rounds=40, enough=lambda seconds: next(turns) >= 3 and seconds[1] <= 2.4 * seconds[0])
    return two / one


@pytest.mark.parametrize("unit", HOSTILE)
def test_hostile_text_costs_linear_time(unit):
    def of(size: int) -> str:
        return unit * (size // len(unit))

    def page(size: int) -> None:
        DETECTOR.detect_page(of(size), [of(500)] * (size // 500))

    assert growth(lambda size: DETECTOR.detect(of(size)), 500_000) <= 2.4
    assert growth(lambda size: DETECTOR.detect(of(size)), LONG // 2) <= 2.4
    assert growth(page, 50_000) <= 2.4
