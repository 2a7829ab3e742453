"""Which alerts are live and how they are posted; Alertmanager is a small server that says what a test wants it to say."""

import asyncio
import tracemalloc
from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import orjson
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from agents.metrics import CollectorRegistry
from agents.metrics.notifier import NotifierMetrics, Taken
from agents.notify.live import LiveAlerts
from agents.notify.post import Poster
from tests.fixtures.notify import alert as sample
from tests.fixtures.reader import until

NOW = 1_800_000_000.0
TTL = 86_400.0


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(NOW + seconds, UTC)


def alert(event_time: datetime | None, **changes: Any):
    return msgspec.structs.replace(sample("rule"), event_time=event_time, **changes)


def labels_of(live: LiveAlerts, given) -> dict[str, str]:
    live.take(given, NOW, None, NOW)
    return orjson.loads(live.get(given.id).labels)


@pytest.mark.parametrize(
    ("event_time", "written", "came_in", "starts"),
    [
        (at(-10), 0, at(-10), -10),  # fetched at a known time
        (at(-10), 0, None, -10),
        (at(-3 * TTL), 0, at(-5), -5),  # published long ago, fetched at a time unknown
        (None, 0, at(-5), -5),
        (None, -1, None, -1),
        (at(+500), 0, at(+500), 0),  # a crawler's clock that runs ahead
    ],
)
def test_when_an_alert_starts_and_ends(event_time, written, came_in, starts):
    live, given = LiveAlerts(TTL), alert(event_time)
    assert live.take(given, NOW + written, came_in, NOW) is Taken.NEW
    found = live.get(given.id)
    assert (found.starts_at, found.ends_at) == (NOW + starts, NOW + starts + TTL)
    posted = orjson.loads(found.json())
    assert (datetime.fromisoformat(posted["startsAt"]), datetime.fromisoformat(posted["endsAt"])) == (at(starts), at(starts + TTL))


def test_an_alert_ends_and_one_that_had_ended_is_not_taken():
    live = LiveAlerts(TTL)
    assert live.take(alert(at(-TTL)), NOW, None, NOW) is Taken.EXPIRED
    given = alert(at(-TTL + 10))
    assert live.take(given, NOW, None, NOW) is Taken.NEW
    live.expire(NOW + 9)
    assert live.get(given.id)
    live.expire(NOW + 10)
    assert live.get(given.id) is None
    assert len(live) == 0


def test_a_live_alert_takes_little_memory():
    live, wanted = LiveAlerts(TTL), 5000
    given = [sample("rule", f"document-{number}") for number in range(wanted)]
    tracemalloc.start()
    try:
        for each in given:
            live.take(each, NOW, at(0), NOW)
        assert tracemalloc.get_traced_memory()[0] / wanted < 1200  # bytes; with labels of orjson's it were 8,400
    finally:
        tracemalloc.stop()


def test_a_page_crawled_again_prolongs_its_alert_under_the_labels_that_it_had():
    live, first = LiveAlerts(TTL), alert(at(-100))
    again = msgspec.structs.replace(first, event_time=at(-50), publisher=None, language=None)
    before = labels_of(live, first)
    assert live.take(first, NOW, None, NOW) is Taken.REPEATED
    assert live.take(again, NOW, None, NOW) is Taken.NEW
    assert live.take(first, NOW, None, NOW) is Taken.REPEATED
    found = live.get(first.id)
    assert orjson.loads(found.labels) == before
    assert (found.starts_at, found.ends_at) == (NOW - 100, NOW - 50 + TTL)


def test_a_publisher_without_a_name_goes_by_its_domain_or_address():
    given = sample("rule")
    nameless = msgspec.structs.replace(given.publisher, name=None)
    assert labels_of(LiveAlerts(TTL), alert(at(0)))["publisher"] == "L'Exemple"
    assert labels_of(LiveAlerts(TTL), alert(at(0), publisher=nameless))["publisher"] == "exemple.ml"
    assert (
        labels_of(LiveAlerts(TTL), alert(at(0), publisher=None, article_url="https://www.x.example/a"))["publisher"]
        == "www.x.example"
    )
    assert labels_of(LiveAlerts(TTL), alert(at(0), publisher=None, article_url="http://[/"))["publisher"] == ""


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
def test_whatever_a_page_says_is_posted_as_it_is(name, snippet):
    live = LiveAlerts(TTL)
    given = alert(at(0), snippet=snippet, publisher=msgspec.structs.replace(sample("rule").publisher, name=name))
    live.take(given, NOW, None, NOW)
    posted = orjson.loads(live.get(given.id).json())
    assert posted["annotations"]["snippet"] == snippet
    assert posted["labels"]["publisher"] == (name or "exemple.ml")[:200]


# --- posting -------------------------------------------------------------------------------------------------------


