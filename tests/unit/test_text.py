import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import text


@pytest.mark.parametrize(
    ("given", "folded"),
    [
        ("L’ÉLÈVE", "l'eleve"),
        ("İstanbul", "istanbul"),
        ("“où” – là", '"ou" - la'),
        ("Пoutine", "пoutine"),  # a letter that only Cyrillic has stays what it is
        ("Роutinе", "poutine"),  # Cyrillic Er, o and ie, as copy protection puts them
        ("a\u00a0b\tc\nd", "a b c\nd"),
        ("", ""),
    ],
)
def test_fold(given: str, folded: str):
    assert text.fold(given) == folded


@given(st.text(st.characters(), max_size=40), st.integers(1, 40))
def test_a_long_text_is_folded_as_its_short_pieces(piece: str, times: int):
    whole = piece * times
    assert text.fold(whole) == text.fold(piece) * times
    assert len(text.fold(whole)) == len(whole)


def test_lone_surrogates_are_left_alone():
    assert text.fold("\ud800É") == "\ud800e"
    assert text.fold("\udfffÉ" * 1000) == "\udfffe" * 1000


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("avoir ******, Dicko", ["******"]),
        ("u***** pays", ["u*****"]),
        ("*****les.", ["*****les"]),
        ("f***ing b***", ["f***ing", "b***"]),
        ("**bold** and *so*", []),
    ],
)
def test_masked_words(given: str, found: list[str]):
    assert [given[start:end] for start, end in text.masked(given)] == found


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("voir https://a.example/b?c=d.", ["https://a.example/b?c=d"]),
        ("(www.a.example)", ["www.a.example"]),
        ("« http://a.example »", ["http://a.example"]),
        ("no address", []),
    ],
)
def test_urls(given: str, found: list[str]):
    assert [given[start:end] for start, end in text.urls(given)] == found
