"""Pages from files, for the commands that publish them or enrich them here: text, HTML, JSON of several kinds, WARC."""

import gzip
import io
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast
from urllib.parse import quote

import orjson
import typer

from agents.cli.address import made_up
from agents.cli.context import fail

if TYPE_CHECKING:
    from agents.cli.lines import Source
    from agents.settings import Settings
    from pipeline.enrich import Pipeline
    from pipeline.events import Enriched

_TYPES = {".txt": "text/plain", ".html": "text/html", ".htm": "text/html", ".xhtml": "text/html"}
_LINES = {".jsonl", ".ndjson"}
_DOCUMENTS = {".json"}
_ARCHIVES = {".warc"}
_PACKED = {".gz"}  # beside any of these
READ = ".txt, .html, .jsonl, .json and .warc files, each also with .gz"
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)
_HEAD_BYTES = 4096
_WESTERN = {"iso-8859-1", "iso8859-1", "latin-1", "latin1", "ascii", "us-ascii"}  # all Windows-1252 to a browser (WHATWG Encoding)


class Item(NamedTuple):
    """A raw event of a file: where it stands, its key, its bytes; or why it was refused here (reason, message), or left out."""

    where: str
    key: bytes | None
    value: bytes
    refusal: tuple[str, str] | None = None
    skipped: str = ""


def checked(where: str, key: bytes | None, value: bytes, settings: "Settings") -> Item:
    """A raw event that was made here, refused where a worker could not use it."""
    from pipeline.codec import decode_raw
    from pipeline.errors import InvalidEvent

    try:
        decode_raw(value, limits=settings.limits)
    except InvalidEvent as error:
        return Item(where, key, b"", (error.reason, error.message))
    return Item(where, key, value)


@dataclass(frozen=True)
class Reading:
    """How files are read: `url` and `headline` of a page (without a URL: one that says that it is a file; for a file in `places`,
    this is where it stands below it); of a line longer than `longest` bytes the rest is left out; of a file in `done` so many
    events are passed over.
    """

    settings: "Settings"
    longest: int
    url: str | None = None
    headline: str | None = None
    done: Mapping[Path, int] = field(default_factory=dict)
    places: Mapping[Path, str] = field(default_factory=dict)

    def address(self, path: Path) -> str:
        """URL of a page that a file holds."""
        if self.url is None:
            return made_up(self.places.get(path, path.name))
        return f"{self.url.rstrip('/')}/{quote(self.places[path], errors='replace')}" if path in self.places else self.url


def records(files: Iterable[Path], reading: Reading, progress: Callable[[int], object] = bool) -> Iterator[tuple[Path, Item]]:
    """Read the raw events of files, each with its file; - is JSON Lines on standard input.

    `progress` is told the bytes that were read. Exits 1 when a file cannot be read.
    """
    from agents.cli import documents
    from agents.cli.lines import split_lines

    for path in files:
        try:
            if str(path) == "-":
                items = documents.of_lines(path, split_lines(cast("Source", sys.stdin.buffer), reading.longest), reading.settings)
                yield from ((path, item) for item in items)
                continue
            with path.open("rb", buffering=0) as raw:
                for item in _of_file(path, io.BufferedReader(_Counted(raw, progress)), reading):
                    yield path, item
        except (OSError, EOFError) as error:
            fail(f"{path}: {getattr(error, 'strerror', None) or error}; name a file that can be read")


class _Counted(io.RawIOBase):
    """A file that tells how many bytes were read of it."""

    def __init__(self, raw: io.FileIO, progress: Callable[[int], object]) -> None:
        self._raw, self._progress = raw, progress

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._raw.seekable()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._raw.seek(offset, whence)

    def tell(self) -> int:
        return self._raw.tell()

    def readinto(self, buffer: "bytearray | memoryview") -> int | None:  # type: ignore[override]  # a narrower buffer than any
        count = self._raw.readinto(buffer)
        self._progress(count or 0)
        return count


