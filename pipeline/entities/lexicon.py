"""What the languages say about names: titles, heads of organisations and places, words that are no names."""

from functools import cache
from typing import NamedTuple

import numpy as np

from pipeline.entities.spans import Ints
from pipeline.entities.tokens import Page, hash_phrase, look_up, split_words
from pipeline.languages import read
from pipeline.texts import Hashes

# The lists, and a bit for each: `bits_of` gives every word of a page the bits of the lists that it is in. The tagger's features see
# the first eight alone.
LISTS = (
    *("titles", "organisations", "places", "particles", "name_particles", "never", "demonyms", "before_places"),
    *("honorifics", "institutions", "sites", "links", "regions"),
)
TITLE, ORGANISATION, PLACE, PARTICLE, NAME_PARTICLE, NEVER, DEMONYM, BEFORE_PLACE = (1 << place for place in range(8))
HONORIFIC, INSTITUTION, SITE, LINK, REGION = (1 << place for place in range(8, 13))
SEEN = 255  # what features see


class Lexicon(NamedTuple):
    """The word lists of every language together, folded, as sorted hashes: a page may mix languages."""

    hashes: Hashes
    bits: Ints

    def bits_of(self, page: Page) -> Ints:
        """Which lists each word of a page is in, as bits."""
        place, known = look_up(self.hashes, page.vocabulary)
        bits: Ints = (self.bits[place] * known)[page.entry]
        return bits


@cache
def lexicon() -> Lexicon:
    """The lists of languages/*/entities.toml."""
    bits: dict[str, int] = {}
    for table in read("entities").values():
        for place, name in enumerate(LISTS):
            for word in split_words(table.get(name, "")):
                bits[word] = bits.get(word, 0) | 1 << place
    hashes = {hash_phrase([word]): word for word in bits}
    order = sorted(hashes)
    return Lexicon(np.array(order, dtype=np.uint64), np.array([bits[hashes[key]] for key in order]))
