"""Batches with a header's name that is not UTF-8, plain and compressed, as a broker would give them."""

import pytest
from aiokafka.consumer import fetcher

from agents.lenient import Records, install
from tests.fixtures import batches
from tests.fixtures.batches import Name

CODECS = {"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}


def batch(first: int, *names: str, codec: int = 0) -> bytes:
    """A batch of records from an offset on, each with a header."""
    records = ((b"\xfe value %d" % (first + number), [(name, b"\xfd"), ("null", None)]) for number, name in enumerate(names))
    return batches.batch(first, records, codec)


def read(data: bytes, start: int = 0) -> list[tuple[int, bytes, str]]:
    """Offset, value and first header's name of each record."""
    return [(offset, value, headers[0][0]) for offset, value, headers in batches.read(data, start)]


def test_install_is_what_consumers_use():
    install()
    assert fetcher.MemoryRecords is Records


@pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS)
def test_name_that_is_no_utf8(codec: int):
    data = batch(0, "a", "été") + batch(2, "b", Name("c"), "d", codec=codec) + batch(5, "e")
    names = ["a", "été", "b", "\\xffc", "d", "e"]
    assert read(data) == [(number, b"\xfe value %d" % number, name) for number, name in enumerate(names)]


def test_from_an_offset_within_the_batch():
    assert [offset for offset, *_ in read(batch(0, "a", Name("b"), "c"), start=2)] == [2]


def test_batch_that_was_cut_off_is_left_for_the_next_fetch():
    data = batch(0, Name("a")) + batch(1, "b")
    assert read(data[:-5]) == read(batch(0, Name("a")))
