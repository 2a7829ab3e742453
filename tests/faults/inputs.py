"""Inputs that nobody publishes on purpose: real events, mutated so that it is known what must become of each.

`inputs(seed, count)` gives (value, wanted): wanted is None where the page must be enriched, else the reasons of which one must be
given; ANY where both are right, so long as nothing of ours fails.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any
from zlib import crc32

Wanted = frozenset[str] | None
ANY = frozenset({"any"})
JSON = frozenset({"not_json"})
MIB = 1 << 20

_SAMPLE = (Path(__file__).parents[1] / "data" / "page.txt").read_text(encoding="utf-8")
_LINES = [line for line in _SAMPLE.splitlines() if line.strip()]
_HOSTILE = (
    "\u0000", "\u202e", "\u2066\u2069", "\ufeff", "\u200b\u200d", "\u0430\u0435\u043e\u0440\u0441", "İı", "ﬁﬂ",
    "e\u0301\u0327\u0300" * 9, "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0010ffff", "\ufffe", "\r",
    "\x0b\x0c\x1c\x85\u2028\u2029", "\t" * 30, "<", "&amp;&#0;", "<!--", "]]>", "<script>", "</article>", "ﷺ" * 20,
    "\u0915\u094d\u0937", "𝕸𝖆𝖑𝖎", "\x7f\x1b[31m", "*" * 40, "@" * 30, "http://" * 9, "le 31 février 9999 à 99:99",
    "Répondre\n" * 9, "Source:", "%s%n{}$(id)`id`", "' OR 1=1 --", "=cmd|' /C calc'!A0", "٣٤٥", "½⅓",
)  # fmt: skip
_TIMES = ("2026-11-01T10:00:00Z", "2026-11-01", "0001-01-02T00:00:00+00:00", "9999-12-30T23:59:60Z", None)
# What JSON allows as a value, and what it does not, after the cases that parsers are known to differ on.
_GOOD = (
    "0", "-0", "1e5", "-1.5E+3", "123456789012345678901234567890", "1e400", "-1e-400", "0.1" + "0" * 300 + "1", "1" * 2000,
    '""', '"\\u0000"', '"\\ud83d\\ude00"', '"\\/\\b\\f\\n\\r\\t"', '"\\uFFFF"', "[]", "{}", "[[]]", "[null]", '{"":0}',
    '{"a":1,"a":2}', '{"\\u0000":1}', "true", "false", "null", " [ ] ", "[1,\n2]", '"\u2028"', '"\x7f"', '"é"',
    "[" * 50 + "]" * 50, '{"a":' * 50 + "1" + "}" * 50,
)  # fmt: skip
_BAD = (
    "01", "1.", ".5", "+1", "1e", "1e+", "- 1", "--1", "0x1F", "NaN", "Infinity", "-Infinity", "nul", "True", "'a'", "[1,]",
    "[,1]", "[1 2]", "[1", "{1:1}", '{"a"}', '{"a":}', '{"a":1,}', '{,"a":1}', '{"a":1 "b":2}', "{a:1}", '"\\x"', '"\\u12"',
    '"\\uD8"', '"\t"', '"\n"', '"\x01"', '"', '"\\"', '["a\n"]', "/**/1", "1//", "#", "undefined", "1_000", "０", "{]", "[}",
    "\u00a01", "\ufeff1", "{}{}", "1 1",
)  # fmt: skip


def inputs(seed: int, count: int, *, huge: bool = True) -> Iterator[tuple[bytes, Wanted]]:
    """`count` inputs, the same for the same seed; with `huge`, one in 500 has 1 to 5 MB."""
    random = Random(seed)  # noqa: S311 - a generator of tests
    for number in range(count):
        make = random.choice(_HUGE if huge and number % 500 == 250 else _KINDS)
        yield make(random, f"https://fuzz.example/{named(number)}")


def named(number: int) -> str:
    """A number with a check on it, so that a URL that was changed is not taken for another input's."""
    return f"{number}-{crc32(b'%d' % number)}"


