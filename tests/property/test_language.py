"""Language detection holds for any string, at a cost that is linear in it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.language import load_detector, ngrams
from pipeline.language.words import HEAD

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


@given(
    found=st.lists(st.text(st.characters(min_codepoint=0x61, max_codepoint=0x24F), min_size=1, max_size=12), min_size=1, max_size=5)
)
def test_hashing_agrees_with_its_plain_reference(found):
    assert ngrams.rows(ngrams.encoded(found), 18).tolist() == ngrams.rows_reference(found, 18)


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
    text = unit * (1_000_000 // len(unit))
    start = time.process_time()
    DETECTOR.detect(text)
    DETECTOR.detect(text[:HEAD])
    assert time.process_time() - start < 1.5
