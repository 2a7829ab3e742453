"""Prometheus and Grafana files: made by the code, every metric and label that they name exists, every panel explains itself."""

import json
import math
import re
from importlib.metadata import version
from itertools import chain
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from ruamel.yaml import YAML

from agents.metrics import Metrics
from agents.metrics.notifier import NotifierMetrics
from tests import pictures
from tools.dashboards.__main__ import DASHBOARDS, encode
from tools.dashboards.pictures import draw, shown
from tools.dashboards.queries import queries

MONITORING = Path(__file__).parents[2] / "monitoring"
METRIC = re.compile(r"\b(?:vigie|process)_[a-z_]+\b")
RECORDED = re.compile(r"\bvigie:[a-z_]+:[a-z0-9_]+\b")
# Series of Prometheus and Alertmanager: that they are there, tests/integration/test_monitoring.py shows.
FOREIGN = re.compile(r"\b(?:prometheus|alertmanager)_[a-z_]+\b|\bALERTS\b|\bup\b")
# Labels that Prometheus adds to what it scrapes.
TARGET_LABELS = {"job", "instance"}
VARIABLE = re.compile(r"\$(?!__)")


def load(path):
    return YAML(typ="safe").load(path)


def panels_of(path):
    return [panel for panel in json.loads(path.read_text())["panels"] if panel["type"] != "row"]


def rules_of(name):
    return [rule for group in load(MONITORING / "prometheus/rules" / name)["groups"] for rule in group["rules"]]


def find_queries():
    """Every query of every dashboard."""
    for query in queries():
        yield pytest.param(query.expr, id=f"{query.dashboard}: {query.panel} {query.ref}")


def find_rules():
    """Every expression of every rule."""
    for name in ("recording.yml", "alerts.yml"):
        for rule in rules_of(name):
            if rule.get("alert") != "Watchdog":  # it reads nothing, so that nothing can silence it
                yield pytest.param(rule["expr"], id=rule.get("alert") or rule["record"])


QUERIES = list(find_queries())
RULES = list(find_rules())


@pytest.fixture(scope="module")
def series():
    """Labels by the name of each series that a worker or a notifier exposes."""
    registry = CollectorRegistry()
    metrics = Metrics(registry, publishers=("journal.example",))
    metrics.watch(["visite"])
    metrics.consumer_lag.labels("0").set(0)
    metrics.build.info({"version": "0", "python": "3"})
    notifiers = CollectorRegistry()
    NotifierMetrics(notifiers).lag.labels("0").set(0)
    labels = {}
    for family in chain(registry.collect(), notifiers.collect()):
        for sample in family.samples:
            labels.setdefault(sample.name, {}).update(
                {name: {*labels[sample.name].get(name, ()), value} for name, value in sample.labels.items()}
            )
    return labels


@pytest.mark.parametrize("query", [*QUERIES, *RULES])
def test_queries_name_series_and_labels_that_exist(query, series):
    recorded = set(RECORDED.findall(query))
    assert recorded <= {rule["record"] for rule in rules_of("recording.yml")}
    named = METRIC.findall(RECORDED.sub("", query))
    assert named or recorded or FOREIGN.search(query)
    for name in named:
        assert name in series, name
    if not named:
        return
    known = {label for name in named for label in series[name]} | TARGET_LABELS
    grouped = {label for group in re.findall(r"(?:by|ignoring) \(([^)]*)\)", query) for label in group.split(", ")}
    assert grouped <= known
    for label, values in re.findall(r'(\w+)=~?"([^"]*)"', query):
        for value in values.split("|"):
            exists = any(value in series[name].get(label, ()) for name in named)
            assert exists or value == ".+" or label in TARGET_LABELS, (label, value)


@pytest.mark.parametrize("query", [*QUERIES, *RULES])
def test_counters_are_read_as_rates_and_nothing_hides_missing_data(query):
    for name in METRIC.findall(RECORDED.sub("", query)):
        if name.endswith(("_total", "_bucket", "_sum", "_count")):
            assert re.search(rf"(?:rate|increase)\({name}\{{[^}}]*\}}\[(?:\$__rate_interval|\d+[mh])\]\)", query)
    assert "vector(" not in query
    assert not VARIABLE.search(query)  # each was known, and substituted


@pytest.mark.parametrize("name", DASHBOARDS)
def test_the_files_are_what_the_code_makes(name):
    """After a change of tools/dashboards: python -m tools.dashboards."""
    assert (MONITORING / f"grafana/dashboards/{name}.json").read_bytes() == encode(DASHBOARDS[name]())


def test_no_other_dashboard_is_provisioned():
    assert {path.stem for path in (MONITORING / "grafana/dashboards").iterdir()} == set(DASHBOARDS)
    assert load(MONITORING.parent / "docker-compose.yml")["services"]["grafana"]["image"] == "grafana/grafana:11.6.0"
    assert version("grafana-foundation-sdk").endswith("!11.6.0")


@pytest.mark.parametrize("path", sorted((MONITORING / "grafana/dashboards").glob("*.json")), ids=lambda path: path.stem)
def test_every_panel_has_a_unit_a_description_and_a_legend(path):
    panels = panels_of(path)
    assert len({panel["id"] for panel in panels}) == len(panels) >= 8
    for panel in panels:
        assert panel["description"].endswith("."), panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert all(target["legendFormat"] for target in panel["targets"]), panel["title"]
        if panel["type"] == "timeseries":
            assert panel["options"]["legend"]["showLegend"], panel["title"]


