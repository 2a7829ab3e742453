"""CloudEvents 1.0 over Kafka, both ways (https://github.com/cloudevents/spec, Kafka protocol binding and JSON format).

In: binary mode where a header names one of the attributes that every event has (`ce_specversion`, `ce_id`, `ce_source`,
`ce_type`); structured mode where the content-type starts with application/cloudevents or the object has a `specversion`. Batches
are refused. Out: binary mode.
"""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType

import msgspec

from pipeline import timestamps
from pipeline.errors import InvalidEvent, Reason
from pipeline.events import Alert, Article, Comment, Message
from pipeline.jsontext import load
from pipeline.limits import Limits

Headers = Mapping[str, bytes | None]
NO_HEADERS: Headers = MappingProxyType({})

# The `ce_type` of each event that is emitted.
TYPES: Mapping[type[Message], str] = MappingProxyType(
    {Article: "vigie.article.v1", Comment: "vigie.comment.v1", Alert: "vigie.alert.v1"}
)
_REQUIRED = ("specversion", "id", "source", "type")
_STRUCTURED = "application/cloudevents"
_TRACE = ("traceparent", "tracestate")
_LONGEST_TRACE = 1024  # bytes; W3C asks for 512 to be carried on


class Envelope(msgspec.Struct, frozen=True):
    """A CloudEvent around a page: its context attributes without their prefix, and its data still packed."""

    attributes: Mapping[str, object]
    data: object

    def check(self) -> None:
        """InvalidEvent (bad_cloudevent) unless the required attributes are there and the version is 1.0."""
        for name in _REQUIRED:
            value = self.attributes.get(name)
            if not isinstance(value, str) or not value:
                raise _bad(f"the attribute `{name}` is missing or no text; a CloudEvent needs specversion, id, source and type")
        if self.attributes["specversion"] != "1.0":
            raise _bad("`specversion` is not 1.0, the only version that is read; publish CloudEvents 1.0")

    def time(self) -> datetime | None:
        """The attribute `time`; InvalidEvent (bad_cloudevent) where it is no timestamp."""
        value = self.attributes.get("time")
        if value is None:
            return None
        try:
            return timestamps.parse(value if isinstance(value, str) else "")
        except ValueError:
            raise _bad("the attribute `time` is not an RFC 3339 timestamp; mend it or leave it out") from None


def unwrap(document: object, headers: Headers, limits: Limits) -> Envelope | None:
    """The envelope around a page, its data unpacked; None for a bare event."""
    if headers:
        media_type = _media_type(headers)
        if media_type.startswith(_STRUCTURED):
            return _structured(document, media_type, limits)
        attributes = _binary_attributes(headers)
        if any(name in attributes for name in _REQUIRED):
            return Envelope(attributes, document)
    if isinstance(document, dict) and "specversion" in document:
        return _structured(document, _STRUCTURED, limits)
    return None


def _structured(document: object, media_type: str, limits: Limits) -> Envelope:
    if media_type.startswith(_STRUCTURED + "-batch"):
        raise _bad("batches are not read; publish one CloudEvent a record")
    if not isinstance(document, dict):
        raise InvalidEvent(Reason.NOT_OBJECT, "a structured CloudEvent must be a JSON object; publish one event a record")
    data, packed = document.get("data"), document.get("data_base64")
    if data is None and packed is None:
        raise InvalidEvent(Reason.EMPTY, "the CloudEvent has no data; put the raw article into `data`")
    if media_type not in (_STRUCTURED, _STRUCTURED + "+json"):
        raise _bad("only the JSON format is read; publish structured events as application/cloudevents+json")
    if packed is None:
        return Envelope(document, data)
    if data is not None:
        raise _bad("`data` and `data_base64` are both given; leave one out")
    return Envelope(document, load(_from_base64(packed), limits))


def _from_base64(packed: object) -> bytes:
    try:
        return base64.b64decode(packed if isinstance(packed, str) else "?", validate=True)
    except (binascii.Error, ValueError):
        raise _bad("`data_base64` is not a string in base64; encode it again, or use `data`") from None


def _media_type(headers: Headers) -> str:
    """The content-type without its parameters, in lower case; empty where there is none."""
    for name, value in headers.items():
        if name.lower() == "content-type":
            return (value or b"").decode("utf-8", "replace").partition(";")[0].strip().lower()
    return ""


def _binary_attributes(headers: Headers) -> dict[str, object]:
    return {
        name[3:].lower(): value.decode("utf-8", "replace")
        for name, value in headers.items()
        if value is not None and name[:3].lower() == "ce_"
    }


def _bad(message: str) -> InvalidEvent:
    return InvalidEvent(Reason.BAD_CLOUDEVENT, message)


def headers_out(
    event: Article | Comment | Alert, *, event_time: datetime, source: str, incoming: Headers = NO_HEADERS
) -> list[tuple[str, bytes]]:
    """The headers of an event that vigie emits: CloudEvents in binary mode, and the trace of the `incoming` headers.

    `event_time` should not change when a page is replayed: the page's `fetched_at`, and the present only where that is unknown.
    """
    subject = event.url if isinstance(event, Article) else event.article_url
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", event.id.encode()),
        ("ce_type", TYPES[type(event)].encode()),
        ("ce_source", source.encode()),
        ("ce_subject", subject.encode()),
        ("ce_time", _time(event_time)),
        ("content-type", b"application/json"),
    ]
    for name in _TRACE:
        value = incoming.get(name)
        if value and len(value) <= _LONGEST_TRACE:
            headers.append((name, value))
    return headers


@lru_cache(maxsize=64)
def _time(when: datetime) -> bytes:
    """A moment as a header; the events of a page share theirs."""
    return timestamps.rfc3339(when).encode()
