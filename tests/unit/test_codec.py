import json
import pickle
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from pipeline.codec import (
    Limits,
    decode_alert,
    decode_article,
    decode_raw,
    encode,
)
from pipeline.errors import InvalidEvent, Reason
from pipeline.events import Crawler, Publisher, RawArticle

URL = "https://www.malijet.com/une/1.html"
GOOD = {"url": URL, "content": "Bamako, le 3 mai."}


def raw(**fields: object) -> bytes:
    return json.dumps(GOOD | fields).encode()


def refusal(value: bytes | None, headers: dict[str, bytes] | None = None, limits: Limits | None = None) -> InvalidEvent:
    with pytest.raises(InvalidEvent) as caught:
        decode_raw(value, headers or {}, limits or Limits())
    return caught.value


def with_text(text: str) -> bytes:
    """A good event with `text` as the value of a field that nobody knows, as it stands."""
    return raw()[:-1] + b', "x": ' + text.encode() + b"}"


# --- what is refused, one by one -----------------------------------------------------------------------------------

REFUSALS = [
    ("empty", None),
    ("empty", b""),
    ("empty", b" \r\n\t "),
    ("empty", b"\xef\xbb\xbf"),
    ("empty", b"\xef\xbb\xbf \n"),
    ("too_large", b'"' + b"a" * 5 * 1024 * 1024),
    ("too_large", raw(content="a" * 2_000_001)),
    ("too_large", raw(content="é" * 2_000_001, url=5)),
    ("not_utf8", raw().replace(b"mai", b"ma\xff")),
    ("not_utf8", b"\xff\xfe{\x00}\x00"),
    ("not_utf8", b'{"\xed\xa0\x80": 1}'),
    ("not_utf8", b"[" * 100_000 + b"\xff"),
    ("too_deep", b"[" * 100_000),
    ("too_deep", b'{"a":' * 100_000),
    ("too_deep", with_text("[" * 64 + "]" * 64)),
    ("too_deep", with_text('["\\"[",' * 64 + "1" + "]" * 64)),
    ("not_json", b"{"),
    ("not_json", b"Bamako"),
    ("not_json", b"{'url': 'x'}"),
    ("not_json", raw() + b"\x00"),
    ("not_json", raw() + raw()),
    ("not_json", b"\xef\xbb\xbf\xef\xbb\xbf" + raw()),
    ("not_json", with_text("NaN")),
    ("not_json", with_text("-Infinity")),
    ("not_json", with_text("[1e999, Infinity]")),
    ("not_json", with_text("01")),
    ("not_json", with_text("1.")),
    ("not_json", with_text("+1")),
    ("not_json", with_text("[1,]")),
    ("not_json", with_text('"\\q"')),
    ("not_json", with_text('"\\u12"')),
    ("not_json", with_text('"\x01"')),
    ("not_json", with_text('"\\ud800",')),
    ("not_json", with_text('"\\ud800" \\ud800')),
    ("lone_surrogate", with_text('"\\ud800"')),
    ("lone_surrogate", with_text('"\\uDFFF a"')),
    ("lone_surrogate", with_text('"\\ude00\\ud83d"')),
    ("lone_surrogate", with_text('"\\ud83d\\ud83d\\ude00"')),
    ("lone_surrogate", with_text('{"\\ud800": 1}')),
    ("lone_surrogate", with_text('"\\\\\\ud800"')),
    ("lone_surrogate", with_text('"\\ud800", "x": "later"')),
    ("lone_surrogate", b'["\\ud800"]'),
    ("not_object", b"[]"),
    ("not_object", b"null"),
    ("not_object", b'"https://example.com"'),
    ("not_object", b"[" + raw() + b"]"),
    ("missing_field", b"{}"),
    ("missing_field", b'{"url": "https://example.com"}'),
    ("missing_field", b'{"content": "x", "url ": "https://example.com"}'),
    ("missing_field", b'{"url": 5}'),
    ("missing_field", raw(content="")),
    ("missing_field", raw(content=" \n\u00a0\t")),
    ("wrong_type", raw(url=None)),
    ("wrong_type", raw(content=None)),
    ("wrong_type", raw(url=5, published_at="nonsense")),
    ("wrong_type", raw(content=["x"])),
    ("wrong_type", raw(headline={"text": "x"})),
    ("wrong_type", raw(published_at=1717180200)),
    ("wrong_type", raw(fetched_at=1717180200.5, url="x")),
    ("wrong_type", raw(content_type=True)),
    ("wrong_type", raw(author=["x"])),
    ("wrong_type", raw(language_hint=1)),
    ("wrong_type", raw(publisher="Malijet")),
    ("wrong_type", raw(publisher={"name": 5})),
    ("wrong_type", raw(crawler={"version": 1.5})),
    ("bad_url", raw(url="malijet.com/une", published_at="nonsense")),
    ("bad_url", raw(url="")),
    ("bad_timestamp", raw(published_at="3 mai 2024", content_type="image/png")),
    ("bad_timestamp", raw(fetched_at="2024-02-30")),
    ("bad_timestamp", raw(fetched_at="")),
    ("unsupported_content_type", raw(content_type="application/pdf")),
    ("unsupported_content_type", raw(content_type="")),
    ("unsupported_content_type", raw(content_type="text/htmlx; charset=utf-8")),
]


