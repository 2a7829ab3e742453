"""What the languages say about names: titles, heads of organisations and places, words that are no names."""

from functools import cache
from typing import NamedTuple

from pipeline.entities.tokens import split_words
from pipeline.languages import read


class Lexicon(NamedTuple):
    """The word lists of every language together, folded: a page may mix them."""

    titles: frozenset[str]
    never: frozenset[str]
    demonyms: frozenset[str]
    organisations: frozenset[str]
    places: frozenset[str]
    particles: frozenset[str]
    name_particles: frozenset[str]
    before_places: frozenset[str]
    honorifics: frozenset[str]
    institutions: frozenset[str]
    sites: frozenset[str]
    links: frozenset[str]
    regions: frozenset[str]


@cache
def lexicon() -> Lexicon:
    """The lists of languages/*/entities.toml."""
    tables = read("entities").values()
    lists = {key: frozenset(word for table in tables for word in split_words(table.get(key, ""))) for key in Lexicon._fields}
    return Lexicon(**lists)
