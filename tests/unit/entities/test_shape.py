"""Spans that the languages' lists put right."""

import pytest

from pipeline.entities import gazetteer
from pipeline.entities.candidates import Candidate
from pipeline.entities.context import Context, look
from pipeline.entities.lexicon import lexicon
from pipeline.entities.shape import halves, shaped
from pipeline.entities.tokens import read

KNOWN = gazetteer.load()


def last_word(text: str) -> tuple[Context, Candidate]:
    context = look(read([text]), KNOWN, lexicon(), None)
    last = len(context.words) - 1
    return context, Candidate(last, last, "LOC", 0.8, ("gazetteer",))


@pytest.mark.parametrize(
    ("text", "whole", "kind"),
    [
        ("au lycée technique de Bafoussam", "lycée technique de Bafoussam", "ORG"),
        ("la mairie de Bamako", "mairie de Bamako", "ORG"),
        ("l’ambassade du Maroc", "ambassade du Maroc", "ORG"),
        ("le stade Bamako", "stade Bamako", "LOC"),
    ],
)
def test_a_head_noun_takes_the_name_in(text: str, whole: str, kind: str) -> None:
    context, name = last_word(text)
    (grown,) = shaped(context, [name])
    assert (context.page.surface(grown.first, grown.last), grown.type) == (whole, kind)


@pytest.mark.parametrize("text", ["le barrage de Bamako", "le lycée, à Bamako", "un hôpital pauvre Bamako", "Bamako"])
def test_other_words_do_not(text: str) -> None:
    context, name = last_word(text)
    assert list(shaped(context, [name])) == []


def test_two_known_places_with_a_hyphen_are_two() -> None:
    context, _ = last_word("Taza-Oujda")
    pair = Candidate(0, 1, "LOC", 0.8, ("model",))
    assert [(c.first, c.last) for c in halves(context, pair)] == [(0, 0), (1, 1)]
    assert halves(context, pair._replace(type="PER")) == [pair._replace(type="PER")]