@pytest.mark.parametrize(("reason", "value"), REFUSALS, ids=[f"{number}-{reason}" for number, (reason, _) in enumerate(REFUSALS)])
def test_refusal(reason: str, value: bytes | None) -> None:
    error = refusal(value)
    assert error.reason == reason
    assert 20 < len(error.message) < 200
    assert "malijet" not in error.message.lower()


def test_every_reason_of_the_codec_is_in_the_table() -> None:
    elsewhere = {Reason.BAD_CLOUDEVENT, Reason.OUTPUT_TOO_LARGE, Reason.TIMEOUT, Reason.CRASHED, Reason.INTERNAL}
    assert {reason for reason, _ in REFUSALS} | elsewhere == set(Reason)


def test_messages_name_the_field_and_the_remedy() -> None:
    assert refusal(raw(publisher={"name": 5})).message == "`publisher.name` is a number; it must be a string or null"
    assert refusal(b'{"url": "https://example.com"}').message == "`content` is missing; a raw article needs `url` and `content`"
    assert "line 2, column 2:" in refusal(b'{"url": "x",\n x}').message
    assert "2,000,001 characters" in refusal(raw(content="a" * 2_000_001)).message


def test_a_refusal_survives_the_way_between_processes() -> None:
    error = pickle.loads(pickle.dumps(refusal(b"{")))  # noqa: S301 - made one line up
    assert (error.reason, error.message) == (Reason.NOT_JSON, refusal(b"{").message)


# --- what is taken -------------------------------------------------------------------------------------------------


def test_all_fields_are_read() -> None:
    article = decode_raw(
        raw(
            content_type="text/html",
            headline="Lavrov à Bamako",
            published_at="2024-05-31T18:30:00Z",
            fetched_at="2024-05-31T20:00:00.5+02:00",
            publisher={"name": "Malijet", "domain": "malijet.com", "country": "ML", "rank": 1},
            author="M. Traoré",
            language_hint="fr",
            crawler={"name": "moisson", "version": "2"},
            extra={"a": [1, None, {}]},
        )
    )
    assert article == RawArticle(
        url=URL,
        content="Bamako, le 3 mai.",
        content_type="text/html",
        headline="Lavrov à Bamako",
        published_at=datetime(2024, 5, 31, 18, 30, tzinfo=UTC),
        fetched_at=datetime(2024, 5, 31, 18, 0, 0, 500_000, tzinfo=UTC),
        publisher=Publisher(name="Malijet", domain="malijet.com", country="ML"),
        author="M. Traoré",
        language_hint="fr",
        crawler=Crawler(name="moisson", version="2"),
    )


def test_null_stands_for_an_optional_field_that_is_not_there() -> None:
    names = [name for name in RawArticle.__struct_fields__ if name not in GOOD]
    assert decode_raw(raw(**dict.fromkeys(names))) == decode_raw(raw())
    assert decode_raw(raw(publisher={"name": None})).publisher == Publisher()


