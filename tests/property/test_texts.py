"""Texts read together say of each what it says alone."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.flags import flags, flags_of
from pipeline.text import WORD, fold
from pipeline.texts import Texts

MASK = 2**64 - 1
ANY = st.text(st.characters(exclude_categories=())) | st.lists(
    st.sampled_from(["le", "Mali", "ÉTÉ", "d'où", "12", "u***", "\n", " ", "𝗯", "İ", "\ud800"])
).map("".join)


def mixed(value: int) -> int:
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB & MASK
    return value ^ (value >> 31)


def hash_of(word: str) -> int:
    """The plain form of a word's hash."""
    return mixed(sum(ord(char) * 0x9E3779B97F4A7C15**place for place, char in enumerate(word)) & MASK)


@given(st.lists(ANY, max_size=5))
def test_words_are_where_they_are_and_hash_as_they_do_alone(texts):
    read = Texts.of(texts)
    assert read.texts == tuple(texts)
    assert read.folded == tuple(map(fold, texts))
    joined = "".join(f"{text}\n" for text in texts)
    assert [joined[start:].startswith(text) for start, text in zip(read.bounds, texts, strict=False)] == [True] * len(texts)
    for number, text in enumerate(texts):
        words = slice(*read.firsts[number : number + 2])
        found = list(WORD.finditer(fold(text)))
        assert (read.starts[words] - read.bounds[number]).tolist() == [match.start() for match in found]
        assert (read.ends[words] - read.bounds[number]).tolist() == [match.end() for match in found]
        assert read.hashes[words].tolist() == [hash_of(match.group()) for match in found]


@given(st.lists(ANY, max_size=5))
def test_marks_of_a_text_do_not_depend_on_the_others(texts):
    assert flags_of(Texts.of(texts)) == [flags(text) for text in texts]


def test_a_text_longer_than_the_powers_that_are_kept():
    text = "abc " * 5_000
    assert set(Texts.of([text]).hashes.tolist()) == {hash_of("abc")}
