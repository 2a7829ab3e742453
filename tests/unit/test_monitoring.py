"""Prometheus and Grafana files: every metric and label that they name exists, every panel explains itself."""

import json
import re
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from ruamel.yaml import YAML

from agents.metrics import Metrics

MONITORING = Path(__file__).parents[2] / "monitoring"
METRIC = re.compile(r"\b(?:vigie|process)_[a-z_]+\b")
# Labels that Prometheus adds to what it scrapes.
TARGET_LABELS = {"job", "instance"}


def load(path):
    return YAML(typ="safe").load(path)


def panels_of(path):
    return [panel for panel in json.loads(path.read_text())["panels"] if panel["type"] != "row"]


def find_queries():
    """Every query of every dashboard."""
    for path in sorted((MONITORING / "grafana/dashboards").glob("*.json")):
        for panel in panels_of(path):
            for target in panel["targets"]:
                yield pytest.param(target["expr"], id=f"{path.stem}: {panel['title']} {target['refId']}")


QUERIES = list(find_queries())


@pytest.fixture(scope="module")
def series():
    """Labels by the name of each series that a worker exposes."""
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    metrics.consumer_lag.labels("0").set(0)
    metrics.build.info({"version": "0", "python": "3"})
    labels = {}
    for family in registry.collect():
        for sample in family.samples:
            labels.setdefault(sample.name, {}).update(
                {name: {*labels[sample.name].get(name, ()), value} for name, value in sample.labels.items()}
            )
    return labels


@pytest.mark.parametrize("query", QUERIES)
def test_queries_name_series_and_labels_that_exist(query, series):
    named = METRIC.findall(query)
    assert named
    for name in named:
        assert name in series, name
    known = {label for name in named for label in series[name]} | TARGET_LABELS
    grouped = {label for group in re.findall(r"(?:by|ignoring) \(([^)]*)\)", query) for label in group.split(", ")}
    assert grouped <= known
    for label, value in re.findall(r'(\w+)="([^"]*)"', query):
        assert label in TARGET_LABELS or any(value in series[name].get(label, ()) for name in named), (label, value)


@pytest.mark.parametrize("query", QUERIES)
def test_counters_are_read_as_rates_and_nothing_hides_missing_data(query):
    for name in METRIC.findall(query):
        if name.endswith(("_total", "_bucket", "_sum", "_count")):
            assert re.search(rf"(?:rate|increase)\({name}\{{[^}}]*\}}\[\$__rate_interval\]\)", query)
    assert "vector(" not in query


@pytest.mark.parametrize("path", sorted((MONITORING / "grafana/dashboards").glob("*.json")), ids=lambda path: path.stem)
def test_every_panel_has_a_unit_a_description_and_a_legend(path):
    panels = panels_of(path)
    assert len({panel["id"] for panel in panels}) == len(panels) > 10
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


def test_prometheus_scrapes_the_worker_where_compose_runs_it():
    compose = load(MONITORING.parent / "docker-compose.yml")["services"]
    jobs = {job["job_name"]: job for job in load(MONITORING / "prometheus/prometheus.yml")["scrape_configs"]}
    (discovery,) = jobs["vigie"]["dns_sd_configs"]
    assert jobs["vigie"]["metrics_path"] == "/metrics"
    assert set(discovery["names"]) <= compose.keys()
    assert discovery["port"] == compose["worker"]["environment"]["VIGIE_WEB_PORT"]


def test_grafana_reckons_with_the_scrape_interval():
    (source,) = load(MONITORING / "grafana/provisioning/datasources/prometheus.yml")["datasources"]
    assert source["jsonData"]["timeInterval"] == load(MONITORING / "prometheus/prometheus.yml")["global"]["scrape_interval"]