@pytest.mark.parametrize(
    "oddity",
    [
        "1e999",
        "-1e999",
        "9" * 5000,
        '[1e999, "\\u00e9\\n\\ud83d\\ude00\\\\ud800"]',
        "1e-999",
        "-0",
        "123.456e7",
        '"\\ud83d\\ude00"',
        '"\\\\ud800"',
        '"\\u0000"',
        "[[[[]]]]",
        '"]]]][[[["',
    ],
)
def test_what_an_unknown_field_may_hold(oddity: str) -> None:
    assert decode_raw(with_text(oddity)) == decode_raw(raw())


def test_nesting_up_to_the_limit_and_brackets_in_text_are_fine() -> None:
    assert decode_raw(with_text("[" * 63 + "]" * 63)) == decode_raw(raw())
    text = '[{"\\' * 200
    assert decode_raw(raw(content=text)).content == text


def test_a_byte_order_mark_and_white_space_are_skipped() -> None:
    assert decode_raw(b"\xef\xbb\xbf \n" + raw() + b"\r\n\t") == decode_raw(raw())


def test_of_a_key_given_twice_the_last_counts() -> None:
    assert decode_raw(b'{"url": 5, "content": "a", "url": "https://example.com/", "content": "b"}').content == "b"


def test_control_characters_of_the_page_are_kept() -> None:
    text = "a\x00b\x07\u202e\ufeff\u2028c"
    assert decode_raw(raw(content=text)).content == text
    assert decode_raw(json.dumps(GOOD | {"content": text}, ensure_ascii=False).encode()).content == text


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("text/plain", "text/plain"),
        (" TEXT/HTML ; charset=utf-8", "text/html"),
        ("application/xhtml+xml;q=1", "text/html"),
        (None, "text/plain"),
    ],
)
def test_content_types(given: str | None, read: str) -> None:
    assert decode_raw(raw(content_type=given)).content_type == read


def test_limits_are_settings_and_their_bounds_are_allowed() -> None:
    limits = Limits(event_bytes=len(raw()), content_chars=len(GOOD["content"]), depth=1)
    assert decode_raw(raw(), limits=limits).url == URL
    assert refusal(raw() + b" ", limits=limits).reason == "too_large"
    assert refusal(raw(content=GOOD["content"][:-1] + "\n!"), limits=Limits(content_chars=17)).reason == "too_large"
    assert refusal(with_text("[]"), limits=Limits(depth=1)).reason == "too_deep"


def test_the_sample_page() -> None:
    text = (Path(__file__).parents[1] / "data" / "page.txt").read_text(encoding="utf-8")
    assert decode_raw(raw(content=text)).content == text


# --- what goes out -------------------------------------------------------------------------------------------------


def test_timestamps_go_out_in_utc() -> None:
    paris = timezone(timedelta(hours=2))
    article = RawArticle(
        url=URL,
        content="x",
        published_at=datetime(2024, 5, 31, 20, 30, tzinfo=paris),
        fetched_at=datetime(2024, 5, 31, 18, 30),  # noqa: DTZ001 - without a zone on purpose
    )
    out = json.loads(encode(article))
    assert (out["published_at"], out["fetched_at"]) == ("2024-05-31T18:30:00Z", "2024-05-31T18:30:00Z")


@pytest.mark.parametrize("value", [b"", b"{", b"\xff", b'{"id": "\xff"}', b'{"x":' * 100_000])
def test_what_is_no_json_is_refused_on_the_way_back_in(value: bytes) -> None:
    with pytest.raises(InvalidEvent) as caught:
        decode_article(value)
    assert caught.value.reason == "not_json"


@pytest.mark.parametrize("value", [b"[]", b"{}", b'{"id": 5}', b'{"id": "a", "rule": {"severity": "Bamako"}}'])
def test_what_is_no_alert_is_refused_without_its_content(value: bytes) -> None:
    with pytest.raises(InvalidEvent) as caught:
        decode_alert(value)
    assert caught.value.reason == "wrong_type"
    assert "Bamako" not in caught.value.message
