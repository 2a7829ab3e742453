"""Bytes to events and back: the one place where a message is validated. Everything behind it trusts the types.

`decode_raw` refuses an event with the first reason, in the order of `Reason`, that can be told: first what the bytes show
(jsontext), then what the JSON value shows (cloudevents, fields). What cannot be parsed is never searched for missing fields.
"""

from datetime import UTC, datetime
from typing import TypeVar

import msgspec

from pipeline.cloudevents import NO_HEADERS, Headers, headers_out, unwrap
from pipeline.deadletters import dead_letter_headers
from pipeline.errors import InvalidEvent, Reason
from pipeline.events import Alert, Article, Comment, Enriched, RawArticle
from pipeline.fields import read_article
from pipeline.jsontext import load, type_name
from pipeline.limits import DEFAULT_LIMITS, Limits
from pipeline.mapping import OURS, FieldMapping
from pipeline.timestamps import utc
from pipeline.watch_rules import decode_rule, rules_from_toml

__all__ = [
    "Limits", "DEFAULT_LIMITS", "decode_raw", "encode", "decode_article", "decode_comment", "decode_alert",
    "decode_rule", "rules_from_toml", "headers_out", "dead_letter_headers",
]  # fmt: skip

_encoder = msgspec.json.Encoder()
_article = msgspec.json.Decoder(Article)
_comment = msgspec.json.Decoder(Comment)
_alert = msgspec.json.Decoder(Alert)

_Event = TypeVar("_Event")
_Struct = TypeVar("_Struct", bound=msgspec.Struct)


def decode_raw(
    value: bytes | None, headers: Headers = NO_HEADERS, limits: Limits = DEFAULT_LIMITS, mapping: FieldMapping = OURS
) -> RawArticle:
    """A raw article from the value and headers of a Kafka record, or from a line of a file; InvalidEvent says why not.

    Bare JSON, or CloudEvents 1.0 in binary or structured mode; the envelope's `time` serves as `fetched_at` where that is absent.
    `mapping` tells of fields that have other names than ours.
    """
    document = load(value, limits)
    envelope = unwrap(document, headers, limits)
    fields = document if envelope is None else envelope.data
    if not isinstance(fields, dict):
        message = f"the raw article is {type_name(fields)}; publish a JSON object with `url` and `content`"
        raise InvalidEvent(Reason.NOT_OBJECT, message)
    fields = mapping(fields)
    content = fields.get("content")
    if isinstance(content, str) and len(content) > limits.content_chars:
        message = f"`content` has {len(content):,} characters, {limits.content_chars:,} are allowed; shorten it or raise the limit"
        raise InvalidEvent(Reason.TOO_LARGE, message)
    if envelope is None:
        return read_article(fields)
    envelope.check()
    return read_article(fields, received=envelope.time())


def encode(event: msgspec.Struct) -> bytes:
    """JSON of an event, timestamps in UTC with `Z`. How large it may be is the caller's to check (`Limits.output_bytes`)."""
    return _encoder.encode(_in_utc(event))


def decode_article(value: bytes) -> Article:
    """An article that vigie emitted; InvalidEvent for anything else."""
    return _decode(_article, value)


def decode_comment(value: bytes) -> Comment:
    """A comment that vigie emitted; InvalidEvent for anything else."""
    return _decode(_comment, value)


def decode_alert(value: bytes) -> Alert:
    """An alert that vigie emitted; InvalidEvent for anything else."""
    return _decode(_alert, value)


def _decode(decoder: msgspec.json.Decoder[_Event], value: bytes) -> _Event:
    try:
        return decoder.decode(value)
    except msgspec.ValidationError as error:
        where = str(error).partition(" - at ")[2] or "the top level"
        message = f"no event of this kind: {where} does not fit; read the topic that belongs to it"
        raise InvalidEvent(Reason.WRONG_TYPE, message) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise InvalidEvent(Reason.NOT_JSON, "not JSON; read a topic that vigie writes") from None


def _in_utc(event: _Struct) -> _Struct:
    if isinstance(event, Enriched):
        parts = {"article": _in_utc(event.article)}
        return msgspec.structs.replace(
            event, **parts, comments=tuple(map(_in_utc, event.comments)), alerts=tuple(map(_in_utc, event.alerts))
        )
    moments = {name: getattr(event, name, None) for name in ("published_at", "fetched_at", "event_time")}
    changed = {name: utc(when) for name, when in moments.items() if isinstance(when, datetime) and when.tzinfo is not UTC}
    return msgspec.structs.replace(event, **changed) if changed else event
