"""Kafka clients for the commands, each started within a bound, stopped at the end, and clear when no broker answers."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    GroupCoordinatorNotAvailableError,
    GroupLoadInProgressError,
    KafkaError,
    NotCoordinatorForGroupError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)

from agents import connection, lenient
from agents.acl import Right, naming
from agents.settings import Settings
from agents.topics import TopicsError, missing_message

_Answer = TypeVar("_Answer")
_START_SECONDS = 15.0
_COORDINATOR_WAITS = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4)


_OF_RIGHTS = (TopicAuthorizationFailedError, GroupAuthorizationFailedError, TransactionalIdAuthorizationFailed)


class NoBroker(Exception):
    """No broker answers, or it does not let us in; the message says where, why, and what to do."""


@asynccontextmanager
async def _started(client: Any, stop: Any, settings: Settings, operation: str, **used: str) -> AsyncIterator[Any]:
    """Start a client, and stop it at the end; what it lacks the right for is named (`operation` and `used` as for `naming`)."""
    with naming(settings, operation, **used):
        await _start(client, stop, settings)
        try:
            yield client
        finally:
            await stop()


async def _start(client: Any, stop: Any, settings: Settings) -> None:
    """Start a client, or say in words why that cannot be."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what it would say, NoBroker says
    try:
        async with asyncio.timeout(_START_SECONDS):
            await client.start()
    except (KafkaError, TimeoutError, OSError) as error:
        await stop()
        if isinstance(error, _OF_RIGHTS):  # somebody does answer
            raise
        if why := await connection.refusal(settings):
            raise NoBroker(why) from error
        raise NoBroker(
            f"no Kafka answers at {settings.broker} ({type(error).__name__}); start one with: vigie broker start, "
            "or set VIGIE_BROKER to the address of yours"
        ) from error


def explain(error: KafkaError) -> str:
    """Say in one line what Kafka refused, and where to look."""
    return f"Kafka refused: {str(error).strip() or type(error).__name__}; see: vigie doctor"


@asynccontextmanager
async def admin(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    """Open an admin client; NoBroker when none answers, MissingRight for what it may not do."""
    client = AIOKafkaAdminClient(**connection.options(settings))
    async with _started(client, client.close, settings, "Describe"):
        yield client


@asynccontextmanager
async def consumer(settings: Settings, **options: Any) -> AsyncIterator[AIOKafkaConsumer]:
    """Open a consumer that reads committed records alone and commits nothing; NoBroker when none answers, MissingRight."""
    defaults = {"isolation_level": "read_committed", "enable_auto_commit": False, "auto_offset_reset": "earliest"}
    lenient.install()
    client = AIOKafkaConsumer(**connection.options(settings), **(defaults | options))
    async with _started(client, client.stop, settings, "Read"):
        yield client


@asynccontextmanager
async def producer(settings: Settings, *, group: str = "", ids: str = "", **options: Any) -> AsyncIterator[AIOKafkaProducer]:
    """Open an idempotent producer that may send the largest event; NoBroker when none answers, MissingRight.

    `group` is the one whose offsets it commits, `ids` how the transactional ids begin on which rights are granted together.
    """
    defaults = {"enable_idempotence": True, "max_request_size": settings.output_bytes, "linger_ms": 5}
    client = AIOKafkaProducer(**connection.options(settings), **(defaults | options))
    async with _started(client, client.stop, settings, "Write", group=group, ids=ids):
        yield client


async def patiently(ask: Callable[[], Awaitable[_Answer]]) -> _Answer:
    """Ask a coordinator; waits, as clients do, while a fresh broker sets it up."""
    for wait in _COORDINATOR_WAITS:
        try:
            return await ask()
        except (GroupCoordinatorNotAvailableError, GroupLoadInProgressError, NotCoordinatorForGroupError):
            await asyncio.sleep(wait)
    return await ask()


async def committed(client: AIOKafkaAdminClient, settings: Settings, group: str) -> dict[TopicPartition, Any]:
    """Read the offsets that a group has committed; MissingRight."""
    with naming(settings, "Read", group=group):
        offsets: dict[TopicPartition, Any] = await patiently(lambda: client.list_consumer_group_offsets(group))
    return offsets


async def partitions(client: AIOKafkaConsumer, settings: Settings, topic: str) -> list[TopicPartition]:
    """List the partitions of a topic, by its full name; TopicsError when there is no such topic."""
    # `topics()` leaves the client's own metadata as it is, so `partitions_for_topic` would know nothing of the topic yet
    cluster = await client._client.fetch_all_metadata()  # noqa: SLF001 - the only way to ask
    numbers = cluster.partitions_for_topic(topic)
    if not numbers:
        raise TopicsError(missing_message([Right("Read", "topic", topic)], settings))
    return [TopicPartition(topic, number) for number in sorted(numbers)]


async def records(client: AIOKafkaConsumer, settings: Settings, topic: str) -> AsyncIterator[Any]:
    """Read a topic, by its full name, from its beginning to the end that it has now, partition by partition."""
    for partition in await partitions(client, settings, topic):
        client.assign([partition])
        start = (await client.beginning_offsets([partition]))[partition]
        end = (await client.end_offsets([partition]))[partition]
        client.seek(partition, start)
        while await client.position(partition) < end:
            for record in (await client.getmany(partition, timeout_ms=500)).get(partition, ()):
                if record.offset < end:
                    yield record
