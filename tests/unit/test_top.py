"""`vigie top`: what two looks tell, and a frame that a terminal of 80 columns can show."""

import re

import pytest
from rich.console import Console

from agents.cli.top_frame import frame
from agents.members import address, client_id
from agents.metrics import CollectorRegistry, Metrics, exposition, values
from agents.settings import Settings
from agents.top.look import Look, Worker
from agents.top.view import of_worker, view
from tests.fixtures.notify import alert

URL = "http://127.0.0.1:6066"


def worker(pages: int, *, tags: tuple[str, ...] = (), url: str = URL) -> Worker:
    """A worker that has taken in so many pages, and a document in each of these languages."""
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    metrics.events_in.inc(pages)
    metrics.events_out.of("articles.enriched").inc(pages)
    metrics.consumer_lag.labels("0").set(5)
    metrics.ready.set(1)
    metrics.pool_memory.set(300 * 2**20)
    for tag in tags:
        metrics.languages.of(tag, "comment").inc()
    return Worker(url, values(exposition(registry).decode()))


def look(at: float, committed: int = 0, end: int = 0, *workers: Worker, **fields) -> Look:
    others = {"alerts": (), "dead": (), "dead_cut": False} | fields
    return Look(at, 1_795_600_000 + at, {0: committed, 1: 10}, {0: end, 1: 10}, workers, **others)


def drawn(looks: list[Look], fault: str = "", columns: int = 80) -> str:
    console = Console(width=columns, force_terminal=False, color_system=None, record=True, markup=False, emoji=False)
    with console.capture() as capture:
        console.print(frame(Settings(prefix="p."), looks, 2.0, fault=fault))
    return capture.get()


def test_rates_are_those_between_the_last_two_looks():
    looks = [look(0, 0, 100, worker(0)), look(10, 50, 300, worker(50)), look(12, 90, 310, worker(90))]
    found = view(looks)
    assert (found.arriving, found.taken) == (5, 20)
    assert found.emitted["articles.enriched"] == 20
    assert found.emitted["alerts"] == 0
    assert found.waiting == {0: 220, 1: 0}
    assert found.seconds_behind == 11
    assert of_worker(looks[-2], looks[-1], looks[-1].workers[0]) == 20


def test_nothing_is_made_up_where_nobody_tells():
    silent = Worker(URL, {})
    found = view([look(0, 5, 9, silent), look(2, 5, 9, silent)])
    assert set(found.emitted.values()) == {None}
    assert found.seconds_behind is None
    assert (found.languages, found.dead) == ({}, {})
    found = view([look(0, 5, 9, silent), look(2, 5, 9, worker(7))])  # it answers for the first time
    assert set(found.emitted.values()) == {None}


def test_a_worker_that_was_restarted_and_offsets_that_were_set_back_give_no_negative_rate():
    found = view([look(0, 90, 300, worker(90, tags=("fr",) * 9)), look(2, 10, 300, worker(3, tags=("en",)))])
    assert found.taken == 0
    assert found.emitted["articles.enriched"] == 0
    assert found.languages == {"en": 1}


def test_languages_are_of_the_last_minute_where_it_has_any():
    first, later = worker(1, tags=("fr", "fr", "fr")), worker(2, tags=("fr", "fr", "fr", "en"))
    assert view([look(0, 1, 1, first), look(30, 2, 2, later)]).languages == {"en": 1}
    still = view([look(0, 1, 1, first), look(70, 2, 2, later), look(72, 2, 2, later)])
    assert (still.languages, still.recent) == ({"fr": 0.75, "en": 0.25}, False)


def test_a_frame_is_legible_at_80_columns():
    raised = tuple((1_795_600_000 + number, alert("a-rule-with-quite-a-long-name", f"{number}")) for number in range(3))
    dead = tuple((0.0, reason) for reason in ("not_json", "not_json", "empty"))
    looks = [look(0, 0, 1000, worker(0)), look(2, 82, 1204, worker(82, tags=("fr", "fr", "en")), alerts=raised, dead=dead)]
    text = drawn(looks)
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) <= 40
    for wanted in (
        r"vigie 127\.0\.0\.1:9092  group p\.vigie",
        r"taken in +41\.0",
        r"articles +41\.0",
        r"in all +1,122 .*about 27 s of work",
        r"partition 0 +1,122",
        r"http://127\.0\.0\.1:6066  ready +41\.0/s  partitions 0; pool 300 MiB",
        r"fr +66\.7%",
        r"2 not_json, 1 empty",
        r"warning  a-rule-with-quite… +Vive le Mali",
    ):
        assert re.search(wanted, text), (wanted, text)


def test_a_frame_of_nothing_says_what_to_do():
    text = drawn([look(0), look(2)], fault="Kafka does not answer (KafkaConnectionError)")
    for wanted in ("Kafka does not answer", "start one with: vigie worker", "no worker answers at /metrics", "none counted yet"):
        assert wanted in text
    assert "Last alerts\n  none" in "\n".join(line.rstrip() for line in text.splitlines())


def test_hostile_text_does_not_drive_the_terminal():
    evil = alert("\x1b[2Jrule\u202e")
    looks = [look(0), look(2, alerts=((1.0, evil),), dead=((1.0, "\x1b]0;x\x07"),))]
    assert not set("\x1b\x07\u202e") & set(drawn(looks))


@pytest.mark.parametrize("columns", [40, 60, 200])
def test_no_line_is_longer_than_the_terminal_is_wide(columns: int):
    looks = [look(0, 0, 9, worker(0)), look(2, 5, 9, worker(5, tags=("fr",)), alerts=((1.0, alert("rule")),))]
    assert max(map(len, drawn(looks, columns=columns).splitlines())) <= columns


@pytest.mark.parametrize(
    ("bind", "port", "host", "url"),
    [
        ("127.0.0.1", 6066, "/127.0.0.1", "http://127.0.0.1:6066"),
        ("0.0.0.0", 6066, "/10.1.2.3", "http://10.1.2.3:6066"),  # noqa: S104 - a name
        ("::1", 99, "/0:0:0:0:0:0:0:1", "http://[::1]:99"),
        ("::", 99, "/fd00:0:0:0:0:0:0:7", "http://[fd00:0:0:0:0:0:0:7]:99"),
    ],
)
def test_a_member_of_the_group_tells_where_its_pages_are(bind, port, host, url):
    assert address(client_id(bind, port), host) == url


@pytest.mark.parametrize("client", ["aiokafka-0.14.0", "vigie", "vigie-x", "vigie--", ""])
def test_a_member_that_is_none_of_ours_has_none(client: str):
    assert address(client, "/127.0.0.1") == ""
