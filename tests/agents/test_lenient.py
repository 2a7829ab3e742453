"""Batches with a header's name that is not UTF-8, plain and compressed, as a broker would give them."""

import pytest
from aiokafka import TopicPartition
from aiokafka.consumer import fetcher
from aiokafka.consumer.fetcher import READ_COMMITTED, PartitionRecords
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from agents.lenient import Records, install

CODECS = {"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}


class Name(str):
    """The name of a header, which is one byte that is no UTF-8 and then its text."""

    __slots__ = ()

    def encode(self, *_: object) -> bytes:
        return b"\xff" + str.encode(self)


def batch(first: int, *names: str, codec: int = 0) -> bytes:
    """A batch of records from an offset on, each with a header."""
    builder = _DefaultRecordBatchBuilderPy(2, codec, 0, -1, -1, -1, 1 << 20)
    for number, name in enumerate(names):
        builder.append(number, 1000 + number, b"key", b"\xfe value %d" % (first + number), [(name, b"\xfd"), ("null", None)])
    data = builder.build()
    data[:8] = first.to_bytes(8, "big")  # which the broker sets, and no checksum covers
    return bytes(data)


def read(data: bytes, start: int = 0) -> list[tuple[int, bytes, str]]:
    """Offset, value and header's name of each record, as a consumer is given them from an offset on."""
    records = PartitionRecords(TopicPartition("t", 0), Records(data), [], start, None, None, True, READ_COMMITTED)  # noqa: FBT003
    return [(each.offset, each.value, each.headers[0][0]) for each in records]


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
