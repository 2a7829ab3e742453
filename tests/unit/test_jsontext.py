from contextlib import suppress
from functools import partial

import pytest

from pipeline.codec import Limits, decode_raw
from pipeline.errors import InvalidEvent
from pipeline.jsontext import deeper_than
from tests.fixtures.cost import cpu, least

LARGE = Limits(content_chars=10_000_000)
PATTERNS = {
    "brackets": lambda n: b"[" * n,
    "bracket pairs": lambda n: b"[]" * (n // 2),
    "quotes": lambda n: b'"' * n,
    "backslashes": lambda n: b"[" * 99 + b"\\" * n,
    "an open string of escaped quotes": lambda n: b"[" * 99 + b'"' + b'\\"' * (n // 2),
    "brackets and quotes": lambda n: b'"[' * (n // 2),
    "halves of surrogate pairs": lambda n: b'{"a":"' + b"\\ud800" * (n // 6) + b'"}',
    "a number": lambda n: b'{"a":' + b"9" * n + b"}",
    "objects beside a huge number": lambda n: b'{"a":1e999,"b":[' + b'{"a":[]},' * (n // 9) + b"1]}",
    "labels of a host": lambda n: b'{"content":"x","url":"http://' + b"a." * (n // 2) + b'"}',
    "digits of a time": lambda n: b'{"content":"x","url":"http://a/","published_at":"' + b"1" * n + b'"}',
    "text": lambda n: b'{"url":"http://a/","content":"' + b"\\u00e0\\n" * (n // 8) + b'"}',
}


def read(value: bytes) -> None:
    with suppress(InvalidEvent):
        decode_raw(value, limits=LARGE)


@pytest.mark.parametrize("make", PATTERNS.values(), ids=PATTERNS)
def test_cost_is_linear(make) -> None:
    """16 times the bytes: 16 times the time where the cost is linear (caches triple that at worst), 256 where it is quadratic."""
    short, long = least(partial(read, make(80_000)), partial(read, make(1_280_000)), rounds=5)
    assert long / max(short, 1e-4) < 64


@pytest.mark.parametrize("make", PATTERNS.values(), ids=PATTERNS)
def test_five_megabytes_take_no_more_than_seconds(make) -> None:
    assert cpu(partial(read, make(5_000_000))) < 10


def test_the_depth_scan_ignores_strings() -> None:
    assert deeper_than(b'["]]", [["', 2)
    assert not deeper_than(b'["[[[[[[", "\\"[[[["]', 1)
    assert not deeper_than(b'"[[[[[', 1)
