import base64
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from pipeline.codec import decode_raw, headers_out
from pipeline.errors import InvalidEvent
from pipeline.events import Alert, RuleRef

ARTICLE = {"url": "https://www.malijet.com/une/1.html", "content": "Bamako, le 3 mai."}
BARE = json.dumps(ARTICLE).encode()
BINARY = {
    "ce_specversion": b"1.0",
    "ce_id": b"1",
    "ce_source": b"/crawler",
    "ce_type": b"page.fetched",
    "content-type": b"application/json",
}
ATTRIBUTES = {"specversion": "1.0", "id": "1", "source": "/crawler", "type": "page.fetched"}
STRUCTURED = {"content-type": b"application/cloudevents+json; charset=UTF-8"}


def structured(**changes: object) -> bytes:
    return json.dumps(ATTRIBUTES | {"data": ARTICLE} | changes).encode()


def reason(value: bytes | None, headers: dict[str, bytes | None]) -> str:
    with pytest.raises(InvalidEvent) as caught:
        decode_raw(value, headers)
    assert "malijet" not in caught.value.message
    return caught.value.reason.value


@pytest.mark.parametrize(
    ("value", "headers"),
    [
        (BARE, BINARY),
        (BARE, {name.title(): text for name, text in BINARY.items()}),
        (BARE, {name: text for name, text in BINARY.items() if name != "content-type"}),
        (structured(), STRUCTURED),
        (structured(), {"Content-Type": b"Application/CloudEvents"}),
        (structured(), {}),
        (structured(), {"content-type": b"application/json", "traceparent": b"00-1-1-01"}),
        (structured(data_base64=None, subject="x", extension={"a": 1}), STRUCTURED),
        (json.dumps(ATTRIBUTES | {"data_base64": base64.b64encode(BARE).decode()}).encode(), STRUCTURED),
        (BARE, {"content-type": b"text/plain", "x": None}),
        (BARE, {"content-type": b"\xff"}),
    ],
)
def test_every_mode_gives_the_same_article(value: bytes, headers: dict[str, bytes | None]) -> None:
    assert decode_raw(value, headers) == decode_raw(BARE)


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_a_required_attribute_that_is_missing(name: str) -> None:
    assert reason(BARE, {key: text for key, text in BINARY.items() if key != f"ce_{name}"}) == "bad_cloudevent"
    assert reason(BARE, BINARY | {f"ce_{name}": b""}) == "bad_cloudevent"
    assert reason(structured(**{name: None}), STRUCTURED) == "bad_cloudevent"
    assert reason(structured(**{name: 1.0}), {}) == "bad_cloudevent"


@pytest.mark.parametrize(
    ("value", "headers"),
    [
        (BARE, BINARY | {"ce_specversion": b"0.3"}),
        (structured(specversion="2.0"), {}),
        (structured(time="yesterday"), {}),
        (structured(time=5), {}),
        (BARE, BINARY | {"ce_time": b"\xff"}),
        (structured(data_base64="e30="), STRUCTURED),
        (structured(data=None, data_base64="%"), STRUCTURED),
        (structured(data=None, data_base64="é"), STRUCTURED),
        (structured(data=None, data_base64=5), STRUCTURED),
        (structured(), {"content-type": b"application/cloudevents+xml"}),
        (b"[" + structured() + b"]", {"content-type": b"application/cloudevents-batch+json"}),
        (json.dumps({"url": "x"}).encode(), BINARY | {"ce_specversion": b"2.0"}),
    ],
)
def test_bad_cloudevent(value: bytes, headers: dict[str, bytes | None]) -> None:
    assert reason(value, headers) == "bad_cloudevent"


@pytest.mark.parametrize(
    ("expected", "value", "headers"),
    [
        ("empty", None, BINARY),
        ("empty", b"", STRUCTURED),
        ("empty", structured(data=None), STRUCTURED),
        ("empty", structured(data=None, id=None), {}),
        ("empty", structured(data=None, data_base64=""), {}),
        ("empty", BARE, STRUCTURED),
        ("too_large", structured(data={"content": "a" * 2_000_001}, specversion="2.0"), {}),
        ("not_utf8", structured(data=None, data_base64="/w=="), {}),
        ("not_json", structured(data=None, data_base64=base64.b64encode(b"{").decode()), {}),
        ("too_deep", structured(data=None, data_base64=base64.b64encode(b"[" * 100).decode()), {}),
        ("lone_surrogate", structured(data=None, data_base64=base64.b64encode(b'"\\ud800"').decode()), {}),
        ("not_object", b"[]", BINARY),
        ("not_object", b"[]", STRUCTURED),
        ("not_object", structured(data="text", id=None), {}),
        ("not_object", structured(data=[ARTICLE]), {}),
        ("missing_field", structured(data={}), {}),
        ("bad_url", structured(data=ARTICLE | {"url": "x"}), {}),
    ],
)
def test_other_reasons_keep_their_order(expected: str, value: bytes | None, headers: dict[str, bytes | None]) -> None:
    assert reason(value, headers) == expected


def test_the_time_of_the_envelope_serves_as_fetched_at_only_where_that_is_absent() -> None:
    when = datetime(2024, 5, 31, 18, 30, tzinfo=UTC)
    assert decode_raw(structured(time="2024-05-31T18:30:00Z")).fetched_at == when
    assert decode_raw(BARE, BINARY | {"ce_time": b"2024-05-31T20:30:00+02:00"}).fetched_at == when
    own = structured(time="2020-01-01", data=ARTICLE | {"fetched_at": "2024-05-31T18:30:00Z"})
    assert decode_raw(own).fetched_at == when


ALERT = Alert(
    id="a1",
    rule=RuleRef(id="r", version="v", name="r", severity="info"),
    document_id="d",
    article_id="d",
    article_url="https://example.com/é",
    origin="article",
    matches=(),
    snippet="",
    event_time=None,
)


def test_headers_out_are_a_cloudevent() -> None:
    when = datetime(2024, 5, 31, 20, 30, tzinfo=timezone(timedelta(hours=2)))
    assert headers_out(ALERT, event_time=when, source="vigie") == [
        ("ce_specversion", b"1.0"),
        ("ce_id", b"a1"),
        ("ce_type", b"vigie.alert.v1"),
        ("ce_source", b"vigie"),
        ("ce_subject", "https://example.com/é".encode()),
        ("ce_time", b"2024-05-31T18:30:00Z"),
        ("content-type", b"application/json"),
    ]


def test_the_trace_is_copied_through_and_nothing_else() -> None:
    incoming = {"traceparent": b"00-1-2-01", "tracestate": b"a=b", "x": b"y", "ce_id": b"other"}
    extra = headers_out(ALERT, event_time=datetime(2024, 1, 1, tzinfo=UTC), source="vigie", incoming=incoming)[7:]
    assert extra == [("traceparent", b"00-1-2-01"), ("tracestate", b"a=b")]
    bloated = {"traceparent": None, "tracestate": b"a" * 5000}
    assert len(headers_out(ALERT, event_time=datetime(2024, 1, 1, tzinfo=UTC), source="vigie", incoming=bloated)) == 7
