"""Reading the dead letters and sending them again.

What was replayed is marked in the same transaction that replays it: for each partition the group `<group>-replay` commits the first
offset that was not replayed, and as the commit's metadata the replayed ranges above it. No dead letter is replayed twice, or lost.
"""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata

from agents import kafka
from agents.clock import moment
from agents.settings import Settings
from agents.topics import Topic
from pipeline.deadletters import ATTEMPT, REASON

ATTEMPTS = 3
_BATCH = 200
_RETRY_SECONDS = 0.2
_LONGEST_ATTEMPT = 9
_METADATA_BYTES = 4000
_OURS = ("vigie.", "__connect.errors.")


class TooScattered(Exception):
    """What was replayed lies in too many pieces to be marked; a wider filter helps."""


@dataclass(frozen=True)
class DeadLetter:
    """A dead letter as it lies in its topic."""

    partition: int
    offset: int
    when: datetime
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]

    @property
    def reason(self) -> str:
        """Why it is a dead letter."""
        return self._header(REASON) or "unknown"

    @property
    def message(self) -> str:
        """The explanation that goes with the reason."""
        return self._header("__connect.errors.exception.message") or ""

    @property
    def attempt(self) -> int:
        """How often it was replayed before it came back."""
        text = self._header(ATTEMPT) or "0"
        return int(text) if text.isascii() and text.isdigit() and len(text) < _LONGEST_ATTEMPT else 0

    @property
    def origin(self) -> str:
        """Where the raw event lay: topic, partition and offset."""
        return "/".join(self._header(f"__connect.errors.{name}") or "?" for name in ("topic", "partition", "offset"))

    def again(self) -> tuple[bytes | None, bytes | None, list[tuple[str, bytes | None]]]:
        """Key, value and headers of the raw event, with the attempt counted."""
        kept = [(name, value) for name, value in self.headers if not name.startswith(_OURS)]
        return self.key, self.value, [*kept, (ATTEMPT, str(self.attempt + 1).encode())]

    def _header(self, name: str) -> str | None:
        found = [value for key, value in self.headers if key == name]
        return found[-1].decode("utf-8", "replace") if found and found[-1] is not None else None


@dataclass(frozen=True)
class Filter:
    """Which dead letters are meant; what is None does not matter."""

    reason: str | None = None
    partition: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    def __call__(self, letter: DeadLetter) -> bool:
        """Whether a dead letter is meant."""
        return (
            self.reason in (None, letter.reason)
            and self.partition in (None, letter.partition)
            and (self.since is None or letter.when >= self.since)
            and (self.until is None or letter.when < self.until)
        )


async def read(settings: Settings) -> list[DeadLetter]:
    """Read every dead letter that is kept, in the order of partition and offset."""
    async with kafka.consumer(settings) as consumer:
        return [_letter(record) async for record in kafka.records(consumer, settings, settings.topic(Topic.DEAD_LETTERS))]


def _letter(record: Any) -> DeadLetter:
    when = moment(record.timestamp)
    return DeadLetter(record.partition, record.offset, when, record.key, record.value, tuple(record.headers))