class Alertmanager:
    """Answers what `answer` says of the ids posted; keeps those that it took, and every request's."""

    def __init__(self) -> None:
        self.took: list[str] = []
        self.asked: list[list[str]] = []
        self.logins: set[str | None] = set()
        self.answer = lambda _ids: 200

    async def handle(self, request: web.Request) -> web.Response:
        self.logins.add(request.headers.get("Authorization"))
        ids = [each["labels"]["alert_id"] for each in orjson.loads(await request.read())]
        status = self.answer(ids)
        self.asked.append(ids)
        if status == 200:
            self.took += ids
        return web.Response(status=status, text="an answer")


@pytest.fixture
async def server() -> AsyncIterator[tuple[Alertmanager, str]]:
    fake = Alertmanager()
    app = web.Application()
    app.add_routes([web.post("/base/api/v2/alerts", fake.handle)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield fake, f"http://127.0.0.1:{runner.addresses[0][1]}/base/"
    await runner.cleanup()


@pytest.fixture
async def posting(server):
    """A poster at work: a function that adds alerts, and what came of it."""
    fake, url = server
    live, registry = LiveAlerts(TTL), CollectorRegistry()
    poster = Poster(url, live, 0.3, NotifierMetrics(registry))
    task = asyncio.create_task(poster.run())

    def add(*documents: str) -> list[str]:
        given = [sample("rule", document) for document in documents]
        now = datetime.now(UTC).timestamp()
        for each in given:
            live.take(each, now, None, now)
            poster.add(each.id)
        return [each.id for each in given]

    yield fake, poster, add, registry, live
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_live_alerts_are_posted_at_once_and_again_and_no_more_once_they_have_ended(posting):
    fake, poster, add, _, live = posting
    await until(lambda: poster.answering, "it answers")
    assert fake.asked == [[]]
    (one,) = add("one")
    await until(lambda: fake.took.count(one) >= 3, "posted again")
    live.expire(datetime.now(UTC).timestamp() + 2 * TTL)
    await asyncio.sleep(0.4)
    so_far = len(fake.took)
    (two,) = add("two")
    await until(lambda: fake.took.count(two) >= 3, "the other one posted again")
    assert set(fake.took[so_far:]) == {two}


async def test_an_alert_that_is_refused_costs_itself_alone(posting):
    fake, _, add, registry, _ = posting
    bad = sample("rule", "bad").id
    fake.answer = lambda ids: 400 if bad in ids else 200
    good = [each for each in add("a", "b", "bad", "c", "d") if each != bad]
    await until(lambda: set(fake.took) == set(good), "the others are taken")
    await until(lambda: fake.took.count(good[0]) >= 2, "posted again")
    assert registry.get_sample_value("vigie_notify_posted_alerts_total", {"answer": "refused"}) == 1
    assert [bad] in fake.asked
    assert not any(bad in ids for ids in fake.asked[fake.asked.index([bad]) + 3 :])


@pytest.mark.parametrize("status", [404, 500, 503])
async def test_a_server_that_fails_is_asked_again_until_it_takes_them(posting, status: int):
    fake, poster, add, registry, _ = posting
    fake.answer = lambda _ids: status
    wanted = add("a", "b")
    await until(lambda: len(fake.asked) >= 2, "asked again")
    await until(lambda: poster.waiting == 2, "the answer has come back")
    assert not poster.answering
    fake.answer = lambda _ids: 200
    await until(lambda: set(fake.took) == set(wanted), "both are taken")
    await until(lambda: poster.answering, "the answer has come back")
    assert registry.get_sample_value("vigie_notify_requests_total", {"answer": "failed"}) >= 2


async def test_too_many_for_one_request_are_posted_in_parts(posting):
    fake, _, add, _, _ = posting
    fake.answer = lambda ids: 413 if len(ids) > 100 else 200
    wanted = add(*(f"document-{number}" for number in range(700)))
    await until(lambda: set(fake.took) >= set(wanted), "all are taken")


def test_a_password_in_the_address_is_in_no_log():
    poster = Poster("https://user:secret@am.example:9093/base", LiveAlerts(TTL), 60, NotifierMetrics(CollectorRegistry()))
    assert poster.name == "https://am.example:9093/base"


async def test_user_and_password_go_in_a_header_and_into_no_log(server, caplog: pytest.LogCaptureFixture):
    fake, url = server
    fake.answer = lambda _ids: 401
    poster = Poster(url.replace("//", "//op%40s:p%2Fass-77@"), LiveAlerts(TTL), 0.3, NotifierMetrics(CollectorRegistry()))
    task = asyncio.create_task(poster.run())
    await until(lambda: len(fake.asked) >= 2, "asked")
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert fake.logins == {f"Basic {b64encode(b'op@s:p/ass-77').decode()}"}
    assert poster.name == url
    assert "-77" not in caplog.text
    assert "-77" not in repr(vars(poster))
