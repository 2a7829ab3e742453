import gc
import time
from contextlib import suppress

import pytest

from pipeline.codec import Limits, decode_raw
from pipeline.errors import InvalidEvent
from pipeline.jsontext import deeper_than

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


def seconds(value: bytes, times: int = 5) -> float:
    """The best of some, without the cyclic collector, whose cost depends on what else is in memory."""
    best = 60.0
    gc.disable()
    for _ in range(times):
        begun = time.process_time()
        with suppress(InvalidEvent):
            decode_raw(value, limits=LARGE)
        best = min(best, time.process_time() - begun)
    gc.enable()
    return best


@pytest.mark.parametrize("make", PATTERNS.values(), ids=PATTERNS)
def test_cost_is_linear(make) -> None:
    """16 times the bytes: 16 times the time where the cost is linear (caches triple that at worst), 256 where it is quadratic."""
    assert seconds(make(1_280_000)) / max(seconds(make(80_000)), 1e-4) < 64


@pytest.mark.parametrize("make", PATTERNS.values(), ids=PATTERNS)
def test_five_megabytes_take_no_more_than_seconds(make) -> None:
    assert seconds(make(5_000_000), times=1) < 10


def test_the_depth_scan_ignores_strings() -> None:
    assert deeper_than(b'["]]", [["', 2)
    assert not deeper_than(b'["[[[[[[", "\\"[[[["]', 1)
    assert not deeper_than(b'"[[[[[', 1)
