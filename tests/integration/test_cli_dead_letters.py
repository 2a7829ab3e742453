"""`vigie dead-letters` on a real Kafka."""

import asyncio

import pytest

from agents.broker import LocalBroker
from tests.fixtures.commands import Vigie, objects, write

pytestmark = pytest.mark.broker


@pytest.fixture(scope="module")
def letters(kafka: LocalBroker, vigie: Vigie, prefix: str) -> None:
    """Two dead letters as a worker writes them, one with bytes that are no text and a key that would be markup."""
    headers = [("vigie.reason", b"not_json"), ("__connect.errors.exception.message", b"not JSON [red]\x1b[2J"), ("own", b"1")]
    topic = f"{prefix}articles.dead-letter"
    asyncio.run(write(kafka, topic, b"\xff\x00[bold]", key=b"[red]https://example.org", headers=headers, partition=0))
    asyncio.run(write(kafka, topic, b"{}", headers=[("vigie.reason", b"empty"), ("vigie.attempt", b"3")], partition=1))


def test_dead_letters_are_listed_and_filtered(vigie: Vigie, letters: None):
    assert [each["reason"] for each in objects(vigie("dead-letters", "list", "--json"))] == ["not_json", "empty"]
    listed = vigie("dead-letters", "list").stdout
    assert "[red]https://example.org" in listed
    assert "2 dead letters: 1 not_json, 1 empty" in listed
    assert "\x1b" not in listed
    assert len(objects(vigie("dead-letters", "list", "--json", "--reason", "empty"))) == 1
    assert objects(vigie("dead-letters", "list", "--json", "--partition", "1", "--until", "2020-01-01T00:00:00Z")) == []
    assert len(objects(vigie("dead-letters", "list", "--json", "--since", "2020-01-01"))) == 2


def test_dead_letter_is_shown_whole(vigie: Vigie, letters: None):
    shown = vigie("dead-letters", "show", "0:0")
    assert "header  own: 1" in shown.stdout
    assert "\\xff" in shown.stdout
    assert "\x1b" not in shown.stdout
    assert vigie("dead-letters", "show", "0:0", "--raw").stdout_bytes == b"\xff\x00[bold]"
    assert objects(vigie("dead-letters", "show", "0:0", "--json"))[0]["headers"]["vigie.reason"] == "not_json"
    assert vigie("dead-letters", "show", "0:77").exit_code == 1


def test_dead_letters_are_replayed_once_and_not_for_ever(vigie: Vigie, letters: None):
    assert objects(vigie("dead-letters", "replay", "--json")) == [{"replayed": 1, "exhausted": 1, "done": 0}]
    assert "replayed 0; 1 were replayed before; 1 have had their 3 attempts" in " ".join(
        vigie("dead-letters", "replay").stdout.split()
    )
    rows = objects(vigie("dead-letters", "list", "--json"))
    assert [(each["reason"], each["replayed"]) for each in rows] == [("not_json", True), ("empty", False)]
