"""A partition that this worker owns: a transactional producer of its own, and the offset that comes next.

`transactional.id` is prefix + group + topic + partition, so whoever takes the partition fences whoever had it. After any
failure the owner is given up and taken again: the broker's committed offset, read after `init_transactions`, tells what was done.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Self

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import (
    InvalidProducerEpoch,
    KafkaError,
    MessageSizeTooLargeError,
    OutOfOrderSequenceNumber,
    ProducerFenced,
    RecordListTooLargeError,
)
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.structs import OffsetAndMetadata

from agents import connection
from agents.log import get_logger
from agents.messages import Output
from agents.settings import Settings
from agents.topics import Topic

_BATCH_BYTES = 512 * 1024
_STOP_SECONDS = 5.0
_FENCED = (ProducerFenced, InvalidProducerEpoch, OutOfOrderSequenceNumber)
_TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError)
log = get_logger(__name__)


def transactional_id(settings: Settings) -> str:
    """How the transactional ids of a group's producers begin; the number of the source partition follows."""
    return f"{settings.full_group}-{settings.topic(Topic.RAW)}-"


class OwnerLost(Exception):
    """The owner cannot be used any more: give it up, and take the partition again if it is still assigned."""

    def __init__(self, *, fenced: bool, too_large: bool, cause: BaseException) -> None:
        super().__init__(f"{type(cause).__name__}: {cause}")
        self.fenced = fenced
        self.too_large = too_large


class _GivenUp(Exception):
    """The partition was revoked, and its batch in hand did not end in time."""


class Owner:
    """A partition with its producer. `next_offset` is the first offset that is not committed yet."""

    def __init__(self, partition: TopicPartition, producer: AIOKafkaProducer, settings: Settings) -> None:
        self.partition = partition
        self.next_offset = 0
        self._producer = producer
        self._settings = settings
        self._partitioner = DefaultPartitioner()
        self._transaction: asyncio.Future[None] | None = None
        self._closed = False

    @classmethod
    async def take(cls, partition: TopicPartition, settings: Settings) -> Self:
        """Start a producer for the partition, which fences every earlier one. Set `next_offset` before use."""
        producer = AIOKafkaProducer(
            **connection.options(settings),
            transactional_id=f"{transactional_id(settings)}{partition.partition}",
            transaction_timeout_ms=int(settings.kafka_timeout * 1000),
            request_timeout_ms=int(settings.kafka_timeout * 1000),
            compression_type=None if settings.compression == "none" else settings.compression,
            max_batch_size=_BATCH_BYTES,
            max_request_size=settings.output_bytes,
        )
        owner = cls(partition, producer, settings)
        try:
            async with asyncio.timeout(settings.kafka_timeout):
                await producer.start()
        except BaseException:
            await owner.close()
            raise
        return owner

    async def commit(self, outputs: Iterable[Output], next_offset: int) -> None:
        """Write outputs and move the offset in one transaction; OwnerLost if anything at all goes wrong.

        A failure after the commit was asked for leaves open whether it took place; the committed offset tells the next owner.
        """
        try:
            self._transaction = asyncio.ensure_future(self._transact(outputs, next_offset))
            await self._transaction
        except (KafkaError, TimeoutError, OSError, AssertionError, _GivenUp) as error:
            too_large = isinstance(error, _TOO_LARGE)
            raise OwnerLost(fenced=isinstance(error, _FENCED), too_large=too_large, cause=error) from error
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if not self._closed or (task and task.cancelling()):  # who waits was cancelled, not the transaction alone
                raise
            raise OwnerLost(fenced=False, too_large=False, cause=_GivenUp("the partition was revoked")) from error
        self.next_offset = next_offset

    async def _transact(self, outputs: Iterable[Output], next_offset: int) -> None:
        if self._closed:
            raise _GivenUp("the partition was revoked")
        async with asyncio.timeout(self._settings.kafka_timeout):
            await self._producer.begin_transaction()
            await self._send(outputs)
            offsets = {self.partition: OffsetAndMetadata(next_offset, "")}
            await self._producer.send_offsets_to_transaction(offsets, self._settings.full_group)
            await self._producer.commit_transaction()

    async def _send(self, outputs: Iterable[Output]) -> None:
        """Write outputs as whole batches, one after the other for a partition, and wait until the broker has each."""
        grouped: defaultdict[str, list[Output]] = defaultdict(list)
        for output in outputs:
            grouped[self._settings.topic(output.topic)].append(output)
        deliveries = []
        for topic, group in grouped.items():
            partitions = sorted(await self._producer.partitions_for(topic))
            places = {key: self._partitioner(key, partitions, partitions) for key in {output.key for output in group}}
            placed: defaultdict[int, list[Output]] = defaultdict(list)
            for output in group:
                placed[places[output.key]].append(output)
            for partition, records in placed.items():
                deliveries += [
                    await self._producer.send_batch(batch, topic, partition=partition) for batch in self._batches(records)
                ]
        await asyncio.gather(*deliveries)

    def _batches(self, records: list[Output]) -> list[Any]:
        """Fill as few batches as hold the records; a record larger than a batch has one to itself."""
        batches = [self._producer.create_batch()]
        for record in records:
            while True:
                appended = batches[-1].append(key=record.key, value=record.value, timestamp=None, headers=list(record.headers))
                if appended is not None:
                    break
                batches[-1].close()
                batches.append(self._producer.create_batch())
        batches[-1].close()
        return batches

    async def close(self) -> None:
        """Stop the producer, within a bound; what it had in flight is aborted by the next owner of the partition.

        A commit that is under way fails at once: aiokafka would leave it waiting for a producer that has stopped, and with it the
        agent that has other partitions to serve.
        """
        self._closed = True
        if self._transaction:
            self._transaction.cancel()
        with contextlib.suppress(KafkaError, OSError, AssertionError):
            try:
                async with asyncio.timeout(_STOP_SECONDS):
                    await self._producer.stop()
            except TimeoutError:
                log.warning("owner.stop_timed_out", partition=self.partition.partition)
            finally:
                await self._producer.client.close()
