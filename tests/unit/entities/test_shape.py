"""Spans that the languages' lists put right."""

import numpy as np
import pytest

from pipeline.entities import gazetteer
from pipeline.entities.candidates import GAZETTEER, LOC, MODEL, ORG, PER, Candidates, candidates
from pipeline.entities.context import Context, look
from pipeline.entities.lexicon import lexicon
from pipeline.entities.shape import halves, shaped
from pipeline.entities.tokens import read

KNOWN = gazetteer.load()


def last_word(text: str) -> tuple[Context, Candidates]:
    context = look(read([text]), KNOWN, lexicon(), None)
    last = np.array([len(context.page.starts) - 1])
    return context, candidates(last, last, LOC, 0.8, GAZETTEER)


@pytest.mark.parametrize(
    ("text", "whole", "kind"),
    [
        ("au lycée technique de Bafoussam", "lycée technique de Bafoussam", ORG),
        ("la mairie de Bamako", "mairie de Bamako", ORG),
        ("l’ambassade du Maroc", "ambassade du Maroc", ORG),
        ("le stade Bamako", "stade Bamako", LOC),
    ],
)
def test_a_head_noun_takes_the_name_in(text: str, whole: str, kind: int) -> None:
    context, name = last_word(text)
    grown = shaped(context, name)
    assert (context.page.surface(int(grown.first[0]), int(grown.last[0])), grown.type.tolist()) == (whole, [kind])


@pytest.mark.parametrize("text", ["le barrage de Bamako", "le lycée, à Bamako", "un hôpital pauvre Bamako", "Bamako"])
def test_other_words_do_not(text: str) -> None:
    context, name = last_word(text)
    assert not len(shaped(context, name).score)


def test_two_known_places_with_a_hyphen_are_two() -> None:
    context, _ = last_word("Taza-Oujda")
    first, last = np.array([0]), np.array([1])
    assert halves(context, candidates(first, last, LOC, 0.8, MODEL)).table[:2].T.tolist() == [[0, 0], [1, 1]]
    assert halves(context, candidates(first, last, PER, 0.8, MODEL)).table[:2].T.tolist() == [[0, 1]]
