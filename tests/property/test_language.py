"""Language detection holds for any string, at a cost that is linear in it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.language import load_detector, ngrams
from pipeline.language.letters import read
from pipeline.language.words import LONG, cleaned

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


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "***a",
        "a.b",
        "@",
        "www.",
        "a-",
        "😂",
        "&a",
        "\u202e",
        "é",
        "а",
        "a@b.",
        "http://",
        "'",
        "a*",
        "\ufdfa",
        "İ",
        "-.",
        "a1",
    ],
)
def test_hostile_text_costs_linear_time(unit):
    def seconds(size: int) -> float:
        text, runs = unit * (size // len(unit)), []
        for _ in range(3):
            start = time.process_time()
            DETECTOR.detect(text)
            runs.append(time.process_time() - start)
        return min(runs)

    DETECTOR.detect(unit)
    assert seconds(1_000_000) < 8 * seconds(250_000) + 0.02  # a quadratic cost would be sixteen times as much
    assert seconds(LONG) < 8 * seconds(LONG // 4) + 0.02
