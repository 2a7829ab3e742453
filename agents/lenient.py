r"""Records whose headers have names that are not UTF-8, which aiokafka 0.14 cannot read: it raises, at the same record each time.

Kafka itself does not look at such a name, so a single record could end every worker. `install` puts our batches in the place of
aiokafka's: the same ones, which read a batch again by aiokafka's own decoder in Python, with `\xff` for a byte that is no UTF-8,
once a name in it cannot be decoded. Nothing is lost: keys, values and the headers' values are bytes.
"""

from collections.abc import Iterator
from typing import Any, SupportsIndex

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords

from agents import unpack


def install() -> None:
    """Have every consumer of this process read such records, and unpack within a bound; calling it again changes nothing."""
    unpack.install()
    fetcher.MemoryRecords = Records


class Records:
    """What a fetch brought of a partition, as aiokafka's MemoryRecords give it, batch by batch."""

    def __init__(self, data: bytes) -> None:
        self._data, self._records, self._position = data, MemoryRecords(data), 0

    def has_next(self) -> bool:
        """Whether there is a further whole batch."""
        return bool(self._records.has_next())

    def size_in_bytes(self) -> int:
        """Bytes that were fetched."""
        return int(self._records.size_in_bytes())

    def next_batch(self) -> "Batch":
        """The next batch; a batch says its length in the 4 bytes after its first 8."""
        start = self._position
        self._position += 12 + int.from_bytes(self._data[start + 8 : start + 12], "big")
        return Batch(self._records.next_batch(), memoryview(self._data)[start : self._position])


class Batch:
    """A batch that is read by aiokafka until a name in it cannot be decoded, and then leniently from its beginning."""

    def __init__(self, batch: Any, data: memoryview) -> None:
        self._batch, self._data = batch, data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        given = 0
        try:
            for record in self._batch:
                yield record
                given += 1
        except unpack.TooMuchError:
            yield unpack.stand_in(self._batch, self._data)
        except UnicodeDecodeError:
            for number, record in enumerate(_lenient(self._data)):
                if number >= given:
                    yield record


def _lenient(data: memoryview) -> Iterator[Any]:
    batch = _DefaultRecordBatchPy(data)
    batch._maybe_uncompress()  # noqa: SLF001 - there is no other way to have the records unpacked
    batch._buffer = _Buffer(batch._buffer)  # noqa: SLF001
    return iter(batch)


class _Buffer(bytearray):
    """Bytes of which a slice decodes whatever it holds."""

    def __getitem__(self, key: SupportsIndex | slice) -> Any:
        found = super().__getitem__(key)
        return _Buffer(found) if isinstance(key, slice) else found

    def decode(self, encoding: str = "utf-8", errors: str = "backslashreplace") -> str:
        return super().decode(encoding, errors)
