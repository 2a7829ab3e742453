"""Names that are known beforehand: a sorted table of phrase hashes, looked up for a whole page at once.

A table and not an automaton: 180,000 names are ready in a tenth of a second and 12 MB, where building an Aho-Corasick automaton of
them takes 1.3 s and 60 MB, and the cost of a page does not grow with the number of names. Every name that stands in the
page is found, overlapping ones too: which to keep is decided later, with what else is known.
"""

from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.entities import artefacts
from pipeline.entities.candidates import TYPES
from pipeline.entities.spans import Flags, Ints, distinct
from pipeline.entities.tokens import JOINED, Page, extend, hash_phrase, look_up
from pipeline.events import EntityType
from pipeline.texts import Hashes

VERSION = 1
MOST = 30  # bearers of a name that are looked at, the best known
LABEL, ACRONYM, FRENCH, ENGLISH = 1, 2, 4, 8  # marks of a name
NAMED, BEGUN = np.uint8(1), np.uint8(2)  # a node is a name, a longer name begins with it
_MARKS = {"fr": FRENCH, "en": ENGLISH}


class Name(NamedTuple):
    """A name of an item, as its folded words."""

    words: tuple[str, ...]
    language: str  # "*": no particular one
    label: bool
    acronym: bool

    @property
    def marks(self) -> int:
        """What is known of the name, as bits."""
        return LABEL * self.label | ACRONYM * self.acronym | _MARKS.get(self.language, 0)


class Item(NamedTuple):
    """Someone or something that has names; `qid` 0 is none, `prior` 0..255 says how likely it is to be meant."""

    qid: int
    type: EntityType
    country: str
    kind: str
    prior: int
    french: str
    english: str
    names: tuple[Name, ...] = ()


class Artefact(artefacts.Artefact, frozen=True, kw_only=True):
    """The file: little-endian arrays as bytes, before compression."""

    nodes: bytes  # uint64, sorted: hashes of names and of their beginnings
    more: bytes  # uint8 a node: does a longer name begin with it
    counts: bytes  # uint8 a node: how many entries it has
    owners: bytes  # uint32 an entry: the item
    marks: bytes  # uint8 an entry
    qids: bytes  # uint32 an item
    types: bytes  # uint8 an item
    countries: bytes  # two letters an item
    kinds: bytes  # uint8 an item, into `kind_names`
    kind_names: tuple[str, ...]
    priors: bytes  # uint8 an item
    labels: bytes  # utf-8, one line an item; a tab before the English label where it differs
    common: bytes  # uint64, sorted: hashes of words that are written small
    levels: bytes  # uint8 a common word: 1 rare to 3 frequent
    parts: bytes  # uint64, sorted: hashes of words that several names share
    part_levels: bytes  # four uint8 a part: log2 of how many persons' names begin, end with it, of ORG and of LOC that hold it


class Match(NamedTuple):
    """A known name in a page, from word `first` up to and including `last`; `node` is its place in the table."""

    first: int
    last: int
    node: int


class Matches(NamedTuple):
    """The known names of a page, as columns."""

    first: Ints
    last: Ints
    node: Ints

    def where(self, chosen: Flags | Ints) -> "Matches":
        """Those that are chosen, or in an order that is given."""
        return Matches(*(column[chosen] for column in self))

    def rows(self) -> list[Match]:
        """One by one, by first word and then by length."""
        return sorted(map(Match, *(column.tolist() for column in self)))


class Bearer(NamedTuple):
    """An item that bears a name: its number, itself, and the marks of the name."""

    number: int
    item: Item
    marks: int


class Bearers(NamedTuple):
    """The items that bear some names, as columns: which of the names (its place), the item's number, the marks of the name."""

    name: Ints
    item: Ints
    marks: npt.NDArray[np.uint8]


class Found(NamedTuple):
    """What the gazetteer knows of a page: its names, and of each of its words how common it is and what names it is part of."""

    matches: Matches  # by length and then by first word
    summary: npt.NDArray[np.uint8]  # a match, as bits: 0-2 the types of its items (of TYPES), 3-4 how well known, 5 if an acronym
    # A word: of the longest known name that covers it 1 + `summary`, where in it the word stands (bit 6: not first, 7: not last)
    # and from bit 8 on how many words it has, up to four; 0 where none does.
    covering: Ints
    levels: npt.NDArray[np.int8]  # in small letters, 0 not at all to 3
    # log2 of the number of persons' names that the word begins (column 0) and ends (1), of organisations' (2) and of places' (3)
    # that hold it; 0 for less than two.
    parts: npt.NDArray[np.int8]


