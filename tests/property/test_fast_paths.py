"""What is found by a fast path is what the plain way finds."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import languages
from pipeline.flags import flags
from pipeline.split.lines import Sheet
from pipeline.split.patterns import END_MARKS, patterns
from pipeline.text import URL, WORD, code_points, fold, masked, urls, word_bounds_of, words, words_of_each

PIECES = st.sampled_from(
    [
        *("il y a 3 jours", "hier", "a dit :", "said...", "posté par", "(AFP).", "Le Monde avec l’AFP", "correspondent"),
        *("12 mars 2024", "3 January", "Dec. 5, 2019", "14h05", "at 3.20", "9 pm", "2024-01-02", "1.2.24", "12)"),
        *("is a staff writer", "journaliste", "et vous ?", "***", "u****", "http://a.b/c", "WWW.a.b"),
        *("_", "-", "'", "é", "İ", "١٢", "𝟘", "\ud800", "\n"),
    ]
)
TEXT = st.one_of(st.text(st.characters(exclude_categories=())), st.lists(PIECES).map(" ".join), st.lists(PIECES).map("".join))
DATA = list(languages.read("split").values())
# A masked word, tried at a word's start alone: linear.
MASKED = re.compile(r"(?<![^\W_])[^\W_]*\*{3,}[^\W_*]*(?:\*+[^\W_*]*)*")
LINE = TEXT.map(lambda text: fold(text).replace("\n", " ").strip())


@given(TEXT)
def test_words_and_their_bounds_are_what_the_pattern_finds(text: str):
    assert words(text) == WORD.findall(text)
    starts, ends = word_bounds_of(code_points(text))
    assert list(zip(starts.tolist(), ends.tolist(), strict=True)) == [match.span() for match in WORD.finditer(text)]


@given(TEXT)
def test_addresses_and_masks_are_what_the_patterns_find(text: str):
    assert [start for start, _ in urls(text)] == [match.start() for match in URL.finditer(text)]
    assert masked(text) == [match.span() for match in MASKED.finditer(text)]


@given(TEXT)
def test_shouting_is_a_share_of_the_letters_that_have_a_case(text: str):
    upper, lower = sum(map(str.isupper, text)), sum(map(str.islower, text))
    assert flags(text).all_caps == (upper + lower >= 10 and upper >= 0.7 * (upper + lower))


@given(st.lists(LINE))
def test_words_of_each_line_are_the_words_of_the_line(lines: list[str]):
    assert words_of_each(lines) == [words(line) for line in lines]


@settings(deadline=None)
@given(st.lists(LINE, min_size=1))
def test_end_marks_are_what_the_patterns_of_the_languages_find(lines: list[str]):
    sheet = Sheet(lines)
    for name, mark in zip(END_MARKS, patterns().ends, strict=True):
        wanted = [any(re.search(pattern, line) for language in DATA for pattern in language["ends"][name]) for line in lines]
        assert mark.on(sheet, lines) == {at for at, bears in enumerate(wanted) if bears}


@settings(deadline=None)
@given(st.lists(LINE, min_size=1))
def test_lines_of_furniture_are_what_the_patterns_find_at_their_start(lines: list[str]):
    for name in ("section", "form", "furniture"):
        wanted = [any(re.match(pattern, line) for language in DATA for pattern in language["lines"][name]) for line in lines]
        assert set(Sheet(lines).having(getattr(patterns(), name))) == {at for at, bears in enumerate(wanted) if bears}


@given(LINE)
def test_a_line_with_a_token_is_hinted_at(line: str):
    found = {match.lastgroup for match in patterns().tokens.finditer(line)} - {"W"}
    hints = patterns().hints + (patterns().figures if re.search(r"\d", line) else ())
    assert not found or any(Sheet([line]).having(hint) for hint in hints)
