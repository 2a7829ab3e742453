"""Cutting records into batches of about the wanted work."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from agents.owner import Owner
from agents.parts import parts, size_of
from agents.settings import Settings

# What a page costs before any was measured: a guess on the slow side, so that the first batches are small.
_FIRST_SECONDS_PER_BYTE = 2e-6
_WEIGHT = 0.2
# A transaction costs the worker some 5 ms however few pages it holds, so pages that wait anyway share one: a batch takes a
# quarter of the work that was fetched, up to so many times `batch_seconds`.
_SHARE, _MOST = 0.25, 5.0


@dataclass(frozen=True)
class Batch:
    """Records of one partition under the owner that they were fetched for. `done` is set when the batch is committed or given up.

    The result of `done` is True when the batch was committed.
    """

    owner: Owner
    records: Sequence[Any]
    done: asyncio.Future[bool] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    @property
    def next_offset(self) -> int:
        """The offset to commit once every record of the batch is done."""
        return int(self.records[-1].offset) + 1


class Cutter:
    """Closes batches by records, bytes, or the work that these bytes are expected to be."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._seconds_per_byte = _FIRST_SECONDS_PER_BYTE

    def learn(self, size: int, seconds: float) -> None:
        """Move the expected cost of a byte towards what a batch of `size` bytes cost, in CPU seconds."""
        if size and seconds:
            self._seconds_per_byte += _WEIGHT * (seconds / size - self._seconds_per_byte)

    def cut(self, records: Sequence[Any], most: int) -> Iterator[Sequence[Any]]:
        """Cut records into batches, each of at least one and of at most `most` records, in order."""
        least = self._settings.batch_seconds * self._settings.slots / max(self._seconds_per_byte, 1e-9)
        waiting = sum(map(size_of, records))
        budget = min(max(least, waiting * _SHARE), least * _MOST, self._settings.batch_bytes)
        return parts(records, most, budget, size_of)
