from pathlib import Path

import pytest

from pipeline.quotes import find_quotes
from pipeline.texts import Texts

PAGE = (Path(__file__).parents[1] / "data" / "page.txt").read_text(encoding="utf-8")
BODY = (
    "Le conseil régional a adopté jeudi un budget de trois milliards de francs pour la réfection des routes rurales.\n"
    "Le président du conseil a promis des travaux avant la saison des pluies. Les transporteurs attendent de voir."
)


def quoted(text, body=BODY):
    return [(text[q.start : q.end], body[q.article_start : q.article_end]) for q in find_quotes(Texts.of([body, text]))[0]]


def test_the_sample_comment_is_linked_to_the_whole_paragraph():
    body, tail = PAGE[: PAGE.index("Source:")], PAGE[PAGE.index("Source:") :]
    comment = next(line for line in tail.splitlines() if line.startswith("“Selon"))
    paragraph = next(line for line in body.splitlines() if line.startswith("Selon l’agence"))
    assert quoted(comment, body) == [(comment[1:-1], paragraph)]


def test_case_accents_and_quotes_do_not_count():
    text = "Il dit : « LE PRESIDENT DU CONSEIL A PROMIS DES TRAVAUX AVANT LA SAISON DES PLUIES » et quoi encore ?"
    assert quoted(text) == [
        (text[11 : text.index(" »")], "Le président du conseil a promis des travaux avant la saison des pluies")
    ]


def test_a_typo_does_not_cut_a_quote():
    text = "Le président du conseil a promit des travaux avant la saison des pluies, vraiment ?"
    assert [ours for ours, _ in quoted(text)] == ["Le président du conseil a promit des travaux avant la saison des pluies"]


def test_two_quotes_are_two():
    text = (
        "Un budget de trois milliards de francs pour la réfection. On rêve ! "
        "Et puis : a promis des travaux avant la saison des pluies"
    )
    assert len(quoted(text)) == 2


@pytest.mark.parametrize("text", ["", "Bravo au président du conseil", "Le conseil régional a adopté", "trois mots seulement"])
def test_a_phrase_that_anyone_would_use_is_no_quote(text):
    assert quoted(text) == []


def test_repetition_stays_cheap():
    assert list(map(len, find_quotes(Texts.of(["ha " * 100_000] * 3)))) == [1, 1]
