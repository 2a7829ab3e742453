"""Bytes to a JSON value, or the one reason why not: empty, too_large, not_utf8, too_deep, not_json, lone_surrogate.

orjson reads what is good. The standard library's json judges what orjson refuses, because orjson also refuses what JSON allows
(numbers beyond a double) and has one error for everything. Every step is a scan in C, so the cost is linear in the bytes.
Of a key given twice the last one counts; a byte order mark is skipped; white space around the value is allowed.
"""

import codecs
import json
import re
from typing import Never

import numpy as np
import orjson

from pipeline.errors import InvalidEvent, Reason
from pipeline.limits import Limits

# A string, closed or not. The repeats are possessive and the closing quote optional: an open quote cannot make the scan start over.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
# Every escape sequence but a surrogate without its other half, for text that is known to be JSON.
_WHOLE_ESCAPE = re.compile(r"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|u(?![dD][89a-fA-F])|[^u])")


def load(value: bytes | None, limits: Limits) -> object:
    """The JSON value in `value`; InvalidEvent with the first reason that applies."""
    body = (value or b"").removeprefix(codecs.BOM_UTF8)
    if not body or body.isspace():
        raise InvalidEvent(Reason.EMPTY, "the value is empty; publish a JSON object with `url` and `content`")
    if value is not None and len(value) > limits.event_bytes:
        message = f"the event has {len(value):,} bytes, {limits.event_bytes:,} are allowed; shorten it or raise the limit"
        raise InvalidEvent(Reason.TOO_LARGE, message)
    text = _utf8(body)
    if deeper_than(body, limits.depth):
        message = f"arrays and objects are nested deeper than {limits.depth} levels; flatten the event"
        raise InvalidEvent(Reason.TOO_DEEP, message)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return _judge(text)


def _utf8(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"the event is not UTF-8 (byte {error.start:,}); encode the JSON as UTF-8"
        raise InvalidEvent(Reason.NOT_UTF8, message) from None


def deeper_than(body: bytes, depth: int) -> bool:
    """Whether brackets outside of strings are nested deeper than `depth`, also where `body` is not JSON."""
    if body.count(b"[") + body.count(b"{") <= depth:
        return False
    brackets = np.frombuffer(_STRING.sub(b"", body).translate(None, _NOT_BRACKETS), dtype=np.uint8)
    opening = (brackets == ord("[")) | (brackets == ord("{"))
    levels = np.cumsum(np.where(opening, 1, -1))
    return bool(levels.size) and int(levels.max()) > depth


def _judge(text: str) -> object:
    """What orjson refused: read it after all, or say why not. Numbers lose their value; no field of ours is one."""
    try:
        value: object = json.loads(text, parse_int=len, parse_float=len, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        message = f"not JSON (line {error.lineno:,}, column {error.colno:,}: {error.msg}); publish one JSON object a record"
        raise InvalidEvent(Reason.NOT_JSON, message) from None
    if "\\" in _WHOLE_ESCAPE.sub("", text):
        message = "a string holds half of a surrogate pair (\\ud800 to \\udfff alone); publish whole code points"
        raise InvalidEvent(Reason.LONE_SURROGATE, message)
    return value


def _no_constant(name: str) -> Never:
    raise InvalidEvent(Reason.NOT_JSON, f"not JSON ({name} is no JSON number); leave the field out or give null")


def type_name(value: object) -> str:
    """JSON's word for the type of `value`."""
    if value is None:
        return "null"
    names = {bool: "a boolean", int: "a number", float: "a number", str: "a string", list: "an array", dict: "an object"}
    return names[type(value)]