def _of_file(path: Path, source: io.BufferedReader, reading: Reading) -> Iterator[Item]:
    from agents.cli import documents, warc
    from agents.cli.lines import split_lines

    settings, done = reading.settings, reading.done.get(path, 0)
    kind, packed = _kind(path)
    if kind in _ARCHIVES:
        yield from warc.items(path, source, settings, done)
        return
    unpacked = io.BufferedReader(gzip.GzipFile(fileobj=source)) if packed else source
    if kind in _TYPES:
        if not done:
            made = page_record(unpacked.read(), _TYPES[kind], reading.address(path), reading.headline)
            yield checked(str(path), *made, settings)
    elif kind in _DOCUMENTS:
        yield from documents.of_json(path, unpacked.read(), settings, done)
    else:
        yield from documents.of_lines(path, split_lines(unpacked, reading.longest), settings, done)


def _kind(path: Path) -> tuple[str, bool]:
    """What a file's name says that it holds, and whether it is packed by gzip."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    packed = bool(suffixes) and suffixes[-1] in _PACKED
    kind = "".join(suffixes[:-1][-1:]) if packed else "".join(suffixes[-1:])
    return kind, packed


def is_page(path: Path) -> bool:
    """Whether a file is one page, else it holds events; a usage error where its name shows neither."""
    if not is_read(path) and str(path) != "-":
        raise typer.BadParameter(f"{path}: reads {READ}, told apart by their names, and folders of them", param_hint="FILE")
    return _kind(path)[0] in _TYPES


def is_read(path: Path) -> bool:
    """Whether a file's name shows that it is one of those that are read."""
    return _kind(path)[0] in _TYPES.keys() | _LINES | _DOCUMENTS | _ARCHIVES


def page_record(
    data: bytes, content_type: str, url: str, headline: str | None = None, *, charset: str | None = None, **fields: object
) -> tuple[bytes, bytes]:
    """Make the key and the value of a raw event from the bytes of a page. `charset`: what its sender said."""
    event = {"url": url, "content": _decoded(data, charset), "content_type": content_type, **fields}
    return url.encode("utf-8", "replace"), orjson.dumps(event | ({"headline": headline} if headline else {}))


def enriched(files: Iterable[Path], pipeline: "Pipeline", settings: "Settings") -> "Iterator[Enriched]":
    """Enrich the pages of files and folders; each that is refused is named on standard error. Exits 1 when none could be used."""
    from agents.cli.folders import opened
    from pipeline.codec import decode_raw
    from pipeline.enrich import process
    from pipeline.errors import InvalidEvent, Reason, StageFailed

    files, places = opened(files)
    for path in files:
        is_page(path)
    count, mapping = 0, settings.mapping
    for _, item in records(files, Reading(settings, 4 * settings.limits.event_bytes, places=places)):
        if item.skipped:
            continue
        reason, message = item.refusal or ("", "")
        if not reason:
            try:
                page = process(decode_raw(item.value, limits=settings.limits, mapping=mapping), pipeline)[0]
            except InvalidEvent as error:
                reason, message = error.reason, error.message
            except StageFailed as error:
                reason, message = Reason.INTERNAL, error.message
        if reason:
            typer.echo(f"vigie: {item.where}: {reason}: {message}", err=True)
            continue
        count += 1
        yield page
    if not count:
        fail("there is no page to show; see: vigie inspect --help")


def _decoded(data: bytes, charset: str | None = None) -> str:
    """Decode a page by its byte order mark, the charset that came with it, as UTF-8, by what it names, else as Windows-1252."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    named = _CHARSET.search(data[:_HEAD_BYTES])
    for encoding in (charset or "utf-8", "utf-8", named[1].decode() if named else "utf-8"):
        try:
            return data.decode("cp1252" if encoding.lower() in _WESTERN else encoding)
        except (UnicodeError, LookupError):
            continue
    return data.decode("cp1252", "replace")
