"""What is found by a fast path is what the plain way finds."""

import re

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import languages
from pipeline.errors import InvalidModel
from pipeline.flags import flags
from pipeline.split import register
from pipeline.split.headers import is_dated
from pipeline.split.html_dom import deepest, steps_of
from pipeline.split.lines import Sign, cut
from pipeline.split.literals import needed
from pipeline.split.patterns import END_MARKS, LINE_KINDS, patterns
from pipeline.text import URL, WORD, code_points, fold, masked, urls, word_bounds_of, words
from pipeline.texts import Texts, Vocabulary

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


@settings(deadline=None)
@given(st.lists(LINE))
def test_what_a_line_is_and_ends_an_article_with_is_what_the_patterns_find(lines: list[str]):
    found = patterns().finder.on(lines)
    for name in LINE_KINDS:
        wanted = [any(re.match(pattern, line) for data in DATA for pattern in data["lines"][name]) for line in lines]
        assert found[name] == {at for at, bears in enumerate(wanted) if bears}
    for name in END_MARKS:
        wanted = [any(re.search(pattern, line) for data in DATA for pattern in data["ends"][name]) for line in lines]
        assert found[name] == {at for at, bears in enumerate(wanted) if bears}


@given(LINE)
def test_a_line_with_a_token_is_hinted_at_or_holds_a_date(line: str):
    found = {match.lastgroup for match in patterns().tokens.finditer(line)} - {"W"}
    if found & {"R", "S", "L"}:
        assert patterns().finder.on([line])["hint"]
    if found & {"D", "T"}:
        assert is_dated(line, patterns())


@given(st.from_regex(re.compile(r"(?:[a-c]|b?c|[a-b]{1,2}|\(|\)|(?:ab|c)d?|\bd|$|^a|.){1,6}"), fullmatch=True), st.text("abcd()"))
def test_whatever_a_pattern_matches_holds_a_string_that_it_needs(pattern: str, line: str):
    try:
        match, strings = re.search(pattern, line), needed(pattern)
    except (re.error, InvalidModel):
        return
    assert not match or any(string in f"\n{line}\n" for string in strings)


PUNCTUATED = st.lists(
    st.text(st.sampled_from("aXÉé_ .,!?…'’\"«”12:;<3xOD)(-—\u00d7\u0130\U0001d400\U0001f600☺\ud800"), min_size=1)
    .map(str.strip)
    .filter(bool),
    min_size=1,
    max_size=6,
)
SEARCHED = {
    "repeated_punctuation": [register.REPEATED],
    "missing_space": [register.SPACING],
    "emoji": [register.SMILEY, register.EMOJI],
}
CAPITALS = re.compile(r"(?<!\w)[A-ZÀ-ÖØ-Þ]{4,}\b")


@settings(deadline=None)
@given(PUNCTUATED)
def test_marks_looked_for_by_their_signs_are_what_the_patterns_find(lines: list[str]):
    sheet = cut("\n".join(lines))
    rows = np.zeros((len(lines), len(register.LINE_EVIDENCE)))
    register.count_matches(sheet, rows)
    for name, searched in SEARCHED.items():
        wanted = [any(pattern.search(f"\n{line}\n", 1) for pattern in searched) for line in lines]
        assert rows[:, register.COLUMN[name]].tolist() == wanted
    assert rows[:, register.COLUMN["capitals"]].tolist() == [len(CAPITALS.findall(line)) for line in lines]
    assert np.allclose(rows[:, register.COLUMN["figures"]], np.log1p([len(register.NUMBER.findall(line)) for line in lines]))
    for sign, chars in ((Sign.EXCLAMATION, "!"), (Sign.QUESTION, "?"), (Sign.STRAIGHT, "'\""), (Sign.CURLY, "’“«")):
        assert sheet.count(sign).tolist() == [sum(char in chars for char in line) for line in lines]


@given(st.dictionaries(st.from_regex(r"[a-c]{1,3}", fullmatch=True), st.integers(1, 9), min_size=1), st.lists(st.text("abc")))
def test_a_vocabulary_is_a_dictionary(words: dict[str, int], texts: list[str]):
    found = Texts.of(texts)
    assert Vocabulary(words).bits(found.hashes).tolist() == [words.get(word, 0) for text in texts for word in WORD.findall(text)]


FLAT, FORMATTING = {"p", "br"}, {"b", "i"}
TAGS = st.lists(
    st.sampled_from(["<b>", "</b>", "<div a=1>", "</DIV>", "<p>", "<x-y>", "</x-y>", "text", "<I>", "<br/>", "</ div>"])
)


@given(TAGS)
def test_the_depth_of_tags_is_what_counting_one_by_one_gives(tags: list[str]):
    counted: list[int] = []
    depth = most = 0
    for closing, tag in re.findall(r"<(/?)([a-zA-Z-]+)", "".join(tags)):
        step = 0 if tag.lower() in FLAT else 3 if tag.lower() in FORMATTING else 1
        counted.append(-step if closing else step)
        depth = max(0, depth + int(np.sign(counted[-1])))
        most = max(most, depth)
    steps = steps_of("".join(tags))
    assert steps.tolist() == counted
    assert deepest(np.sign(steps)) == most