class Gazetteer:
    """The names, ready to be looked up."""

    def __init__(self, artefact: Artefact) -> None:
        self._nodes: Hashes = np.frombuffer(artefact.nodes, dtype="<u8")
        self._counts = np.frombuffer(artefact.counts, dtype=np.uint8)
        self._flags = NAMED * (self._counts > 0).astype(np.uint8) + BEGUN * np.frombuffer(artefact.more, dtype=np.uint8)
        self._offsets = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(self._counts, dtype=np.int64)))
        self._owners = np.frombuffer(artefact.owners, dtype="<u4")
        self._marks = np.frombuffer(artefact.marks, dtype=np.uint8)
        self._qids = np.frombuffer(artefact.qids, dtype="<u4")
        # Of each item: type as a place in TYPES, country as one in country_codes (0: none), kind as one in kind_names, prior.
        self.types = np.frombuffer(artefact.types, dtype=np.uint8)
        self.country_codes, self.countries = _numbered(artefact.countries)
        self.kinds, self.kind_names = np.frombuffer(artefact.kinds, dtype=np.uint8), artefact.kind_names
        self.priors = np.frombuffer(artefact.priors, dtype=np.uint8)
        self._labels = artefact.labels
        self._item = lru_cache(maxsize=8192)(self._read_item)
        self._of_kind = lru_cache(maxsize=None)(self._find_kinds)
        self._common: Hashes = np.frombuffer(artefact.common, dtype="<u8")
        self._levels = np.frombuffer(artefact.levels, dtype=np.int8)
        self._parts: Hashes = np.frombuffer(artefact.parts, dtype="<u8")
        self._part_levels = np.frombuffer(artefact.part_levels, dtype="<u4")  # four in one

    @cached_property
    def _lines(self) -> Ints:
        """Where each label starts."""
        breaks = np.nonzero(np.frombuffer(self._labels, dtype=np.uint8) == ord("\n"))[0]
        return np.concatenate((np.zeros(1, dtype=np.int64), breaks + 1))

    @property
    def qids(self) -> list[int]:
        """Every id, once an item."""
        return [int(qid) for qid in self._qids if qid]

    @cached_property
    def _summary(self) -> npt.NDArray[np.uint8]:
        """For each node: bits 0-2 the types of its items, bits 3-4 how well known the best is, bit 5 whether it is an acronym."""
        owners = self._owners.astype(np.int64)
        node = np.repeat(np.arange(len(self._nodes)), self._counts)
        prior = np.zeros(len(self._nodes), dtype=np.int64)
        np.maximum.at(prior, node, self.priors[owners].astype(np.int64))
        summary: npt.NDArray[np.uint8] = np.digitize(prior, (100, 150, 200)).astype(np.uint8) << np.uint8(3)
        np.bitwise_or.at(summary, node, np.uint8(1) << self.types[owners])
        np.bitwise_or.at(summary, node, ((self._marks & ACRONYM) > 0).astype(np.uint8) << 5)
        return summary

    def item(self, index: int) -> Item:
        """An item, without its names."""
        return self._item(index)

    def of_kind(self, *kinds: str) -> Flags:
        """Which numbers of `kinds` stand for one of some kinds."""
        return self._of_kind(kinds)

    def bearers(self, nodes: Ints) -> Bearers:
        """The best known items that bear each of some names, the best known first."""
        counts = np.minimum(self._counts[nodes], MOST).astype(np.int64)
        name = np.repeat(np.arange(len(nodes)), counts)
        entry = np.arange(len(name)) + (self._offsets[nodes] - np.cumsum(counts) + counts)[name]
        return Bearers(name, self._owners[entry].astype(np.int64), self._marks[entry])

    def _read_item(self, index: int) -> Item:
        line = self._labels[self._lines[index] : self._lines[index + 1] - 1].decode("utf-8")
        french, _, english = line.partition("\t")
        return Item(
            qid=int(self._qids[index]),
            type=TYPES[self.types[index]],
            country=self.country_codes[self.countries[index]],
            kind=self.kind_names[self.kinds[index]],
            prior=int(self.priors[index]),
            french=french,
            english=english or french,
        )

    def _find_kinds(self, kinds: tuple[str, ...]) -> Flags:
        return np.array([kind in kinds for kind in self.kind_names], dtype=np.bool_)

    def find(self, name: Sequence[str]) -> tuple[Bearer, ...]:
        """The items that bear a name, given by its folded words."""
        node, known = look_up(self._nodes, np.array([hash_phrase(name)], dtype=np.uint64))
        _, items, marks = self.bearers(node[known])
        return tuple(Bearer(item, self.item(item), mark) for item, mark in zip(items.tolist(), marks.tolist(), strict=True))

    def look_up(self, page: Page) -> Found:
        """Everything that is known of the names and words of a page."""
        matches = self.matches(page)
        summary = self._summary[matches.node]
        place, known = look_up(self._common, page.vocabulary)
        levels = (self._levels[place] * known)[page.entry]
        place, known = look_up(self._parts, page.vocabulary)
        parts = (self._part_levels[place] * known)[page.entry].view(np.int8).reshape(-1, 4)
        return Found(matches, summary, _covering(matches, summary, len(page.starts)), levels, parts)

    def matches(self, page: Page) -> Matches:
        """Every known name of the page, by its length and then by its first word."""
        return matches(page, page.hashes, self._nodes, self._flags)


