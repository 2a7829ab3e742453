"""The statistical tagger: its file, its spans."""

import numpy as np
import pytest

from pipeline.entities import features, gazetteer, model
from pipeline.entities.candidates import LOC, PER
from pipeline.entities.context import Context, look
from pipeline.entities.lexicon import lexicon
from pipeline.entities.tokens import read
from pipeline.errors import InvalidModel


def context(text: str) -> Context:
    return look(read([text]), gazetteer.load(), lexicon(), None)


def flat(scores: list[float]) -> model.Weights:
    """Weights that give every word the same scores."""
    moves = np.tile(np.array(scores, dtype=np.float32), (len(model.TAGS) + 1, 1))
    return model.quantise(np.zeros((1 << features.BITS, len(model.TAGS)), dtype=np.float32), moves)


def test_weights_survive_the_file_but_for_rounding() -> None:
    plain = np.random.default_rng(1).normal(size=(1 << features.BITS, len(model.TAGS))).astype(np.float32)
    moves = np.arange(56, dtype=np.float32).reshape(8, 7)
    again = model.unpack(model.pack(model.quantise(plain, moves)))
    buckets = np.array([[0, 7], [5, 1], [5, 2]], dtype=np.int32)
    assert np.abs(again.score([buckets]) - plain[buckets].sum(axis=0)).max() < 3 * np.abs(plain).max() / 127
    assert np.array_equal(again.moves, moves)


@pytest.mark.parametrize("damage", [b"", b"no weights"])
def test_a_damaged_file_says_how_to_mend_it(damage: bytes) -> None:
    with pytest.raises(InvalidModel, match=r"tools/train_tagger\.py"):
        model.unpack(damage)


def test_an_inside_without_a_beginning_begins_and_titles_are_left_out() -> None:
    inside_person = [0.0, 0, 5, 0, 0, 0, 0]
    reading = model.read(context("M. Moussa Diop, Bamako"), flat(inside_person))
    assert reading.spans.table[:3].T.tolist() == [[1, 2, PER], [3, 3, PER]]
    assert ((reading.spans.score > 0.9) & (reading.spans.score < 1)).all()
    person, place = reading.opinion(np.array([1, 1]), np.array([2, 2]), np.array([PER, LOC]))
    assert person > 0.9
    assert place < 0.1


def test_words_of_addresses_are_never_in_a_span() -> None:
    reading = model.read(context("https://site.example/Bamako u*****"), flat([0.0, 5, 0, 0, 0, 0, 0]))
    assert not len(reading.spans.score)


def test_features_do_not_see_accents() -> None:
    known = gazetteer.load()
    plain, accented = (read([text]) for text in ("l'Energie du Mali a Segou", "l’Énergie du Mali à Ségou"))
    first, second = (features.buckets(page, known.look_up(page), lexicon().bits_of(page)) for page in (plain, accented))
    assert np.array_equal(first, second)
