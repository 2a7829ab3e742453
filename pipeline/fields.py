"""A JSON object to a RawArticle, or the one reason why not: missing_field, wrong_type, bad_url, bad_timestamp,
unsupported_content_type.

A tolerant reader: unknown fields are ignored at every level, and null stands for an optional field that is not there.
A required field that is null is a wrong_type; `content` without a single visible character is a missing_field, because a page
without text has nothing to tell. Messages name fields, types and sizes, never values.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar, cast

from pipeline import timestamps
from pipeline.errors import InvalidEvent, Reason
from pipeline.events import ContentType, Crawler, Publisher, RawArticle
from pipeline.jsontext import type_name
from pipeline.urls import check_url

_REQUIRED = ("url", "content")
_OPTIONAL = ("content_type", "headline", "published_at", "fetched_at", "author", "language_hint")
CONTENT_TYPES: Mapping[str, ContentType] = {
    "text/plain": "text/plain",
    "text/html": "text/html",
    "application/xhtml+xml": "text/html",
}

Fields = Mapping[str, object]
_Part = TypeVar("_Part", Publisher, Crawler)


def read_article(fields: Fields, received: datetime | None = None) -> RawArticle:
    """The article in a JSON object; `received` serves as `fetched_at` where the object has none."""
    for name in _REQUIRED:
        if name not in fields:
            raise InvalidEvent(Reason.MISSING_FIELD, f"`{name}` is missing; a raw article needs `url` and `content`")
    content = fields["content"]
    if isinstance(content, str) and (not content or content.isspace()):
        raise InvalidEvent(Reason.MISSING_FIELD, "`content` holds no text; publish the page's text or HTML in it")
    texts = {name: _text(fields, name, required=True) for name in _REQUIRED}
    optional = {name: _text(fields, name) for name in _OPTIONAL}
    publisher = _part(fields, "publisher", Publisher)
    crawler = _part(fields, "crawler", Crawler)
    if (problem := check_url(cast("str", texts["url"]))) is not None:
        raise InvalidEvent(Reason.BAD_URL, f"`url` {problem}; give the page's absolute http or https address")
    published_at = _time(optional, "published_at")
    fetched_at = _time(optional, "fetched_at")
    return RawArticle(
        url=cast("str", texts["url"]),
        content=cast("str", texts["content"]),
        content_type=_content_type(optional["content_type"]),
        headline=optional["headline"],
        published_at=published_at,
        fetched_at=fetched_at or received,
        publisher=publisher,
        author=optional["author"],
        language_hint=optional["language_hint"],
        crawler=crawler,
    )


def _text(fields: Fields, name: str, *, within: str = "", required: bool = False) -> str | None:
    value = fields.get(name)
    if isinstance(value, str) or (value is None and not required):
        return value
    message = f"`{within}{name}` is {type_name(value)}; it must be a string{'' if required else ' or null'}"
    raise InvalidEvent(Reason.WRONG_TYPE, message)


def _part(fields: Fields, name: str, part: type[_Part]) -> _Part | None:
    value = fields.get(name)
    if value is None:
        return None
    if not isinstance(value, dict):
        raise InvalidEvent(Reason.WRONG_TYPE, f"`{name}` is {type_name(value)}; it must be an object or null")
    return part(**{field: _text(value, field, within=f"{name}.") for field in part.__struct_fields__})


def _time(texts: Mapping[str, str | None], name: str) -> datetime | None:
    value = texts[name]
    if value is None:
        return None
    try:
        return timestamps.parse(value)
    except ValueError:
        message = f"`{name}` is not an RFC 3339 timestamp; write it like 2024-05-31T18:30:00Z, or leave it out"
        raise InvalidEvent(Reason.BAD_TIMESTAMP, message) from None


def _content_type(value: str | None) -> ContentType:
    """The media type in lower case, without its parameters."""
    if value is None:
        return "text/plain"
    found = CONTENT_TYPES.get(value.partition(";")[0].strip().lower())
    if found is None:
        message = "`content_type` is not supported; use text/plain, text/html or application/xhtml+xml"
        raise InvalidEvent(Reason.UNSUPPORTED_CONTENT_TYPE, message)
    return found
