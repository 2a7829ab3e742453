"""What the statistical tagger sees of each word: some forty hashed features, for a whole page at once.

A feature is a name (its place in the list) and a value; both together are hashed to a bucket. Words are folded before, so accents
never matter; the case of a word counts only beside whether its sentence is shouted.
"""

from collections.abc import Iterator
from functools import cache

import numpy as np
import numpy.typing as npt

from pipeline.entities.gazetteer import Gazetteer, Matches
from pipeline.entities.lexicon import Lexicon
from pipeline.entities.tokens import CAPITAL, CAPS, LOWER, MIXED, SENTENCE, Hashes, Ints, Page, hash_phrase, hash_spans, mix

BITS = 19  # buckets: 2**BITS
WORDS = frozenset((0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 41))  # the features that hold whole words, or nearly
_SALT = np.uint64(0xA0761D6478BD642F)
_STEP = np.uint64(0xE7037ED1A0B428DB)
_KINDS = ("titles", "organisations", "places", "particles", "name_particles", "never", "demonyms", "before_places")


def _join(*values: npt.NDArray[np.generic]) -> Hashes:
    """One value for several; `buckets` mixes it."""
    joined = np.zeros(len(values[0]), dtype=np.uint64)
    for value in values:
        joined = joined * _STEP + value.astype(np.uint64)
    return joined


def _shift(values: npt.NDArray[np.generic], by: int) -> Hashes:
    """The value of the word `by` places on; one of its own beyond the ends."""
    shifted = np.full(len(values), 0xE0D, dtype=np.uint64)
    plain = values.astype(np.uint64)
    if by > 0:
        shifted[:-by] = plain[by:]
    else:
        shifted[-by:] = plain[: len(plain) + by]
    return shifted


@cache
def _kinds(lexicon: Lexicon) -> tuple[Hashes, Ints]:
    """The words of the lexicon as sorted hashes, and which lists each is in, as bits."""
    bits: dict[int, int] = {}
    for place, name in enumerate(_KINDS):
        for word in getattr(lexicon, name):
            key = hash_phrase([word])
            bits[key] = bits.get(key, 0) | 1 << place
    return np.array(sorted(bits), dtype=np.uint64), np.array([bits[key] for key in sorted(bits)], dtype=np.int64)


def _kind(page: Page, lexicon: Lexicon) -> Ints:
    """Which lists each word is in, as bits."""
    keys, bits = _kinds(lexicon)
    place = np.minimum(np.searchsorted(keys, page.hashes), len(keys) - 1)
    return np.where(keys[place] == page.hashes, bits[place], 0)


def _known(page: Page, matches: Matches, gazetteer: Gazetteer) -> Ints:
    """For each word, the longest known name that covers it: what it is, where in it the word stands, how long it is."""
    length = matches.last - matches.first + 1
    word = np.repeat(matches.first, length)
    offset = np.arange(len(word)) - np.repeat(np.cumsum(length) - length, length)
    size = np.minimum(np.repeat(length, length), 4)
    position = (offset > 0) + 2 * (offset + 1 < np.repeat(length, length))
    known = np.zeros(len(page.starts), dtype=np.int64)
    # Matches come by length, and the last assignment stands.
    known[word + offset] = 1 + np.repeat(gazetteer.summary(matches.node).astype(np.int64), length) + 64 * position + 256 * size
    return known


def _elsewhere(page: Page) -> Ints:
    """How the same word is written elsewhere in the page: with a capital where nothing but a name has one, in small letters."""
    _, group = np.unique(page.hashes, return_inverse=True)
    named = (page.case != LOWER) & ~page.shout & (page.gap != SENTENCE) & np.isin(page.case, (CAPITAL, CAPS, MIXED))
    small = page.case == LOWER
    size = group.max() + 1 if len(group) else 0
    names, smalls = np.bincount(group, named, size)[group] - named, np.bincount(group, small, size)[group] - small
    elsewhere: Ints = np.minimum(names, 2).astype(np.int64) + 3 * np.minimum(smalls, 1).astype(np.int64)
    return elsewhere


def _before(values: npt.NDArray[np.generic]) -> Hashes:
    return _shift(values, -1)


def _ahead(values: npt.NDArray[np.generic]) -> Hashes:
    return _shift(values, 1)


def _values(page: Page, matches: Matches, gazetteer: Gazetteer, lexicon: Lexicon) -> Iterator[npt.NDArray[np.generic]]:
    """The features, each as one value a word."""
    word, starts, ends = page.hashes, page.starts, page.ends
    suffixes = [hash_spans(page.sums, np.maximum(ends - size, starts), ends) for size in (2, 3, 4)]
    prefixes = [hash_spans(page.sums, starts, np.minimum(starts + size, ends)) for size in (2, 3)]
    after = _shift(page.gap, 1)
    case = _join(page.case, page.shout, page.gap == SENTENCE)
    form = _join(case, np.minimum(ends - starts, 4))
    level = gazetteer.levels(page)
    parts = gazetteer.parts(page)
    given, family = _join(np.minimum(parts[:, 0], 4)), _join(np.minimum(parts[:, 1], 4))
    usual = _join(
        level, np.minimum(parts, 3)[:, 0], np.minimum(parts, 3)[:, 1], np.minimum(parts, 3)[:, 2], np.minimum(parts, 3)[:, 3]
    )
    kind, known, elsewhere = _kind(page, lexicon), _known(page, matches, gazetteer), _elsewhere(page)
    gaps = _join(page.gap, after)
    yield from (word, _join(word, case), _before(word), _ahead(word), _shift(word, -2), _shift(word, 2))
    yield from (_join(_before(word), word), _join(word, _ahead(word)), _join(_before(word), case), _join(_ahead(word), case))
    yield from (*suffixes, *prefixes, _join(suffixes[1], case), _before(suffixes[1]), _ahead(suffixes[1]))
    yield from (form, _join(_before(form), form), _join(form, _ahead(form)), _join(_before(case), case, _ahead(case)), gaps)
    yield from (_join(gaps, case, level), usual, _join(usual, case), _join(usual, _before(usual)), _join(usual, _ahead(usual)))
    yield from (known, _join(known, case), _join(_before(known), known), _join(known, _ahead(known)), _join(known, usual))
    yield from (
        _join(kind, case),
        _join(_before(kind), case),
        _join(_ahead(kind), case),
        _join(_shift(kind, -2), _before(kind), case),
    )
    yield from (_join(elsewhere, case), _join(elsewhere, level, case), _join(elsewhere, known))
    yield from (
        _join(_before(given), given, family, _ahead(family), case),
        _join(_before(word), known),
        _join(_before(kind), known),
    )


def buckets(page: Page, matches: Matches, gazetteer: Gazetteer, lexicon: Lexicon) -> npt.NDArray[np.int32]:
    """The buckets of every word's features, one row a word."""
    values = np.stack([value.astype(np.uint64) for value in _values(page, matches, gazetteer, lexicon)])
    salts = np.arange(1, len(values) + 1, dtype=np.uint64) * _SALT
    hashed = mix(values + salts[:, None]) >> np.uint64(64 - BITS)
    return hashed.astype(np.int32).T
