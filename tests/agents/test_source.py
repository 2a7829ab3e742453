"""How a partition is taken again after failures, without a Kafka."""

import asyncio

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError

from agents import source
from agents.metrics import CollectorRegistry, Metrics
from agents.settings import Settings
from agents.source import Source

PARTITION = TopicPartition("articles.raw", 0)


async def nothing(*_: object) -> None:
    """A gate that is open, a batch that is taken."""


class Unreachable:
    """An owner that cannot be had."""

    @staticmethod
    async def take(*_: object) -> None:
        raise KafkaConnectionError("nobody answers")


async def test_a_partition_that_cannot_be_owned_is_tried_ever_more_slowly(monkeypatch: pytest.MonkeyPatch):
    made = Source(Settings(), Metrics(CollectorRegistry()), nothing, nothing, None, client_id="test")
    pauses: list[tuple[float, bool]] = []
    enough = asyncio.Event()

    async def sleep(seconds: float) -> None:
        pauses.append((seconds, made.delivering))
        if len(pauses) == 7:
            enough.set()
            await asyncio.Event().wait()

    monkeypatch.setattr(source, "Owner", Unreachable)
    monkeypatch.setattr(source.asyncio, "sleep", sleep)
    await made.on_partitions_assigned([PARTITION])
    await asyncio.wait_for(enough.wait(), 10)
    assert [seconds for seconds, _ in pauses] == [0.25, 0.5, 1.0, 2.0, 5.0, 5.0, 5.0]
    assert [delivering for _, delivering in pauses] == [True] + [False] * 6
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
