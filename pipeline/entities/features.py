"""What the statistical tagger sees of each word: some forty hashed features, for a whole page at once.

A feature is a name (its place in the list) and a value; both together are hashed to a bucket: a polynomial over the value's parts,
each times an odd constant, of which the highest bits count (multiplicative hashing, Knuth 1973). Words are folded before, so
accents never matter; the case of a word counts only beside whether its sentence is shouted.
"""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.entities.gazetteer import Found
from pipeline.entities.lexicon import SEEN
from pipeline.entities.spans import Ints
from pipeline.entities.tokens import DIGITS, LOWER, SENTENCE, Page, hash_spans
from pipeline.texts import Hashes

BITS = 19  # buckets: 2**BITS
# Each feature joins columns of `columns`, of the word itself or, for each - or +, of one word before or after it.
FEATURES = (
    *("word", "word case", "word-", "word+", "word--", "word++"),
    *("word- word", "word word+", "word- case", "word+ case"),
    *("end2", "end3", "end4", "start2", "start3", "end3 case", "end3-", "end3+"),
    *("form", "form- form", "form form+", "case- case case+", "gap gap+"),
    *("gap gap+ case level", "usual", "usual case", "usual usual-", "usual usual+"),
    *("known", "known case", "known- known", "known known+", "known usual"),
    *("kind case", "kind- case", "kind+ case", "kind-- kind- case"),
    *("elsewhere case", "elsewhere level case", "elsewhere known"),
    *("given- given family family+ case", "word- known", "kind- known"),
)
REACH = 2  # words that a feature looks before and after
BLOCK = 1024  # words that are hashed at once: their table stays in the cache
WORDS = frozenset((0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 41))  # the features that hold whole words, or nearly
_SALT = np.uint64(0xA0761D6478BD642F)
_STEP = np.uint64(0xE7037ED1A0B428DB)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_BEYOND = np.uint64(0xE0D)  # the value of every column beyond the page's ends


def _elsewhere(page: Page) -> Ints:
    """How the same word is written elsewhere in the page: with a capital where nothing but a name has one, in small letters."""
    group, size = page.entry, len(page.vocabulary)
    named = (page.case != LOWER) & (page.case != DIGITS) & ~page.shout & (page.gap != SENTENCE)
    small = page.case == LOWER
    names = np.bincount(group[named], minlength=size)[group] - named
    smalls = np.bincount(group[small], minlength=size)[group] - small
    elsewhere: Ints = np.minimum(names, 2) + 3 * np.minimum(smalls, 1)
    return elsewhere


_LAST, _FIRST = np.array([2, 3, 4]), np.array([2, 3])  # pieces of words, in letters


def _pieces(page: Page) -> Hashes:
    """The last two, three and four and the first two and three letters of each word, one row each."""
    starts, ends = page.starts[page.examples], page.ends[page.examples]
    begins, stops = np.empty((2, len(_LAST) + len(_FIRST), len(starts)), dtype=np.int64)
    begins[len(_LAST) :], stops[: len(_LAST)] = starts, ends
    np.maximum(ends - _LAST[:, None], starts, out=begins[: len(_LAST)])
    np.minimum(starts + _FIRST[:, None], ends, out=stops[len(_LAST) :])
    return hash_spans(page.sums, begins, stops).take(page.entry, axis=1)


def columns(page: Page, found: Found, lists: Ints) -> Iterator[tuple[str, npt.NDArray[np.generic]]]:
    """What the features are made of, one value a word, under the names in FEATURES; `lists` as of `Lexicon.bits_of`."""
    yield from zip(("end2", "end3", "end4", "start2", "start3"), _pieces(page), strict=True)
    case = _join(page.case, page.shout, page.gap == SENTENCE)
    few, parts = np.minimum(found.parts, 3).T, np.minimum(found.parts, 4).T
    yield from (
        ("word", page.hashes),
        ("case", case),
        ("form", _join(case, np.minimum(page.ends - page.starts, 4))),
        ("gap", page.gap),
    )
    yield from (("level", found.levels), ("usual", _join(found.levels, *few)), ("given", parts[0]), ("family", parts[1]))
    yield from (("kind", lists & SEEN), ("known", found.covering), ("elsewhere", _elsewhere(page)))


def _join(*values: npt.NDArray[np.generic]) -> Hashes:
    """One value for several."""
    joined = values[0].astype(np.uint64)
    for value in values[1:]:
        joined *= _STEP
        joined += value.astype(np.uint64)
    return joined


class _Plan(NamedTuple):
    """FEATURES as places in the table of columns, those of most parts first."""

    columns: dict[str, int]
    order: Ints  # the place of each feature in FEATURES
    parts: list[tuple[Ints, Ints]]  # for each part, of the features that have it, the column and the distance, from -REACH on
    salts: Hashes  # a row a feature


@cache
def _plan() -> _Plan:
    split = [[(part.rstrip("+-"), part.count("+") - part.count("-")) for part in feature.split()] for feature in FEATURES]
    columns = {name: place for place, name in enumerate(sorted({name for parts in split for name, _ in parts}))}
    order = sorted(range(len(split)), key=lambda place: -len(split[place]))
    parts = []
    for depth in range(len(split[order[0]])):
        having = [split[place][depth] for place in order if len(split[place]) > depth]
        parts.append((np.array([columns[name] for name, _ in having]), np.array([away + REACH for _, away in having])))
    salts = (np.array(order, dtype=np.uint64) + np.uint64(1)) * _SALT
    return _Plan(columns, np.array(order), parts, salts[:, None])


def buckets(page: Page, found: Found, lists: Ints) -> npt.NDArray[np.int32]:
    """The buckets of every word's features, one row a feature; `lists` as of `Lexicon.bits_of`."""
    hashed = np.empty((len(FEATURES), len(page.starts)), dtype=np.int32)
    hashed[_plan().order] = np.concatenate(list(blocks(page, found, lists)), axis=1)[:, spread(page)]
    return hashed


def spread(page: Page) -> Ints:
    """The places of words in a row in which pages stand as far apart as a feature looks."""
    places: Ints = np.arange(len(page.starts)) + REACH * page.pages
    return places


def blocks(page: Page, found: Found, lists: Ints) -> Iterator[Ints]:
    """The same in that row (between pages something that nobody needs), BLOCK words after the other; features in some order."""
    plan, place = _plan(), spread(page)
    width = int(place[-1]) + 1 if len(place) else 1
    table = np.full((len(plan.columns), width + 2 * REACH), _BEYOND)
    row: slice | Ints = slice(REACH, -REACH) if width == len(place) else place + REACH
    for name, column in columns(page, found, lists):
        table[plan.columns[name], row] = column
    table *= _SPREAD
    windows = np.lib.stride_tricks.as_strided(
        table, (len(table), 2 * REACH + 1, width), (*table.strides, table.itemsize), writeable=False
    )
    for start in range(0, width, BLOCK):
        yield _hashed(plan, windows[:, :, start : start + BLOCK]).view(np.int64)


def _hashed(plan: _Plan, windows: Hashes) -> Hashes:
    """The buckets of some words, given the columns as each distance shows them: columns x distances x words."""
    columns, away = plan.parts[0]
    values = windows[columns, away]
    for columns, away in plan.parts[1:]:
        joined = values[: len(columns)]
        joined *= _STEP
        joined += windows[columns, away]
    values += plan.salts
    values >>= np.uint64(64 - BITS)
    return values
