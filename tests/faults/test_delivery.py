"""The short form of the faults of delivery; the full form is `make faults PART=...`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agents.broker import LocalBroker
from tests.faults import fuzz, kills, network, outage, pause, poison, rebalance, report, world
from tests.fixtures.kafka import own_broker

pytestmark = pytest.mark.broker

PROXIED = network.extra()


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalBroker]:
    """A broker that these tests may kill."""
    data = tmp_path_factory.mktemp("faults")
    with own_broker(data, PROXIED) as running:
        yield running


@pytest.fixture(autouse=True)
def short_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enough that no worker is without pages; what lies there at the end is waited for."""
    monkeypatch.setattr(world, "AHEAD", 200)


def whole(figures: dict[str, Any]) -> None:
    assert not report.wrong(figures), figures
    assert figures["events"] > 0
    assert figures["records"]["articles.enriched"] == figures["events"]
    assert len(figures["first"]) == figures["marks"], "work went on after each fault"


async def test_kill_9_of_workers(broker: LocalBroker, tmp_path: Path):
    whole(await kills.run(broker, tmp_path, seed=4, kills=3, least=0))


async def test_members_and_workers_that_join_and_leave(broker: LocalBroker, tmp_path: Path):
    whole(await rebalance.run(broker, tmp_path, seed=1, rebalances=10))


async def test_pause_past_the_session(broker: LocalBroker, tmp_path: Path):
    whole(await pause.run(broker, tmp_path, seed=1, pauses=1))


async def test_network(broker: LocalBroker, tmp_path: Path):
    whole(await network.run(broker, tmp_path, seed=0, extra=PROXIED, faults=4, longest=4))


async def test_kill_9_of_the_broker(broker: LocalBroker, tmp_path: Path):
    whole(await outage.run(broker, tmp_path, seed=1, kills=1))


async def test_poison(broker: LocalBroker, tmp_path: Path):
    figures = await poison.run(broker, tmp_path, seed=0, pages=200, every=50)
    assert not report.wrong(figures), figures
    assert figures["kinds"] == dict.fromkeys(("raise", "hang", "eat", "die"), 1)
    assert figures["records"]["articles.enriched"] == 196


async def test_hostile_inputs(broker: LocalBroker, tmp_path: Path):
    figures = await fuzz.run(broker, tmp_path, seed=1, count=500, huge=False)
    assert not report.wrong(figures), figures
    assert figures["kinds"]["valid"] >= 0.3 * 500
