"""Batches that unpack to more than a worker may hold, and those that just do not, by every codec."""

import pytest
from aiokafka.codec import gzip_encode, lz4_encode, snappy_encode, zstd_encode
from aiokafka.record import default_records

from agents import lenient, packed, unpack
from agents.messages import Options, Record
from agents.settings import Settings
from agents.steps import enrich
from pipeline.errors import InvalidEvent, Reason
from tests.fixtures import batches

MIB = 1 << 20
CODECS = {"gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}
ENCODERS = {"gzip": gzip_encode, "snappy": snappy_encode, "lz4": lz4_encode, "zstd": zstd_encode}


@pytest.fixture(autouse=True)
def bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bound of 1 MiB, in the place of 128."""
    lenient.install()
    monkeypatch.setattr(unpack, "MOST_BYTES", MIB)


def batch(first: int, codec: int, *sizes: int) -> bytes:
    """A batch of records of so many zeros, from an offset on."""
    return batches.batch(first, ((bytes(size), [("h", b"1")]) for size in sizes), codec)


def read(data: bytes, start: int = 0) -> list[tuple[int, bytes, dict[str, bytes]]]:
    """Offset, value and headers of each record."""
    return [(offset, value, dict(headers)) for offset, value, headers in batches.read(data, start)]


@pytest.mark.parametrize("codec", CODECS)
def test_a_batch_past_the_bound_is_one_record_that_is_the_batch(codec: str):
    bomb = batch(1, CODECS[codec], *[MIB] * 8)
    assert len(bomb) < MIB
    found = read(batch(0, 0, 3) + bomb + batch(9, CODECS[codec], 5))
    assert found == [(0, bytes(3), {"h": b"1"}), (8, bomb, {packed.HEADER: f"{codec} 8".encode()}), (9, bytes(5), {"h": b"1"})]


@pytest.mark.parametrize("codec", CODECS)
def test_a_batch_below_the_bound_is_read_as_ever(codec: str):
    sizes = [MIB // 4] * 3 + [0, 7]
    assert [value for _, value, _ in read(batch(0, CODECS[codec], *sizes))] == [bytes(size) for size in sizes]


def test_a_batch_that_was_begun_is_not_passed_over():
    assert [offset for offset, *_ in read(batch(0, 1, MIB, MIB, MIB), start=1)] == [2]


@pytest.mark.parametrize("codec", CODECS)
def test_text_is_unpacked_as_it_was(codec: str):
    decode = getattr(default_records, f"{codec}_decode")
    assert bytes(decode(ENCODERS[codec](b"text " * 1000))) == b"text " * 1000
    with pytest.raises(unpack.TooMuchError):
        decode(ENCODERS[codec](bytes(2 * MIB)))


@pytest.mark.parametrize(("codec", "broken"), [("gzip", b"\x1f\x8b\x08"), ("gzip", gzip_encode(b"text" * 99)[:-9]), ("zstd", b"x")])
def test_what_is_no_batch_is_no_bomb(codec: str, broken: bytes):
    with pytest.raises(Exception) as raised:  # noqa: PT011 - whatever the codec's library raises
        getattr(default_records, f"{codec}_decode")(broken)
    assert not isinstance(raised.value, unpack.TooMuchError)


def test_it_is_refused_as_too_large_and_told_how_to_publish_it():
    record = Record(b"packed", ((packed.HEADER, packed.describe("gzip", 105)),), 0.0)
    with pytest.raises(InvalidEvent, match="a gzip batch of 105 records unpacks to more than 128 MiB; publish it in") as raised:
        enrich(record, None, Options(limits=Settings().limits, detector="vigie", source="vigie", memory=0))
    assert raised.value.reason is Reason.TOO_LARGE
