"""Entities: who and what a page is about, with exact offsets, in any case, linked where the gazetteer knows an id."""

from pipeline.entities import gazetteer, model
from pipeline.entities.tagger import Tagger

__all__ = ["Tagger", "load_tagger"]


def load_tagger() -> Tagger:
    """A tagger with the gazetteer and the weights that are shipped; InvalidModel if one is missing or damaged. Callers keep it."""
    return Tagger(gazetteer.load(), model.load())