def _page(random: Random, url: str, /, **more: Any) -> dict[str, Any]:
    """A real page, cut and mixed with what is hostile, with some of the optional fields."""
    lines = random.choices(_LINES, k=random.randint(1, 8))
    for _ in range(random.randint(0, 6)):
        at = random.randrange(len(lines))
        cut = random.randint(0, len(lines[at]))
        lines[at] = lines[at][:cut] + random.choice(_HOSTILE) + lines[at][cut:]
    event = {"url": url, "content": "Texte. " + random.choice(("\n", " ", "\r\n", "\n\n")).join(lines)}
    optional: dict[str, Any] = {
        "content_type": random.choice(("text/plain", "text/html", "TEXT/HTML; charset=utf-8", "application/xhtml+xml", None)),
        "headline": random.choice((None, "", random.choice(_HOSTILE), random.choice(_LINES))),
        "fetched_at": random.choice(_TIMES),
        "published_at": random.choice(("2026-02-28 23:59", "2026-11-01t10:00:00.123456789-23:59", None)),
        "publisher": random.choice((None, {}, {"name": random.choice(_HOSTILE), "country": "ML"}, {"unknown": [1]})),
        "author": random.choice((None, random.choice(_HOSTILE))),
        "language_hint": random.choice((None, "fr", "xx", "\u0000")),
        "crawler": random.choice((None, {"name": "c", "version": "1"})),
        random.choice(_HOSTILE): random.choice((1, None, {"a": [{}]})),
    }
    return event | {name: value for name, value in optional.items() if random.random() < 0.5} | more


def _dump(random: Random, event: Any) -> bytes:
    """JSON in one of the ways that it may be written."""
    ascii_only = random.random() < 0.5
    text = json.dumps(event, ensure_ascii=ascii_only, indent=random.choice((None, None, 1)))
    return random.choice(("", "", "\ufeff", " \n\t")).encode() + text.encode() + random.choice((b"", b"\n", b" " * 50))


def _with(random: Random, url: str, value: str) -> bytes:
    """A page with a further field, whose value is written as given."""
    return (json.dumps(_page(random, url))[:-1] + f', "zz": {value}}}').encode("utf-8", "surrogatepass")


def valid(random: Random, url: str) -> tuple[bytes, Wanted]:
    return _dump(random, _page(random, url)), None


def valid_json(random: Random, url: str) -> tuple[bytes, Wanted]:
    return _with(random, url, random.choice(_GOOD)), None


def doubled_keys(random: Random, url: str) -> tuple[bytes, Wanted]:
    """Of a key given twice the last counts."""
    event = _page(random, url)
    first = json.dumps({"url": random.choice((1, "x", None)), "content": random.choice(([], "")), "publisher": 7})
    return (first[:-1] + "," + json.dumps(event | {"publisher": None})[1:]).encode(), None


def structured(random: Random, url: str) -> tuple[bytes, Wanted]:
    event = {"specversion": "1.0", "id": random.choice(_HOSTILE), "source": "c", "type": "t", "data": _page(random, url)}
    return _dump(random, event), None


def bad_envelope(random: Random, url: str) -> tuple[bytes, Wanted]:
    event = {"specversion": "1.0", "id": "1", "source": "c", "type": "t", "data": _page(random, url)}
    if random.random() < 0.5:
        event["specversion"] = random.choice(("0.3", "2.0"))
    else:
        del event[random.choice(("id", "source", "type"))]
    return _dump(random, event), frozenset({"bad_cloudevent"})


def bad_json(random: Random, url: str) -> tuple[bytes, Wanted]:
    return _with(random, url, random.choice(_BAD)), JSON


def lone_surrogate(random: Random, url: str) -> tuple[bytes, Wanted]:
    escaped = random.choice(("\\ud800", "\\uDFFF", "\\udc00\\ud800", "a\\uD83Db", "\\ud83d\\ud83d\\ude00"))
    return _with(random, url, f'"{escaped}"'), frozenset({"lone_surrogate"})


