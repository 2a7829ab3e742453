"""The names that a user watches: own ids and aliases, one sorted table of hashes, shared by every process that maps it.

Tables and not objects, as the gazetteer is: a million names take some 40 bytes each and their letters, no time to open, and cost
a page no more than a thousand do.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple, Self

import msgspec
import numpy as np
import numpy.typing as npt

from pipeline.entities.candidates import FIRST_WATCHED, TYPES, WATCH_LIST, Candidates, candidates, nothing
from pipeline.entities.context import Context
from pipeline.entities.gazetteer import Matches, matches, table
from pipeline.entities.spans import Flags, Ints
from pipeline.entities.tokens import Page, phrases, read
from pipeline.errors import InvalidWatchList
from pipeline.events import EntityType
from pipeline.texts import Hashes

VERSION = 1
MOST_BETWEEN = 2  # code points that may stand between two words of a name, whatever they are
_FORM = 'write a line such as {"id": "own-1", "type": "ORG", "name": "...", "aliases": ["..."]}; type is PER, ORG or LOC'
_AT_ONCE = 20_000  # entries that are hashed together
Data = npt.NDArray[np.uint8]


class Watched(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line of the file: whom or what to find, under which names, and the id that its mentions get."""

    id: str
    type: EntityType
    name: str
    aliases: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every name, as pages are read."""
        return tuple(unicodedata.normalize("NFC", name) for name in (self.name, *self.aliases))


class WatchList:
    """Names ready to be looked up, over the bytes that `from_lines` made; they are read where they lie, and not copied."""

    def __init__(self, data: Data) -> None:
        self.data = data
        version, nodes, entries = (int(number) for number in data[:24].view("<u8"))
        if version != VERSION:
            message = f"the watch list was packed by another version of vigie ({version}, wanted {VERSION}); read it again"
            raise InvalidWatchList(message)
        sizes = ((nodes, "<u8"), (2 * entries + 1, "<u8"), (nodes, "<u4"), (nodes, "u1"), (entries, "u1"))
        arrays, start = [], 24
        for count, kind in sizes:
            end = start + count * np.dtype(kind).itemsize
            arrays.append(data[start:end].view(kind))
            start = end
        self._nodes, self._bounds, self._owners, self._flags, self._types = arrays
        self._texts = data[start:]

    @classmethod
    def from_lines(cls, lines: Iterable[bytes]) -> Self:
        """A watch list from JSON Lines, one Watched each; InvalidWatchList names the line and what to mend.

        Where several entries bear a name, the first one has it.
        """
        return cls(_pack(_parsed(lines)))

    def __len__(self) -> int:
        return len(self._types)

    def item(self, number: int) -> tuple[str, str]:
        """Id and name of an entry."""
        start, middle, end = self._bounds[2 * number : 2 * number + 3].tolist()
        return self._texts[start:middle].tobytes().decode(), self._texts[middle:end].tobytes().decode()

    def find(self, context: Context) -> Candidates:
        """Candidates for every mention, in whatever case; what running text writes small needs a capital to be one."""
        if not len(self._nodes):
            return nothing()
        first, last, node = self._matches(context.page)
        meant = np.flatnonzero((first < last) | ~(context.small & context.common)[first])
        first, last, owner = first[meant], last[meant], self._owners[node[meant]].astype(np.int64)
        kind = self._types[owner].astype(np.int64)
        return candidates(first, last, kind, 1.0, WATCH_LIST, item=owner + FIRST_WATCHED)

    def _matches(self, page: Page) -> Matches:
        near = np.zeros(len(page.starts), dtype=np.bool_)
        near[1:] = page.starts[1:] - page.ends[:-1] <= MOST_BETWEEN
        found = matches(page, page.hashes, self._nodes, self._flags, near=near)
        spans = zip(page.starts[found.first].tolist(), page.ends[found.last].tolist(), strict=True)
        return found.where(np.array(["\n" not in page.text[start:end] for start, end in spans], dtype=np.bool_))


def _parsed(lines: Iterable[bytes]) -> Iterator[tuple[int, Watched]]:
    """The entries with their lines' numbers."""
    decoder = msgspec.json.Decoder(Watched)
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            entry = decoder.decode(line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise InvalidWatchList(f"line {number:,}: {error}; {_FORM}") from None
        if not entry.id.strip():
            raise InvalidWatchList(f"line {number:,}: `id` is empty; give every entry an id of your own")
        yield number, entry


class _Names(NamedTuple):
    """The names of some entries."""

    hashes: Hashes
    owners: Ints
    begun: Hashes  # their beginnings


def _pack(entries: Iterator[tuple[int, Watched]]) -> Data:
    """The bytes of a list: version and counts, then the arrays from the widest to the narrowest, then ids and names."""
    parts: list[_Names] = []
    texts: list[bytes] = []
    kinds = bytearray()
    while some := list(islice(entries, _AT_ONCE)):
        parts.append(_hashed(some, len(kinds)))
        kinds += bytes(TYPES.index(entry.type) for _, entry in some)
        texts += [text.encode() for _, entry in some for text in (entry.id, entry.name)]
    nodes, owners, flags = _table(parts)
    head = np.array([VERSION, len(nodes), len(kinds)], dtype="<u8")
    bounds = np.concatenate(([0], np.cumsum([len(text) for text in texts], dtype=np.int64))).astype("<u8")
    packed = b"".join((head.tobytes(), nodes.tobytes(), bounds.tobytes(), owners.tobytes(), flags.tobytes(), kinds, *texts))
    return np.frombuffer(packed, dtype=np.uint8)


def _hashed(entries: Sequence[tuple[int, Watched]], before: int) -> _Names:
    """The names of entries, of which there are `before` earlier ones."""
    named = [(place, number, name) for place, (number, entry) in enumerate(entries) for name in entry.names]
    page = read([name for _, _, name in named])
    bounds = np.searchsorted(page.starts, [*page.fields, len(page.text)])
    first, last = bounds[:-1], bounds[1:] - 1
    if (wordless := np.flatnonzero(last < first)).size:
        _, number, name = named[wordless[0]]
        raise InvalidWatchList(f"line {number:,}: the name {name!r} holds no letter and no digit; nothing could be found by it")
    hashes, begun = phrases(page, first, last)
    owners = np.array([place for place, _, _ in named], dtype=np.int64) + before
    return _Names(hashes, owners, np.concatenate((hashes[:0], *begun)))


def _table(parts: Sequence[_Names]) -> tuple[Hashes, npt.NDArray[np.uint32], Data]:
    """The sorted hashes of all names and beginnings, whose each is, and which it is of NAMED and BEGUN."""
    hashes = np.concatenate([np.empty(0, dtype=np.uint64), *(part.hashes for part in parts)])
    owners = np.concatenate([np.empty(0, dtype=np.int64), *(part.owners for part in parts)])
    begun = np.unique(np.concatenate([hashes[:0], *(part.begun for part in parts)]))
    nodes, flags, order = table(hashes, begun)
    named: Flags = order < len(hashes)
    own = np.zeros(len(order), dtype="<u4")
    own[named] = owners[order[named]]
    return nodes, own, flags
