"""`vigie notify` between a real Kafka and a real Alertmanager with a webhook behind it."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from agents.broker.processes import free_port
from tests.fixtures.kafka import Spines
from tests.fixtures.notify import NOTIFY, Alertmanagers, alert, records, webhook
from tests.fixtures.reader import until
from tests.fixtures.servers import Server
from tests.fixtures.spine import Spine
from tests.fixtures.worker import Worker
from tools.debian_servers import Servers

pytestmark = pytest.mark.broker


@pytest.fixture
def start(programs: Servers, tmp_path: Path) -> Iterator[Alertmanagers]:
    """Starts Alertmanagers, whose notifications come to its `hook`; ended after the test."""
    with webhook() as hook:
        started = Alertmanagers(programs, tmp_path, hook)
        yield started
        started.close()


async def notifier(make_spine: Spines, port: int) -> tuple[Spine, Worker]:
    spine = await make_spine(VIGIE_ALERTMANAGER=f"http://127.0.0.1:{port}", VIGIE_NOTIFY_INTERVAL="1").create()
    return spine, spine.worker(command=NOTIFY)


def silence(server: Server, rule: str) -> None:
    now = datetime.now(UTC)
    wanted = {
        "matchers": [{"name": "alertname", "value": rule, "isRegex": False}],
        "startsAt": now.isoformat(),
        "endsAt": (now + timedelta(hours=1)).isoformat(),
        "createdBy": "a test",
        "comment": "known",
    }
    assert server.request("/api/v2/silences", orjson.dumps(wanted))[0] == 200


async def test_an_alert_arrives_once_and_a_silence_holds_it_back(make_spine: Spines, start: Alertmanagers):
    hook = start.hook
    server = start(free_port())
    spine, process = await notifier(make_spine, server.port)
    await process.ready()
    silence(server, "silenced")
    first = alert("mali", age=timedelta(hours=2))
    await spine.send_records(records([first, alert("silenced"), alert("old", age=timedelta(hours=25))]), to="alerts")
    await until(lambda: hook.of("mali"), "the notification")
    again = alert("mali", age=timedelta(hours=1), publisher="Another name of it")  # its page was crawled again
    await spine.send_records(records([again]), to="alerts")
    await until(lambda: process.metrics()["vigie_notify_read_alerts_total", "new"] == 3, "the repetition was read")
    await asyncio.sleep(3)  # three group intervals, three postings
    await spine.send_records(records([alert("last")]), to="alerts")
    await until(lambda: hook.of("last"), "the last notification")
    assert Counter(each["groupLabels"]["alertname"] for _, each in hook.notifications) == {"mali": 1, "last": 1}
    ((told,),) = [each["alerts"] for each in hook.of("mali")]
    assert told["status"] == "firing"
    assert told["labels"] == {
        "alertname": "mali", "alert_id": first.id, "severity": "warning", "origin": "comment", "publisher": "L'Exemple",
        "language": "fr",
    }  # fmt: skip
    assert told["annotations"] == {"snippet": "Vive le Mali", "url": "https://exemple.ml/document"}
    assert abs(datetime.fromisoformat(told["startsAt"]) - first.event_time) < timedelta(milliseconds=1)
    held = {each["labels"]["alertname"]: each for each in server.get("/api/v2/alerts")}
    assert held.keys() == {"mali", "silenced", "last"}
    assert held["silenced"]["status"]["state"] == "suppressed"
    ends = datetime.fromisoformat(held["mali"]["endsAt"])
    assert abs(ends - again.event_time - timedelta(hours=24)) < timedelta(milliseconds=1)
    assert await process.stop() == 0


async def test_a_thousand_alerts_arrive_in_few_notifications(make_spine: Spines, start: Alertmanagers):
    hook = start.hook
    server = start(free_port())
    spine, process = await notifier(make_spine, server.port)
    await process.ready()
    wanted = [alert(f"rule-{number % 10}", f"document-{number}") for number in range(1000)]
    halves = records(wanted[:500]), records(wanted[500:])
    await spine.send_records([*halves[0], (b"x", b"no alert", ()), (b"x", None, ()), *halves[1]], to="alerts")
    await until(lambda: len(hook.ids()) >= 1000, "every alert arrived", 60)
    assert hook.ids() == {each.id for each in wanted}
    assert len(hook.notifications) <= 30
    counted = process.metrics()
    assert counted["vigie_notify_read_alerts_total", "new"] == 1000
    assert counted["vigie_notify_read_alerts_total", "refused"] == 2
    assert counted["vigie_notify_posted_alerts_total", "accepted"] >= 1000
    assert await process.stop() == 0


async def test_an_alertmanager_that_is_down_is_waited_for_and_one_that_is_killed_is_told_again(
    make_spine: Spines, start: Alertmanagers
):
    """Down; up; killed with -9 after its 200, before it has notified; then the notifier killed, and Alertmanager's memory lost."""
    hook = start.hook
    port = free_port()
    spine, process = await notifier(make_spine, port)
    wanted = [alert("rule", f"document-{number}") for number in range(20)]
    await spine.send_records(records(wanted), to="alerts")
    await until(lambda: b"vigie_notify_waiting_alerts 20.0" in process.get("/metrics")[1], "the alerts wait", 60)
    expected = {"status": 503, "ready": False, "alerts_read": True, "alertmanager_answering": False}
    await until(lambda: process.health() == expected, "everything but Alertmanager is ready")

    taken = "vigie_notify_posted_alerts_total", "accepted"
    server = start(port, group_wait="20s")
    await until(lambda: process.metrics()[taken] >= 20, "it took the alerts", 30)
    server.kill()
    assert hook.notifications == []
    server = start(port)
    await until(lambda: hook.ids() == {each.id for each in wanted}, "every alert arrived", 30)
    await process.ready()

    process.kill()
    server.kill()
    hook.notifications.clear()
    start(port, data="another")
    process = await spine.worker(command=NOTIFY).ready()
    await until(lambda: hook.ids() == {each.id for each in wanted}, "every live alert arrived", 30)
    assert await process.stop() == 0


async def test_what_is_missing_is_said(make_spine: Spines):
    spine = make_spine()
    without_topic, wrong = spine.worker(command=NOTIFY), spine.worker(command=NOTIFY, VIGIE_ALERTMANAGER="localhost")
    assert await without_topic.ended(60) == 1
    assert f"has no topic {spine.topic('alerts')}" in without_topic.said
    assert "vigie topics create" in without_topic.said
    assert await wrong.ended(60) == 2
    assert "VIGIE_ALERTMANAGER: takes addresses such as http://127.0.0.1:9093" in wrong.said