class Marks:
    """Offsets that were replayed, by partition: as a first offset that was not, and ranges above it."""

    def __init__(self) -> None:
        self._done: dict[int, set[int]] = {}
        self._floor: dict[int, int] = {}

    @classmethod
    async def read(cls, settings: Settings) -> "Marks":
        """Read the marks of earlier replays."""
        marks = cls()
        for partition, committed in (await _committed(settings)).items():
            marks.know(partition.partition, committed)
        return marks

    def know(self, partition: int, committed: OffsetAndMetadata) -> None:
        """Take in what an earlier replay committed."""
        if committed.offset >= 0:
            self._floor[partition] = committed.offset
            self._done[partition] = set(_from_ranges(committed.metadata or ""))

    def __contains__(self, letter: DeadLetter) -> bool:
        return letter.offset < self._floor.get(letter.partition, 0) or letter.offset in self._done.get(letter.partition, ())

    def add(self, letters: Iterable[DeadLetter]) -> None:
        """Mark dead letters as replayed."""
        for letter in letters:
            self._done.setdefault(letter.partition, set()).add(letter.offset)

    def offsets(self, topic: str, all_letters: Iterable[DeadLetter]) -> dict[TopicPartition, OffsetAndMetadata]:
        """What to commit, given every dead letter that is kept; TooScattered past what a commit can hold."""
        known: dict[int, list[int]] = {}
        for letter in all_letters:
            known.setdefault(letter.partition, []).append(letter.offset)
        commits = {}
        for partition, done in self._done.items():
            from_here = self._floor.get(partition, 0)
            open_ones = [offset for offset in known.get(partition, ()) if offset not in done and offset >= from_here]
            floor = min(open_ones) if open_ones else max(from_here, max(done, default=-1) + 1)
            ranges = _to_ranges(sorted(offset for offset in done if offset > floor))
            if len(ranges) > _METADATA_BYTES:
                raise TooScattered(f"partition {partition}: too many separate dead letters are marked; replay with a wider filter")
            commits[TopicPartition(topic, partition)] = OffsetAndMetadata(floor, ranges)
        return commits


async def _committed(settings: Settings) -> dict[TopicPartition, OffsetAndMetadata]:
    """Ask for the marks until the group's coordinator answers: a new Kafka makes its topic when it is first asked."""
    async with kafka.admin(settings) as admin, asyncio.timeout(settings.kafka_timeout):
        while True:
            try:
                offsets: dict[TopicPartition, OffsetAndMetadata] = await kafka.committed(admin, settings, group(settings))
            except KafkaError as error:
                if not error.retriable:
                    raise
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                return offsets


def group(settings: Settings) -> str:
    """Name of the group whose commits mark what was replayed."""
    return f"{settings.full_group}-replay"


def _to_ranges(offsets: Iterable[int]) -> str:
    pieces: list[list[int]] = []
    for offset in offsets:
        if pieces and offset == pieces[-1][1] + 1:
            pieces[-1][1] = offset
        else:
            pieces.append([offset, offset])
    return ",".join(f"{first}-{last}" for first, last in pieces)


def _from_ranges(text: str) -> Iterator[int]:
    for piece in filter(None, text.split(",")):
        first, _, last = piece.partition("-")
        yield from range(int(first), int(last) + 1)


async def replay(settings: Settings, wanted: Filter, progress: Any) -> dict[str, int]:
    """Send dead letters to articles.raw again; answers how many were `replayed`, `exhausted` (3 attempts) and `done` before.

    `progress(done, total)` is called after each transaction.
    """
    async with kafka.producer(settings, group=group(settings), transactional_id=group(settings)) as producer:
        # Only now, with every earlier replay ended or fenced, is what they marked final.
        letters, marks = await read(settings), await Marks.read(settings)
        meant = [letter for letter in letters if wanted(letter)]
        due = [letter for letter in meant if letter not in marks and letter.attempt < ATTEMPTS]
        exhausted = sum(letter.attempt >= ATTEMPTS for letter in meant)
        for start in range(0, len(due), _BATCH):
            batch = due[start : start + _BATCH]
            marks.add(batch)
            offsets = marks.offsets(settings.topic(Topic.DEAD_LETTERS), letters)
            async with producer.transaction():
                await _send(producer, settings.topic(Topic.RAW), batch)
                await producer.send_offsets_to_transaction(offsets, group(settings))
            progress(start + len(batch), len(due))
    return {"replayed": len(due), "exhausted": exhausted, "done": len(meant) - len(due) - exhausted}


async def _send(producer: Any, topic: str, letters: Iterable[DeadLetter]) -> None:
    """Send dead letters as raw events, and wait for each; the first failure is raised once none is under way."""
    deliveries = []
    try:
        for letter in letters:
            key, value, headers = letter.again()
            if key is None and value is None:  # which send() does not take
                batch = producer.create_batch()
                batch.append(key=None, value=None, timestamp=None, headers=headers)
                batch.close()
                deliveries.append(await producer.send_batch(batch, topic, partition=0))
            else:
                deliveries.append(await producer.send(topic, value, key=key, headers=headers))
    finally:
        outcomes = await asyncio.gather(*deliveries, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