@pytest.mark.parametrize("path", sorted((MONITORING / "grafana/dashboards").glob("*.json")), ids=lambda path: path.stem)
def test_panels_do_not_overlap(path):
    cells = set()
    for panel in json.loads(path.read_text())["panels"]:
        at = panel["gridPos"]
        own = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not own & cells, panel["title"]
        assert at["x"] + at["w"] <= 24, panel["title"]
        cells |= own


def test_dashboards_read_the_data_source_that_is_provisioned():
    (source,) = load(MONITORING / "grafana/provisioning/datasources/prometheus.yml")["datasources"]
    for path in (MONITORING / "grafana/dashboards").glob("*.json"):
        assert {panel["datasource"]["uid"] for panel in panels_of(path)} == {source["uid"]}


def test_grafana_is_pointed_at_where_compose_mounts_the_dashboards():
    compose = load(MONITORING.parent / "docker-compose.yml")["services"]
    (provider,) = load(MONITORING / "grafana/provisioning/dashboards/vigie.yml")["providers"]
    mounts = dict(volume.split(":")[:2] for volume in compose["grafana"]["volumes"])
    assert mounts["./monitoring/grafana/dashboards"] == provider["options"]["path"]
    assert compose["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"].startswith(
        provider["options"]["path"] + "/"
    )


@pytest.mark.parametrize(("name", "service"), [("vigie", "worker"), ("vigie-notify", "notify")])
def test_prometheus_scrapes_vigie_where_compose_runs_it(name, service):
    compose = load(MONITORING.parent / "docker-compose.yml")["services"]
    jobs = {job["job_name"]: job for job in load(MONITORING / "prometheus/prometheus.yml")["scrape_configs"]}
    (discovery,) = jobs[name]["dns_sd_configs"]
    assert jobs[name]["metrics_path"] == "/metrics"
    assert discovery["names"] == [service]
    assert discovery["port"] == compose[service]["environment"]["VIGIE_WEB_PORT"]


def test_alarms_go_to_the_alertmanager_that_notify_posts_to():
    prometheus = load(MONITORING / "prometheus/prometheus.yml")
    (target,) = [each for one in prometheus["alerting"]["alertmanagers"] for each in one["static_configs"][0]["targets"]]
    jobs = {job["job_name"]: job for job in prometheus["scrape_configs"]}
    assert jobs["alertmanager"]["static_configs"] == [{"targets": [target]}]
    environment = load(MONITORING.parent / "docker-compose.yml")["services"]["notify"]["environment"]
    assert environment["VIGIE_ALERTMANAGER"] == f"http://{target}"


def test_grafana_reckons_with_the_scrape_interval():
    (source,) = load(MONITORING / "grafana/provisioning/datasources/prometheus.yml")["datasources"]
    assert source["jsonData"]["timeInterval"] == load(MONITORING / "prometheus/prometheus.yml")["global"]["scrape_interval"]


def test_the_page_of_the_dashboards_is_up_to_date():
    """Its counts were measured, and every panel gave series. After a change: python -m tests.pictures."""
    docs = MONITORING.parent / "docs"
    page = (docs / "dashboards.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+?) \| .+ \| (\d+) \|$", page, re.MULTILINE)
    counts, found = {}, iter(rows)
    for name in DASHBOARDS:
        counts[name] = {panel["title"]: int(next(found)[1]) for panel in panels_of(MONITORING / f"grafana/dashboards/{name}.json")}
    assert pictures.page(counts) == page
    assert all(count for each in counts.values() for count in each.values())
    assert {path.name for path in (docs / "img").glob("dashboard-*.png")} == {f"dashboard-{name}.png" for name in DASHBOARDS}


@pytest.mark.parametrize(
    ("value", "unit", "wanted"),
    [
        (0.0, "s", "0 s"), (0.0432, "s", "43.2 ms"), (1.5, "s", "1.5 s"), (90, "s", "1.5 min"), (2_592_000, "s", "30 d"),
        (0.095, "percentunit", "9.5 %"), (1234, "short", "1.23k"), (3, "short", "3"), (5_300_000, "bytes", "5.3 MB"),
        (950, "Bps", "950B/s"), (0.5, "cps", "0.5/s"), (1600, "cps", "1.6 k/s"),
    ],
)  # fmt: skip
def test_values_in_the_pictures_have_their_units(value, unit, wanted):
    assert shown(value, unit) == wanted


def test_a_dashboard_is_drawn_with_every_series(tmp_path):
    """In every panel one with gaps, one of a single point and one that is no number at all, which is left out."""
    series = [
        ({"instance": "a" * 80}, [(1.0, 1.0), (2.0, math.nan), (4.0, 3.0)]),
        ({"instance": "b"}, [(2.0, 0.0)]),
        ({"instance": "c"}, [(1.0, math.nan)]),
    ]
    counts = draw("pipeline", lambda _expression: series, "20s", 0.0, tmp_path / "seen.png")
    queries_of = {panel["title"]: len(panel["targets"]) for panel in panels_of(MONITORING / "grafana/dashboards/pipeline.json")}
    assert counts == {title: 2 * count for title, count in queries_of.items()}
    assert (tmp_path / "seen.png").read_bytes().startswith(b"\x89PNG")
