"""An owner whose partition is taken away while it commits: whoever awaits the commit is told at once."""

import asyncio

import pytest
from aiokafka import TopicPartition

from agents.owner import Owner, OwnerLost
from agents.settings import Settings


class Client:
    async def close(self) -> None:
        pass


class Producer:
    """A producer as aiokafka's is once it was stopped within a transaction: the commit is never answered."""

    def __init__(self) -> None:
        self.client, self.asked = Client(), asyncio.Event()

    async def begin_transaction(self) -> None:
        pass

    async def send_offsets_to_transaction(self, offsets: object, group: str) -> None:
        pass

    async def commit_transaction(self) -> None:
        self.asked.set()
        await asyncio.Event().wait()

    async def stop(self) -> None:
        pass


def owner() -> tuple[Owner, Producer]:
    producer = Producer()
    return Owner(TopicPartition("articles.raw", 0), producer, Settings()), producer


async def test_closed_while_it_commits():
    owned, producer = owner()
    commit = asyncio.create_task(owned.commit([], 5))
    await producer.asked.wait()
    await owned.close()
    with pytest.raises(OwnerLost) as lost:
        await asyncio.wait_for(commit, 5)
    assert not lost.value.fenced
    assert owned.next_offset == 0


async def test_closed_before_it_commits():
    owned, producer = owner()
    await owned.close()
    with pytest.raises(OwnerLost):
        await asyncio.wait_for(owned.commit([], 5), 5)
    assert not producer.asked.is_set()


async def test_the_one_who_commits_is_cancelled():
    owned, producer = owner()
    commit = asyncio.create_task(owned.commit([], 5))
    await producer.asked.wait()
    commit.cancel()
    with pytest.raises(asyncio.CancelledError):
        await commit
