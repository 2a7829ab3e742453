"""The enrich agent between a pool and an owner that are real in all but Kafka and processes."""

import asyncio
from collections.abc import Iterable, Sequence

import pytest
from aiokafka import TopicPartition

from agents.batch import Batch, Cutter
from agents.enrich import Enricher, TooManyDeadLetters
from agents.messages import Outcome, Output, Record, Refusal
from agents.metrics import CollectorRegistry, Metrics
from agents.owner import OwnerLost
from agents.settings import Settings
from agents.topics import Topic
from pipeline.errors import Reason
from tests.agents.records import record

PARTITION = TopicPartition("articles.raw", 0)


class Owner:
    """Commits to a list; `takes` says whether it takes a transaction."""

    def __init__(self, takes: type[OwnerLost] | OwnerLost | None = None) -> None:
        self.partition, self.next_offset = PARTITION, 0
        self.committed: list[Output] = []
        self._refuses = takes

    async def commit(self, outputs: Iterable[Output], next_offset: int) -> None:
        outputs = list(outputs)
        if self._refuses and any(output.value == b"large" and output.topic is Topic.ARTICLES for output in outputs):
            raise self._refuses
        self.committed += outputs
        self.next_offset = next_offset


class Pool:
    """Answers each record with an output of its value; `fail` is refused as internal, `bug` raises."""

    async def run(self, records: Sequence[Record], _rules: None) -> list[Outcome]:
        if any(each.value == b"bug" for each in records):
            raise RuntimeError("a fault of the pool")
        return [self._outcome(each) for each in records]

    def _outcome(self, given: Record) -> Outcome:
        if given.value == b"fail":
            return Outcome(refusal=Refusal(Reason.INTERNAL, "m", "process", "ValueError"))
        return Outcome(outputs=(Output(Topic.ARTICLES, b"id", given.value, ()),))


class Source:
    """What the agent tells the source."""

    def __init__(self, settings: Settings) -> None:
        self.cutter, self.ended, self.narrowed = Cutter(settings), None, 0

    def narrow(self, batch: Batch) -> bool:
        self.narrowed += 1
        return len(batch.records) == 1

    def widen(self, batch: Batch) -> None:
        pass

    def end(self, error: BaseException) -> None:
        self.ended = error


TOO_LARGE = OwnerLost(fenced=False, too_large=True, cause=ValueError("too large"))
FENCED = OwnerLost(fenced=True, too_large=False, cause=ValueError("fenced"))


def make(**settings: float) -> Enricher:
    chosen = Settings(**settings)
    enricher = Enricher(chosen, Metrics(CollectorRegistry()), Pool(), lambda: None)
    enricher.source = Source(chosen)
    return enricher


async def handle(enricher: Enricher, owner: Owner, *values: bytes | None, first: int = 0) -> bool:
    batch = Batch(owner, [record(first + index, value) for index, value in enumerate(values)])
    await asyncio.wait_for(enricher.handle(batch), 5)
    return batch.done.result()


async def test_outputs_and_the_offset_in_one_commit():
    owner = Owner()
    assert await handle(make(), owner, b"a", None, b"b", first=7)
    assert [each.value for each in owner.committed] == [b"a", None, b"b"]
    assert owner.next_offset == 10


async def test_refusal_becomes_a_dead_letter_with_key_bytes_and_headers():
    owner = Owner()
    assert await handle(make(), owner, b"a", b"fail")
    _, dead = owner.committed
    assert (dead.topic, dead.key, dead.value) == (Topic.DEAD_LETTERS, b"key", b"fail")
    headers = dict(dead.headers)
    assert (headers["vigie.reason"], headers["__connect.errors.offset"]) == (b"internal", b"1")


async def test_output_too_large_is_refused_by_the_next_owner():
    enricher = make()
    assert not await handle(enricher, Owner(TOO_LARGE), b"a", b"large")
    assert not await handle(enricher, Owner(TOO_LARGE), b"large", first=1)
    owner = Owner(TOO_LARGE)
    assert await handle(enricher, owner, b"large", first=1)
    (dead,) = owner.committed
    assert dict(dead.headers)["vigie.reason"] == b"output_too_large"
    assert await handle(enricher, owner, b"large, but another page", first=2)
    assert owner.committed[-1].topic is Topic.ARTICLES


async def test_fenced_owner_commits_nothing_and_condemns_nothing():
    enricher = make()
    assert not await handle(enricher, Owner(FENCED), b"large")
    assert enricher.source.narrowed == 0
    owner = Owner()
    assert await handle(enricher, owner, b"large")
    assert owner.committed[0].topic is Topic.ARTICLES


async def test_fault_of_ours_is_found_and_refused_as_internal():
    enricher, owner = make(), Owner()
    assert not await handle(enricher, owner, b"a", b"bug")
    assert not await handle(enricher, owner, b"bug", first=1)
    assert not await handle(enricher, owner, b"bug", first=1)
    assert await handle(enricher, owner, b"bug", first=1)
    assert dict(owner.committed[0].headers)["vigie.reason"] == b"internal"


@pytest.mark.parametrize(("failures", "ends"), [(5, False), (6, True)])
async def test_past_the_ratio_the_worker_ends_and_commits_nothing(failures: int, *, ends: bool):
    enricher, owner = make(dead_letter_window=10, dead_letter_ratio=0.5), Owner()
    values = [b"fail"] * failures + [b"a"] * (10 - failures)
    assert await handle(enricher, owner, *values) is not ends
    assert isinstance(enricher.source.ended, TooManyDeadLetters) is ends
    assert bool(owner.committed) is not ends


async def test_who_stops_says_how_the_last_page_failed():
    enricher = make(dead_letter_window=50)
    await handle(enricher, Owner(), *[b"fail"] * 50)
    assert str(enricher.source.ended) == (
        "the last 50 pages failed by no fault of their own, the last of them so: m. See also: vigie doctor"
    )