def _numbered(countries: bytes) -> tuple[list[str], npt.NDArray[np.uint16]]:
    """The different codes of two letters, none ("") first, and the place of each code among them."""
    codes, places = np.unique(np.frombuffer(b"  " + countries, dtype="<u2"), return_inverse=True)
    return [code.tobytes().decode("ascii").strip() for code in codes], places[1:].astype(np.uint16)


def _covering(matches: Matches, summary: npt.NDArray[np.uint8], count: int) -> Ints:
    """`Found.covering` of `count` words, for matches in the order of their length: the last assignment stands."""
    first = matches.first
    length = matches.last - first + 1
    each = np.repeat(np.arange(len(length)), length)
    offset = np.arange(len(each)) - (np.cumsum(length) - length)[each]
    length = length[each]
    position = (offset > 0) + 2 * (offset + 1 < length)
    covering = np.zeros(count, dtype=np.int64)
    covering[first[each] + offset] = 1 + summary[each].astype(np.int64) + 64 * position + 256 * np.minimum(length, 4)
    return covering


def table(names: Hashes, begun: Hashes) -> tuple[Hashes, npt.NDArray[np.uint8], Ints]:
    """For `matches`: the sorted hashes of names and of their beginnings, their flags, and the place of each in the two joined.

    Among equals the place is the first's: a name's and not a beginning's.
    """
    joined = np.concatenate((names, begun))
    order, place = distinct(joined)
    flags = np.zeros(len(order), dtype=np.uint8)
    flags[place[: len(names)]] = NAMED
    flags[place[len(names) :]] |= BEGUN
    return joined[order], flags, order


def matches(page: Page, words: Hashes, nodes: Hashes, flags: npt.NDArray[np.uint8], *, near: Flags | None = None) -> Matches:
    """Every phrase of the page that a table of hashes holds as a name, by its length and then by its first word.

    `words` are the page's hashes, or its own. `nodes` are sorted and hold the beginnings of names, too; `flags` say which are NAMED
    and which are BEGUN. No name runs over
    more than a space, a hyphen and the like, or over what `near` allows before a word.
    """
    joined = np.zeros(len(words) + 1, dtype=np.bool_)
    joined[:-1] = (page.gap == JOINED) if near is None else near
    joined[:-1] &= ~page.blocked
    node, known = look_up(nodes, words[page.examples])
    marks = (flags[node] * known)[page.entry]
    marks[page.blocked] = 0
    first = last = np.flatnonzero(marks)
    node, marks, phrase, found = node[page.entry[first]], marks[first], words[first], []
    while True:
        named = np.flatnonzero(marks & NAMED)
        found.append((first[named], last[named], node[named]))
        longer = np.flatnonzero((marks >= BEGUN) & joined[last + 1])
        if not len(longer):
            return Matches(*map(np.concatenate, zip(*found, strict=True)))
        first, last = first[longer], last[longer] + 1
        phrase = extend(phrase[longer], words[last])
        node, known = look_up(nodes, phrase)
        marks = flags[node] * known


_FILE = artefacts.Shipped("gazetteer.bin", Artefact, "tools/build_gazetteer.py")


def unpack(packed: bytes) -> Gazetteer:
    """Read what `packing.pack` wrote; InvalidModel if it is damaged or of another version."""
    return Gazetteer(_FILE.unpack(packed, VERSION))


def load() -> Gazetteer:
    """The gazetteer that is shipped."""
    return unpack(_FILE.read())
