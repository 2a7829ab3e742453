"""Compressed batches, unpacked within a bound.

aiokafka unpacks a batch whole, whatever it becomes, and a broker looks only at its packed size. Measured: a gzip batch of
0.65 MB that holds 630 MiB of records took a worker from 91 to 1,330 MiB; 333 MiB with the bound. A batch that unpacks to more
than MOST_BYTES is not unpacked: `stand_in` is one record in its place, the packed batch as its value, named by a header
(agents/packed.py).
"""

import mmap
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cramjam
from aiokafka.codec import snappy_decode
from aiokafka.record import default_records
from aiokafka.record.default_records import DefaultRecordBatch

from agents.packed import HEADER, MOST_BYTES, describe

_GZIP = 16 + zlib.MAX_WBITS
_XERIAL, _XERIAL_HEADER = b"\x82SNAPPY\x00", 16
_CODECS = {1: "gzip", 2: "snappy", 3: "lz4", 4: "zstd"}
_COUNT = slice(57, 61)  # where a batch says how many records it has


class TooMuchError(Exception):
    """A batch unpacks to more than MOST_BYTES."""


@dataclass(frozen=True, slots=True)
class StandIn:
    """One record in the place of those of a batch; the fields of aiokafka's records."""

    offset: int
    timestamp: int
    timestamp_type: int
    value: bytes
    headers: tuple[tuple[str, bytes], ...]
    key: bytes | None = None
    checksum: int | None = None


def install() -> None:
    """Have every consumer of this process unpack within the bound; calling it again changes nothing."""
    for module in (default_records, sys.modules[DefaultRecordBatch.__module__]):
        for name, decode in _DECODERS.items():
            setattr(module, name, decode)


def stand_in(batch: Any, data: memoryview) -> StandIn:
    """The record that a batch is given as: at its last offset, so that the whole batch is done with it."""
    told = describe(_CODECS[batch.compression_type], int.from_bytes(data[_COUNT], "big"))
    return StandIn(batch.next_offset - 1, max(0, batch.max_timestamp), batch.timestamp_type, bytes(data), ((HEADER, told),))


def _gzip_decode(payload: Any) -> bytes:
    pieces, left = [], MOST_BYTES + 1
    data: bytes = bytes(payload)
    while data:
        unpacker = zlib.decompressobj(_GZIP)
        pieces.append(unpacker.decompress(data, left))
        left -= len(pieces[-1])
        if left <= 0:
            raise TooMuchError
        if not unpacker.eof:
            raise EOFError("a gzip batch that was cut off")
        data = unpacker.unused_data
    return b"".join(pieces)


def _snappy_decode(payload: bytes) -> bytes:
    if _unpacked_snappy(payload) > MOST_BYTES:
        raise TooMuchError
    return bytes(snappy_decode(payload))


def _unpacked_snappy(payload: bytes) -> int:
    """Bytes that snappy's blocks say they unpack to."""
    if not payload.startswith(_XERIAL):
        return int(cramjam.snappy.decompress_raw_len(payload))
    size, at = 0, _XERIAL_HEADER
    while at < len(payload):
        end = at + 4 + int.from_bytes(payload[at : at + 4], "big")
        size += cramjam.snappy.decompress_raw_len(payload[at + 4 : end])
        at = end
    return size


def _into(codec: Any) -> Callable[[bytes], bytes]:
    """A decoder that writes into memory of MOST_BYTES, of which what is not written is never there."""

    def decode(payload: bytes) -> bytes:
        room = mmap.mmap(-1, MOST_BYTES)
        try:
            size = codec.decompress_into(payload, room)
        except cramjam.DecompressionError as error:
            if "whole buffer" in str(error):
                raise TooMuchError from error
            raise
        return room[:size]

    return decode


_DECODERS = {
    "gzip_decode": _gzip_decode,
    "snappy_decode": _snappy_decode,
    "lz4_decode": _into(cramjam.lz4),
    "zstd_decode": _into(cramjam.zstd),
}
