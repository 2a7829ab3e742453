"""Pages from files: .txt, .html and .jsonl (RawArticle), for the commands that publish them or enrich them here."""

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import orjson
import typer

from agents.cli.context import fail

if TYPE_CHECKING:
    from pipeline.enrich import Pipeline
    from pipeline.events import Enriched
    from pipeline.limits import Limits

_TYPES = {".txt": "text/plain", ".html": "text/html", ".htm": "text/html", ".xhtml": "text/html"}
_LINES = {".jsonl", ".ndjson"}
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)
_HEAD_BYTES = 4096
Record = tuple[str, bytes | None, bytes]


def records(files: Iterable[Path], longest: int, url: str | None = None, headline: str | None = None) -> Iterator[Record]:
    """Read the raw events of files: where each stands (FILE or FILE:LINE), its key, its bytes. - is JSON Lines on standard input.

    A page of .txt or .html stands under `url`, without one under an address that says that it is a file; of a line longer than
    `longest` bytes the rest is left out. Exits 1 when a file cannot be read.
    """
    from agents.cli.lines import split_lines

    for path in files:
        try:
            if str(path) == "-":
                yield from _of_lines(path, split_lines(sys.stdin.buffer, longest))
            elif is_page(path):
                yield str(path), *page_record(path.read_bytes(), _TYPES[path.suffix.lower()], url or _address(path), headline)
            else:
                with path.open("rb") as source:
                    yield from _of_lines(path, split_lines(source, longest))
        except OSError as error:
            fail(f"{path}: {error.strerror}; name a file that can be read")


def is_page(path: Path) -> bool:
    """Whether a file is one page, else it holds one raw event a line; a usage error where its name shows neither."""
    suffix = path.suffix.lower()
    if suffix not in _TYPES and suffix not in _LINES and str(path) != "-":
        raise typer.BadParameter(f"{path}: reads .txt, .html and .jsonl files, told apart by their names", param_hint="FILE")
    return suffix in _TYPES


def page_record(data: bytes, content_type: str, url: str, headline: str | None = None) -> tuple[bytes, bytes]:
    """Make the key and the value of a raw event from the bytes of a page."""
    event = {"url": url, "content": _decoded(data), "content_type": content_type}
    return url.encode(), orjson.dumps(event | ({"headline": headline} if headline else {}))


def enriched(files: Iterable[Path], pipeline: "Pipeline", limits: "Limits", clock: Callable[[], float]) -> "Iterator[Enriched]":
    """Enrich the pages of files; each that is refused is named on standard error. Exits 1 when not one could be used."""
    from pipeline.codec import decode_raw
    from pipeline.enrich import process
    from pipeline.errors import InvalidEvent

    count = 0
    for where, _, value in records(files, 4 * limits.event_bytes):
        try:
            page = process(decode_raw(value, limits=limits), pipeline, clock)[0]
        except InvalidEvent as error:
            typer.echo(f"vigie: {where}: {error.reason}: {error.message}", err=True)
            continue
        count += 1
        yield page
    if not count:
        fail("there is no page to show; see: vigie inspect --help")


def _of_lines(path: Path, lines: Iterable[bytes]) -> Iterator[Record]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield f"{path}:{number}", _key(line), line


def _key(line: bytes) -> bytes | None:
    """Return the URL of a line (that of its data, in a CloudEvent) as its key, where it has one."""
    try:
        value = orjson.loads(line.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        return None
    if isinstance(value, dict) and isinstance(value.get("data"), dict):
        value = value["data"]
    url = value.get("url") if isinstance(value, dict) else None
    return url.encode() if isinstance(url, str) else None


def _decoded(data: bytes) -> str:
    """Decode a page by its byte order mark, as UTF-8, by the charset that its HTML names, else as Windows-1252."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    named = _CHARSET.search(data[:_HEAD_BYTES])
    for encoding in ("utf-8", named[1].decode() if named else "utf-8"):
        try:
            return data.decode(encoding)
        except (UnicodeError, LookupError):
            continue
    return data.decode("cp1252", "replace")


def _address(path: Path) -> str:
    return f"https://file.invalid/{quote(path.name, errors='replace')}"
