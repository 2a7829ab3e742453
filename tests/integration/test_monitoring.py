"""A real Prometheus, with the files that are shipped, scrapes real workers on a real broker: targets, rules, panels."""

import math
import re
from collections.abc import AsyncIterator

import pytest
from ruamel.yaml import YAML

from tests.fixtures.kafka import Spines
from tests.fixtures.watched import RATE_INTERVAL, SHIPPED, Watched, watching
from tools.dashboards.queries import Query, queries
from tools.debian_servers import Servers

pytestmark = pytest.mark.broker


@pytest.fixture(scope="module")
async def watched(make_spine: Spines, programs: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Watched]:
    spine = await make_spine().create()
    with watching(spine, programs, tmp_path_factory.mktemp("prometheus")) as watched:
        await watched.settle()
        yield await watched.work()


def rules(watched: Watched) -> list[dict]:
    groups = watched.prometheus.get("/api/v1/rules")["data"]["groups"]
    return [rule for group in groups if group["name"] != "probe" for rule in group["rules"]]


def test_targets_are_up_and_every_scrape_succeeds(watched):
    targets = watched.prometheus.get("/api/v1/targets")["data"]["activeTargets"]
    assert [(target["health"], target["lastError"]) for target in targets] == [("up", "")] * 6
    before = watched.ask('up{job="vigie"}', watched.begun - 2, watched.begun)
    assert {frozenset(values) for values in before.values()} == {
        frozenset({0.0}),
        frozenset({1.0}),
    }  # the second worker was yet to come
    assert watched.ask("scrape_samples_scraped", watched.begun, watched.ended)


def test_readers_are_told_of_alerts_and_operators_of_alarms(watched):
    assert {each["groupLabels"]["alertname"] for each in watched.hook.to("newsroom")} == {"visite", "bamako"}
    alarms = {each["groupLabels"]["alertname"] for each in watched.hook.to("operators")}
    assert "Probe" in alarms
    assert {each["groupLabels"]["alertname"] for each in watched.hook.to("watchdog")} == {"Watchdog"}
    assert "Watchdog" not in alarms
    assert not watched.hook.ids() & {"", None}


def test_every_rule_evaluates(watched):
    found = rules(watched)
    shipped = [
        rule
        for path in (SHIPPED / "rules").glob("*.yml")
        for group in YAML(typ="safe").load(path)["groups"]
        for rule in group["rules"]
    ]
    assert len(found) == len(shipped)
    assert {(rule["health"], rule.get("lastError", "")) for rule in found} == {("ok", "")}


def lately(name: str) -> str:
    """The last values of a metric: at a single moment a worker that has just been given its partitions knows no lag of them."""
    return f"last_over_time({name}[2m])"


def test_every_recording_rule_gives_series(watched):
    for rule in rules(watched):
        if rule["type"] == "recording":
            assert watched.now(lately(rule["name"])), rule["name"]


def test_every_metric_that_an_alarm_reads_is_there(watched):
    for rule in rules(watched):
        if rule["type"] == "alerting":
            for name in re.findall(r"\b(?:vigie|prometheus|alertmanager)[a-z_:0-9]+(?=[{ )])", rule["query"]):
                assert watched.now(lately(name)), name


@pytest.mark.parametrize("query", list(queries()), ids=lambda query: f"{query.dashboard}: {query.panel} {query.ref}")
def test_every_query_gives_series_that_the_load_changes(watched: Watched, query: Query):
    expression = query.over(RATE_INTERVAL)
    before = watched.ask(expression, watched.begun - 2, watched.begun)
    after = watched.ask(expression, watched.begun + 1, watched.ended)
    assert after
    seen = {labels: {value for value in values if not math.isnan(value)} for labels, values in after.items()}
    assert any(seen.values()), "nothing but NaN"
    assert any(values - set(before.get(labels, ())) for labels, values in seen.items())
