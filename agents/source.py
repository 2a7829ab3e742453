"""Records of articles.raw in transactional batches: who owns a partition, what comes next, and what happens when either changes.

One consumer for the worker, one task and one `Owner` a partition. A task fetches, cuts batches, hands them to the enrich agent
through a bounded channel and waits for each, so a partition has one batch under way; what was fetched under a lost owner is dropped
with it, and the next owner starts from the committed offset.
"""

import asyncio
import contextlib
import logging
import os
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError
from mode import Service

from agents import connection, kafka, lenient, rights
from agents.batch import Batch, Cutter
from agents.log import get_logger
from agents.metrics import Metrics
from agents.owner import Owner, OwnerLost
from agents.settings import Settings
from agents.topics import Topic

_FETCH_MS = 500
_METADATA_MS = 30_000  # how soon a partition that was added is read; aiokafka's own 5 minutes would look like a loss
_FETCH_BYTES = 4 * 1024 * 1024
_BACKOFF_SECONDS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0)
_ANSWER_SECONDS = 5.0
EXIT_STALLED = 75
log = get_logger(__name__)
_mundane = logging.getLogger("mode.source")
Put = Callable[[Batch], Awaitable[Any]]


class Source(Service, ConsumerRebalanceListener):  # type: ignore[misc]  # faust and aiokafka carry no types
    """The service that owns the consumer. `put` hands a batch to the enrich agent; `gate` is awaited before the first fetch.

    `checked` says that somebody has seen that the topics and our rights are there.
    """

    logger = _mundane

    def __init__(
        self,
        settings: Settings,
        metrics: Metrics,
        put: Put,
        gate: Callable[[], Awaitable[Any]],
        start_from: datetime | None,
        *,
        client_id: str,
        checked: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self._on_stall: Callable[[], None] = partial(os._exit, EXIT_STALLED)
        self.settings = settings
        self.metrics = metrics
        self.cutter = Cutter(settings)
        self.joined = False
        self.answering = False
        self.topics_present = True
        self._failing: set[TopicPartition] = set()
        self._checked = checked
        self._put, self._gate, self._start_from, self._client_id = put, gate, start_from, client_id
        self._most: dict[TopicPartition, int] = {}
        self._moved: dict[TopicPartition, float] = {}
        self._owners: dict[TopicPartition, asyncio.Task[None]] = {}
        self._draining = asyncio.Event()
        self._left = monotonic()

    # --- life ------------------------------------------------------------------------------------------------------

    async def on_start(self) -> None:
        """Check that every topic exists and that we may work on them, where nobody has, then join the group."""
        if not self._checked:
            async with kafka.admin(self.settings) as admin:
                await rights.require(admin, self.settings)
        lenient.install()
        self._consumer = AIOKafkaConsumer(
            **connection.options(self.settings),
            group_id=self.settings.full_group,
            client_id=self._client_id,
            enable_auto_commit=False,
            isolation_level="read_committed",
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=_FETCH_BYTES,
            session_timeout_ms=int(self.settings.session_timeout * 1000),
            heartbeat_interval_ms=int(self.settings.session_timeout * 100),
            request_timeout_ms=int(self.settings.kafka_timeout * 1000),
            metadata_max_age_ms=_METADATA_MS,
            max_poll_interval_ms=10**12,  # a spare member fetches nothing, and must not be taken for a hanging one
        )
        await self._consumer.start()
        self._consumer.subscribe([self.settings.topic(Topic.RAW)], listener=self)

    async def drain(self) -> None:
        """Take nothing new, let the batches in hand commit within `stop_timeout`, and leave the group."""
        if self._draining.is_set() or not hasattr(self, "_consumer"):
            return
        self._draining.set()
        await self._give_up(list(self._owners))
        with contextlib.suppress(KafkaError, TimeoutError, OSError):
            async with asyncio.timeout(_ANSWER_SECONDS):
                await self._consumer.stop()

    async def on_stop(self) -> None:
        """Drain, if the app has not done so."""
        await self.drain()

    # --- rebalances ------------------------------------------------------------------------------------------------

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Let the batches in hand commit or abort, within a bound, then stop the producers."""
        self.metrics.rebalances.inc()
        self.joined = False
        self._left = monotonic()
        await self._give_up(revoked)

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Start a task for each partition; it becomes an owner by itself, so that the group does not wait for it."""
        self.joined = True
        log.info("partitions.assigned", partitions=sorted(each.partition for each in assigned))
        for partition in assigned:
            if partition not in self._owners and not self._draining.is_set():
                self._moved[partition] = monotonic()
                self._owners[partition] = task = asyncio.create_task(self._serve(partition), name=f"serve-{partition.partition}")
                task.add_done_callback(self._on_ended)

    def _on_ended(self, task: asyncio.Task[None]) -> None:
        """A task that ended by a fault of ours would leave its partition standing still: end the worker instead, loudly."""
        if not task.cancelled() and (error := task.exception()):
            log.error("partition.crashed", exc_info=error)
            self.end(error)

    async def _give_up(self, partitions: Iterable[TopicPartition]) -> None:
        """End the tasks of partitions: at their next pause, or, past the bound, wherever they are."""
        tasks = [task for partition in partitions if (task := self._owners.pop(partition, None))]
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=self.settings.stop_timeout)
        for task in late:
            task.cancel()
        if late:
            log.warning("partitions.cancelled", count=len(late))
            await asyncio.wait(late, timeout=self.settings.stop_timeout)

    def _mine(self, partition: TopicPartition) -> bool:
        """Whether the running task is still the one that serves the partition."""
        return not self._draining.is_set() and self._owners.get(partition) is asyncio.current_task()

    # --- the way of a partition ------------------------------------------------------------------------------------

    async def _serve(self, partition: TopicPartition) -> None:
        """Own a partition until it is revoked; after a failure own it anew, more slowly each time that nothing was achieved."""
        await self._gate()
        failures = 0
        while self._mine(partition):
            most = self._most.get(partition)
            achieved = await self._own(partition)
            failures = 0 if achieved or self._most.get(partition) != most else failures + 1
            if self._mine(partition):
                if failures > 1:
                    self._failing.add(partition)
                await asyncio.sleep(_BACKOFF_SECONDS[min(failures, len(_BACKOFF_SECONDS) - 1)])
        self._failing.discard(partition)
        with contextlib.suppress(KeyError):
            self.metrics.consumer_lag.remove(str(partition.partition))

    async def _own(self, partition: TopicPartition) -> bool:
        """Take the partition and deliver its batches until it is lost; answers whether any batch was committed."""
        achieved = False
        owner = None
        try:
            owner = await Owner.take(partition, self.settings)
            await self._position(owner)
            while self._mine(partition):
                for batch in await self._batches(owner):
                    if not self._mine(partition):
                        break
                    await self._put(batch)
                    if not await batch.done:
                        return achieved
                    achieved = True
                    self._advance(partition)
        except (OwnerLost, KafkaError, TimeoutError, OSError) as error:
            log.warning("owner.failed", partition=partition.partition, error=f"{type(error).__name__}: {error}")
        finally:
            if owner:
                await owner.close()
        return achieved

    async def _position(self, owner: Owner) -> None:
        """Start where the last committed transaction ended; only after `init_transactions` is that offset final."""
        partition = owner.partition
        async with asyncio.timeout(self.settings.kafka_timeout):
            committed = await self._consumer.committed(partition)
            end = (await self._consumer.end_offsets([partition]))[partition]
            if committed is None and self._start_from:
                found = await self._consumer.offsets_for_times({partition: int(self._start_from.timestamp() * 1000)})
                committed = found[partition].offset if found[partition] else end
            if committed is None:
                committed = (await self._consumer.beginning_offsets([partition]))[partition]
            if committed > end:  # the log was cut: what is there now was never read
                log.error("partition.truncated", partition=partition.partition, committed=committed, end=end)
                committed = (await self._consumer.beginning_offsets([partition]))[partition]
        self._consumer.seek(partition, committed)
        owner.next_offset = committed

    async def _batches(self, owner: Owner) -> list[Batch]:
        """Fetch the records that come next, cut into batches; none after a while without any."""
        partition = owner.partition
        most = self._most.get(partition, self.settings.batch_records)
        fetched = await self._consumer.getmany(partition, timeout_ms=_FETCH_MS, max_records=self.settings.batch_records)
        records = [record for record in fetched.get(partition, ()) if record.offset >= owner.next_offset]
        reached = records[0].offset if records else await self._consumer.position(partition)
        stable = self._consumer.last_stable_offset(partition)
        if not records and reached > owner.next_offset:
            await owner.commit((), reached)  # what lies between are markers of others' transactions: they are not left waiting
        if stable is not None:
            self.metrics.consumer_lag.labels(str(partition.partition)).set(max(0, stable - reached))
            if stable <= reached:
                self._advance(partition)
        return [Batch(owner, part) for part in self.cutter.cut(records, most)]

    # --- what the enrich agent tells -------------------------------------------------------------------------------

    def end(self, error: BaseException) -> None:
        """End the worker, with exit code 1."""
        self.add_future(self.crash(error))

    @property
    def delivering(self) -> bool:
        """Whether no partition has failed twice in a row without a commit since, nor with nothing left to do."""
        return not self._failing

    def _advance(self, partition: TopicPartition) -> None:
        """A batch was committed, or none waits."""
        self._moved[partition] = monotonic()
        self._failing.discard(partition)

    def progress(self) -> None:
        """Count a page that was found to hang or crash as progress: looking for it takes longer than a batch."""
        self._moved.update(dict.fromkeys(self._moved, monotonic()))

    def narrow(self, batch: Batch) -> bool:
        """After a failure that may lie in a record: halve the batches of the partition. Answers whether one record is to blame."""
        if len(batch.records) == 1:
            return True
        self._most[batch.owner.partition] = max(1, len(batch.records) // 2)
        return False

    def widen(self, batch: Batch) -> None:
        """After a success: let the batches of the partition grow again."""
        most = self._most.pop(batch.owner.partition, None)
        if most and most * 2 < self.settings.batch_records:
            self._most[batch.owner.partition] = most * 2

    @Service.task
    async def _watch(self) -> None:
        """End the process when a partition stands still: its batches are not committed, or it cannot be taken or read."""
        bound = self.settings.stall_timeout
        while not self.should_stop:
            await self.sleep(min(1.0, bound / 4))
            still = [each.partition for each in self._owners if monotonic() - self._moved[each] > bound]
            outside = not self.joined and monotonic() - self._left > bound
            if (still or outside) and not self._draining.is_set():
                log.error("worker.stalled", partitions=sorted(still), seconds=bound, exit_code=EXIT_STALLED)
                self._on_stall()

    def _note(self, present: set[str]) -> None:
        """Tell, once, of topics that were deleted under the worker, and when they are all there again."""
        missing = [name for name in map(self.settings.topic, Topic) if name not in present]
        if self.topics_present and missing:
            log.error("topics.missing", message=rights.missing_message(missing, self.settings))
        self.topics_present = not missing

    @Service.task
    async def _ask_broker(self) -> None:
        """Keep `answering` true while the broker answers a metadata request, `topics_present` while it knows all of ours."""
        while not self.should_stop:
            try:
                async with asyncio.timeout(_ANSWER_SECONDS):
                    present = await self._consumer.topics()
                self.answering = True
                self._note(present)
            except (KafkaError, TimeoutError, OSError):
                self.answering = False
            await self.sleep(_ANSWER_SECONDS)
