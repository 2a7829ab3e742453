"""Whatever the bytes, decode_raw answers with an article or with the reason that a plain reading of the rules gives."""

import base64
import codecs
import json
from datetime import UTC

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipeline.codec import Limits, decode_raw
from pipeline.errors import InvalidEvent, Reason
from pipeline.events import RawArticle
from pipeline.jsontext import deeper_than
from pipeline.timestamps import rfc3339
from pipeline.urls import check_url

SETTINGS = settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
LIMITS = Limits(depth=6)
CONTENT = "Tombouctou"  # no message may hold it

# --- a plain reading of the rules ----------------------------------------------------------------------------------


def plain_depth(body: bytes) -> int:
    """How deep brackets outside of strings are nested, byte by byte."""
    deepest = depth = 0
    in_string = escaped = False
    for byte in body:
        if escaped:
            escaped = False
        elif in_string:
            escaped = byte == ord("\\")
            in_string = byte != ord('"')
        elif byte == ord('"'):
            in_string = True
        elif byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


def refuse_constant(name: str) -> None:
    raise ValueError(name)


def has_half_a_pair(value: object) -> bool:
    if isinstance(value, str):
        return any("\ud800" <= char <= "\udfff" for char in value)
    if isinstance(value, list | tuple):
        return any(map(has_half_a_pair, value))
    return False


def plain_reason(value: bytes) -> str | None:
    """The reason that the bytes of a bare event show; None where they hold a JSON value."""
    body = value.removeprefix(codecs.BOM_UTF8)
    if not body.strip():
        return "empty"
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return "not_utf8"
    if plain_depth(body) > LIMITS.depth:
        return "too_deep"
    try:
        pairs = json.loads(text, parse_constant=refuse_constant, object_pairs_hook=list)
    except ValueError:
        return "not_json"
    return "lone_surrogate" if has_half_a_pair(pairs) else None


def answer(value: bytes, headers: dict[str, bytes] | None = None) -> RawArticle | InvalidEvent:
    try:
        return decode_raw(value, headers or {}, LIMITS)
    except InvalidEvent as error:
        assert CONTENT not in error.message  # noqa: PT017 - an article is as good an answer
        return error


# --- events, good and spoilt ---------------------------------------------------------------------------------------

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
MOMENTS = st.datetimes(timezones=st.just(UTC)).map(rfc3339)
JUNK = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=4,
)
UNKNOWN = st.dictionaries(TEXT.map("x-{}".format), st.none() | st.integers() | st.floats(-1e9, 1e9) | TEXT, max_size=2)
GOOD = st.builds(
    lambda needed, optional, unknown: unknown | needed | optional,
    st.fixed_dictionaries({"url": st.just("https://example.com/a"), "content": TEXT.map(CONTENT.__add__)}),
    st.fixed_dictionaries(
        {},
        optional={
            "headline": st.none() | TEXT,
            "content_type": st.sampled_from([None, "text/plain", "Text/HTML; charset=utf-8", "application/xhtml+xml"]),
            "published_at": st.none() | MOMENTS,
            "fetched_at": st.none() | MOMENTS,
            "publisher": st.none() | st.fixed_dictionaries({}, optional={"name": TEXT, "country": st.none() | TEXT}),
            "crawler": st.none() | UNKNOWN,
            "author": st.none() | TEXT,
            "language_hint": st.none() | TEXT,
        },
    ),
    UNKNOWN,
)
SPOILT = st.builds(
    lambda event, name, junk: event | {name: junk},
    GOOD,
    st.sampled_from([*RawArticle.__struct_fields__, "specversion", "data", "data_base64"]),
    JUNK | st.just(CONTENT),
)
PIECES = [
    b'"', b"\\", b"[", b"]", b"{", b"}", b",", b":", b"\xff", b"\xed\xa0\x80", b"\x00", b"\xef\xbb\xbf", b"\\ud800", b"\\udc00",
    b"\\ud83d\\ude00", b"NaN", b"1e999", b"-", b"0", b"[[[[[[[", b'["', b"\\u", b"\n", b" ", b"null",
]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """An event with a few pieces put in, taken out or cut off."""
    value = json.dumps(draw(GOOD | SPOILT), ensure_ascii=draw(st.booleans())).encode()
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(value)))
        gone = draw(st.sampled_from([0, 0, 1, 2, 1000]))
        value = value[:at] + draw(st.sampled_from(PIECES)) + value[at + gone :]
    return value


# --- properties ----------------------------------------------------------------------------------------------------


@SETTINGS
@given(event=GOOD, ascii_only=st.booleans())
def test_what_is_good_by_construction_is_read_in_every_mode(event: dict, ascii_only: bool) -> None:  # noqa: FBT001 - hypothesis names it
    value = json.dumps(event, ensure_ascii=ascii_only).encode()
    bare = decode_raw(value, {}, LIMITS)
    assert (bare.url, bare.content, bare.headline) == (event["url"], event["content"], event.get("headline"))
    attributes = {"specversion": "1.0", "id": "1", "source": "/c", "type": "t"}
    binary = {f"ce_{name}": text.encode() for name, text in attributes.items()}
    packed = base64.b64encode(value).decode()
    assert decode_raw(value, binary, LIMITS) == bare
    assert decode_raw(json.dumps(attributes | {"data": event}).encode(), {}, LIMITS) == bare
    assert decode_raw(json.dumps(attributes | {"data_base64": packed}).encode(), {}, LIMITS) == bare


@SETTINGS
@given(value=mutated() | st.binary(max_size=60) | st.lists(st.sampled_from(PIECES), max_size=20).map(b"".join))
@example(b'{"url":"https://example.com/","content":"a","x":[1e999,"\\ud800"]}')
@example(b'"\\ud800\\ud800\\udc00"')
@example(b'["' + b"\\" * 5)
def test_the_reason_is_the_one_that_a_plain_reading_gives(value: bytes) -> None:
    expected, given_answer = plain_reason(value), answer(value)
    if expected is not None:
        assert isinstance(given_answer, InvalidEvent)
        assert given_answer.reason == expected
    elif isinstance(given_answer, InvalidEvent) and b"data_base64" not in value:
        seen_in_bytes = {Reason.NOT_UTF8, Reason.TOO_DEEP, Reason.NOT_JSON, Reason.LONE_SURROGATE}
        assert given_answer.reason not in seen_in_bytes


@SETTINGS
@given(event=SPOILT, headers=st.dictionaries(st.sampled_from(["ce_id", "ce_time", "content-type"]), st.binary(max_size=20)))
def test_a_spoilt_field_never_crashes(event: dict, headers: dict[str, bytes]) -> None:
    given_answer = answer(json.dumps(event).encode(), headers)
    if isinstance(given_answer, RawArticle):
        assert check_url(given_answer.url) is None
        assert given_answer.content.strip()


@SETTINGS
@given(body=st.lists(st.sampled_from(PIECES), max_size=30).map(b"".join), depth=st.integers(0, 9))
def test_the_depth_scan_agrees_with_the_plain_one(body: bytes, depth: int) -> None:
    assert deeper_than(body, depth) == (plain_depth(body) > depth)
