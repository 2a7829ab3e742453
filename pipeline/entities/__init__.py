"""Entities: who and what a page is about, with exact offsets, in any case, linked where the gazetteer knows an id."""

from pipeline.entities import gazetteer, model, network
from pipeline.entities.tagger import Tagger
from pipeline.entities.watch_list import WatchList

__all__ = ["Tagger", "load_tagger"]


def load_tagger(watch_list: WatchList | None = None) -> Tagger:
    """A tagger with the gazetteer and the weights that are shipped, and the user's watch list; callers keep it.

    InvalidModel if what is shipped is missing or damaged.
    """
    return Tagger(gazetteer.load(), model.load(), network.load(), watch_list)
