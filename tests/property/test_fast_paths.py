"""What is found by a fast path is what the plain way finds."""

import re

from hypothesis import given
from hypothesis import strategies as st

from pipeline import languages
from pipeline.flags import flags
from pipeline.split.patterns import END_MARKS, patterns
from pipeline.text import MASKED, URL, WORD, fold, masked, urls, word_bounds, words

PIECES = st.sampled_from(
    [
        *("il y a 3 jours", "hier", "a dit :", "said...", "posté par", "(AFP).", "Le Monde avec l’AFP", "correspondent"),
        *("is a staff writer", "journaliste", "et vous ?", "***", "u****", "http://a.b/c", "WWW.a.b"),
        *("_", "-", "'", "é", "İ", "١٢", "𝟘", "\ud800", "\n"),
    ]
)
TEXT = st.one_of(st.text(st.characters(exclude_categories=())), st.lists(PIECES).map(" ".join), st.lists(PIECES).map("".join))
LINE = TEXT.map(lambda text: fold(text).replace("\n", " ").strip())


@given(TEXT)
def test_words_and_their_bounds_are_what_the_pattern_finds(text: str):
    assert words(text) == WORD.findall(text)
    starts, ends = word_bounds(text)
    assert list(zip(starts.tolist(), ends.tolist(), strict=True)) == [match.span() for match in WORD.finditer(text)]


@given(TEXT)
def test_addresses_and_masks_are_what_the_patterns_find(text: str):
    assert [start for start, _ in urls(text)] == [match.start() for match in URL.finditer(text)]
    assert masked(text) == [match.span() for match in MASKED.finditer(text)]


@given(TEXT)
def test_shouting_is_a_share_of_the_letters_that_have_a_case(text: str):
    upper, lower = sum(map(str.isupper, text)), sum(map(str.islower, text))
    assert flags(text).all_caps == (upper + lower >= 10 and upper >= 0.7 * (upper + lower))


@given(LINE)
def test_end_marks_are_what_the_patterns_of_the_languages_find(line: str):
    data = languages.read("split").values()
    for name, mark in zip(END_MARKS, patterns().ends, strict=True):
        assert mark.on(line) == any(re.search(pattern, line) for language in data for pattern in language["ends"][name])


@given(LINE)
def test_a_line_with_a_token_and_no_figure_is_hinted_at(line: str):
    found = {match.lastgroup for match in patterns().tokens.finditer(line)} - {"W"}
    if found and not re.search(r"\d", line):
        assert any(hint.search(line) for hint in patterns().hints)
