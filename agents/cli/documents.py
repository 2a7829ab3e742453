"""Raw events from JSON: lines that are sent as they are, and what other tools write, brought into our fields."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from agents.cli.pages import Item, checked
from pipeline.errors import Reason
from pipeline.mapping import PRESETS, FieldMapping, written_by

if TYPE_CHECKING:
    from agents.settings import Settings

_BETWEEN = " \t\r\n,[]"  # of a list's members, of documents one after the other, of both (as newspaper writes several)

_TOOLS = {tool: FieldMapping.parse(tool) for tool in PRESETS}


def of_lines(path: Path, lines: Iterable[bytes], settings: "Settings", done: int = 0) -> Iterator[Item]:
    """Read a document a line; the first `done` are passed over."""
    mapping, count = settings.mapping, 0
    for number, line in enumerate(lines, 1):
        if line.strip():
            count += 1
            if count > done:
                yield _item(f"{path}:{number}", line, settings, mapping)


def of_json(path: Path, data: bytes, settings: "Settings", done: int = 0) -> Iterator[Item]:
    """Read a document, a list of documents, or several one after the other; what is no JSON ends them with a refusal."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        yield Item(str(path), None, b"", (Reason.NOT_UTF8, f"byte {error.start:,} is not UTF-8; write the file as UTF-8"))
        return
    mapping, decode = settings.mapping, json.JSONDecoder().raw_decode
    at, count = _next(text, 0), 0
    while at < len(text):
        count += 1
        where = f"{path}#{count}"
        try:
            _, end = decode(text, at)
        except (ValueError, RecursionError) as error:
            line = getattr(error, "lineno", "?")
            yield Item(where, None, b"", (Reason.NOT_JSON, f"line {line} is not JSON; what follows in this file was not read"))
            return
        if count > done:
            yield _item(where, text[at:end].encode("utf-8", "surrogatepass"), settings, mapping)
        at = _next(text, end)


def _next(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BETWEEN:
        at += 1
    return at


def _item(where: str, line: bytes, settings: "Settings", mapping: FieldMapping) -> Item:
    """A raw event under the URL of its page: the line as it stands, or, from other JSON, the event in our fields, checked."""
    try:
        document = orjson.loads(line.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        return Item(where, None, line)
    if not isinstance(document, dict):
        return Item(where, None, line)
    if "specversion" in document:  # a CloudEvent, which is the worker's to unpack
        data = document.get("data")
        return Item(where, _key(mapping(data)) if isinstance(data, dict) else None, line)
    event = mapping(document)
    if event is document and (tool := written_by(document)):
        event = _TOOLS[tool](document)
    if event is document:
        return Item(where, _key(document), line)
    return checked(where, _key(event), orjson.dumps(event), settings)


def _key(event: object) -> bytes | None:
    url = event.get("url") if isinstance(event, dict) else None
    return url.encode("utf-8", "replace") if isinstance(url, str) else None
