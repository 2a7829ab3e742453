"""Raw events from web archives (WARC, ISO 28500), as crawlers from Heritrix to Scrapy's and Common Crawl's write them."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from fastwarc.warc import ArchiveIterator, WarcRecordType

from agents.cli.pages import Item, checked, page_record
from pipeline.fields import CONTENT_TYPES

if TYPE_CHECKING:
    from agents.settings import Settings

_FOUND = 200


class Unread(StrEnum):
    """Why a record of an archive cannot be published, beside the reasons of an event."""

    NOT_WARC = "not_warc"
    CUT_SHORT = "cut_short"
    NOT_UNPACKED = "not_unpacked"


def items(path: Path, source: BinaryIO, settings: "Settings", done: int = 0) -> Iterator[Item]:
    """Read the responses of an archive, plain or packed; the first `done` are passed over.

    A page is one with status 200 that is HTML or plain text; other responses are left out. A response that is cut short or
    cannot be unpacked is refused; so is the rest of a file that is no WARC from some place on.
    """
    responses = iter(ArchiveIterator(source, record_types=WarcRecordType.response, parse_http=True, auto_decode="all"))
    count = 0
    while True:
        count += 1
        try:
            record = next(responses, None)
        except (OSError, ValueError) as error:
            yield Item(f"{path}#{count}", None, b"", (Unread.NOT_WARC, f"no WARC from here on ({error}); the rest was not read"))
            return
        if record is None:
            return
        if count > done:
            yield _item(f"{path}#{count}", record, settings)


def _item(where: str, record: Any, settings: "Settings") -> Item:
    status = record.http_headers.status_code if record.http_headers else None
    if status is None:
        return Item(where, None, b"", (Unread.CUT_SHORT, "the record holds no HTTP response; it may be cut short"))
    if status != _FOUND:
        return Item(where, None, b"", skipped=f"status {status}")
    kind = CONTENT_TYPES.get((record.http_content_type or "").lower())
    if kind is None:
        return Item(where, None, b"", skipped="no page")
    return _page(where, record, kind, settings)


def _page(where: str, record: Any, kind: str, settings: "Settings") -> Item:
    try:
        body = record.reader.read()
    except (OSError, ValueError) as error:
        return Item(where, None, b"", (Unread.NOT_UNPACKED, f"its body cannot be unpacked ({error})"))
    packed = "content-encoding" in record.http_headers or "transfer-encoding" in record.http_headers
    if not packed and len(body) < record.content_length:
        message = f"cut short: {len(body):,} of {record.content_length:,} bytes are there"
        return Item(where, None, b"", (Unread.CUT_SHORT, message))
    url = record.headers.get("WARC-Target-URI", "").strip("<>")
    fetched = {"fetched_at": record.record_date.isoformat()} if record.record_date else {}
    key, value = page_record(body, kind, url, charset=record.http_charset, **fetched)
    return checked(where, key, value, settings)