def not_utf8(random: Random, url: str) -> tuple[bytes, Wanted]:
    value = json.dumps(_page(random, url), ensure_ascii=False).encode()
    at = random.randint(0, len(value))
    bad = random.choice((b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80", b"\x80"))
    return value[:at] + bad + value[at:], frozenset({"not_utf8"})


def too_deep(random: Random, url: str) -> tuple[bytes, Wanted]:
    depth = random.choice((65, 100, 1000, 100_000))
    nested = random.choice(("[" * depth + "]" * depth, "[" * depth, '{"a":' * depth + "1" + "}" * depth))
    return _with(random, url, nested), frozenset({"too_deep"})


def not_object(random: Random, _url: str) -> tuple[bytes, Wanted]:
    return random.choice((b"1", b"[]", b'"x"', b"null", b"true", b"-0.0", b'[{"url": 1}]')), frozenset({"not_object"})


def empty(random: Random, _url: str) -> tuple[bytes, Wanted]:
    return random.choice((b"", b" ", b"\n\t\r ", b"\xef\xbb\xbf", b"\xef\xbb\xbf ")), frozenset({"empty"})


def missing(random: Random, url: str) -> tuple[bytes, Wanted]:
    event = _page(random, url)
    if random.random() < 0.3:
        event["content"] = random.choice(("", " ", "\n\u2003\u00a0"))
    else:
        del event[random.choice(("url", "content"))]
    return _dump(random, event), frozenset({"missing_field"})


def wrong_type(random: Random, url: str) -> tuple[bytes, Wanted]:
    name = random.choice(("url", "content", "headline", "fetched_at", "publisher", "author", "content_type"))
    return _dump(random, _page(random, url, **{name: random.choice((0, 1.5, True, [], ["x"]))})), frozenset({"wrong_type"})


def bad_url(random: Random, url: str) -> tuple[bytes, Wanted]:
    wrong = random.choice(
        ("", " ", "fuzz", "//fuzz.example/", "ftp://fuzz.example/", "javascript:1", "http://", "https:///a", "data:,a")
    )
    return _dump(random, _page(random, wrong)), frozenset({"bad_url"})


def bad_time(random: Random, url: str) -> tuple[bytes, Wanted]:
    wrong = random.choice(
        ("", "hier", "2026-02-30", "2026-13-01T00:00:00Z", "20261101", "10000-01-01", "2026-11-01T24:01:00Z", "٢٠٢٦-01-01")
    )
    name = random.choice(("published_at", "fetched_at"))
    event = _page(random, url) | {"published_at": None, "fetched_at": None, name: wrong}
    return _dump(random, event), frozenset({"bad_timestamp"})


def bad_content_type(random: Random, url: str) -> tuple[bytes, Wanted]:
    wrong = random.choice(("", "text", "application/pdf", "text/htm l", "image/png; text/html"))
    return _dump(random, _page(random, url, content_type=wrong)), frozenset({"unsupported_content_type"})


def flipped(random: Random, url: str) -> tuple[bytes, Wanted]:
    """A few bytes changed, lost, or doubled anywhere: whatever it is then."""
    value = bytearray(json.dumps(_page(random, url), ensure_ascii=random.random() < 0.5).encode())
    for _ in range(random.randint(1, 5)):
        at = random.randrange(len(value))
        match random.randrange(3):
            case 0:
                value[at] ^= 1 << random.randrange(8)
            case 1:
                del value[at : at + random.randint(1, 9)]
            case _:
                value[at:at] = value[at : at + random.randint(1, 99)]
        value = value or bytearray(b"0")
    return bytes(value), ANY


def cut(random: Random, url: str) -> tuple[bytes, Wanted]:
    value = json.dumps(_page(random, url)).encode()
    return value[: random.randint(1, len(value) - 1)], JSON


def noise(random: Random, _url: str) -> tuple[bytes, Wanted]:
    return random.randbytes(random.randint(1, 300)), ANY


def one_long_line(random: Random, url: str) -> tuple[bytes, Wanted]:
    text = random.choice(("a", "mot ", "Moussa Diop, ", "« ", "(", "😀", "Bamako est là. "))
    return _large(random, url, text)


def many_lines(random: Random, url: str) -> tuple[bytes, Wanted]:
    return _large(
        random, url, random.choice(("\n", "oui\n", "Moussa le 3 mai 2026 à 10:12\nBien dit !\nRépondre\n", "<p>x</p>\n", "<div>"))
    )


def _large(random: Random, url: str, piece: str) -> tuple[bytes, Wanted]:
    """Pages of up to 1.9 million characters; they may take longer than a page is given, and nothing else may become of them."""
    size = random.choice((100_000, 300_000, 1_000_000, 1_900_000))
    times = min(size // len(piece), 6_000_000 // len(piece.encode()))  # the topic takes 6 MiB
    event = {"url": url, "content": "Texte. " + piece * times, "content_type": "text/plain"}
    value = json.dumps(event, ensure_ascii=False).encode()
    return value, frozenset({"too_large"}) if len(value) > 5 * MIB else frozenset({"enriched", "timeout", "output_too_large"})


def too_large(random: Random, url: str) -> tuple[bytes, Wanted]:
    padding = random.choice((b" " * (5 * MIB), b'"' + b"x" * (5 * MIB) + b'"', b"[" * (5 * MIB), b"\xff" * (5 * MIB + 1)))
    return json.dumps({"url": url}).encode() + padding, frozenset({"too_large"})


Kind = Callable[[Random, str], tuple[bytes, Wanted]]
_KINDS: tuple[Kind, ...] = (
    valid, valid, valid, valid, valid_json, valid_json, doubled_keys, structured,
    bad_envelope, bad_json, bad_json, lone_surrogate, not_utf8, too_deep, not_object, empty, missing, wrong_type, bad_url, bad_time,
    bad_content_type, flipped, flipped, cut, noise,
)  # fmt: skip
_HUGE: tuple[Kind, ...] = (one_long_line, many_lines, many_lines, too_large)
