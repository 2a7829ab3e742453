"""Metrics: names, bounded labels, and a scrape that nothing breaks."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from agents.metrics import CONTENT_TYPE, OTHER, SPLIT_METHODS, Bounded, Metrics, Stage, exposition
from agents.metrics.notifier import NotifierMetrics
from agents.metrics.table import markdown
from agents.metrics.worker import MAX_RULES
from agents.topics import OUTPUTS
from pipeline import languages
from pipeline.errors import Reason

OWN_NAME = re.compile(r"vigie_[a-z_]+")


@pytest.fixture
def registry():
    return CollectorRegistry()


@pytest.fixture
def metrics(registry):
    return Metrics(registry)


def families(registry):
    return {family.name: family for family in text_string_to_metric_families(exposition(registry).decode())}


def test_every_metric_is_named_and_explained_by_the_convention(metrics, registry):
    for family in registry.collect():
        if family.name.startswith(("process_", "python_")):
            continue
        assert OWN_NAME.fullmatch(family.name), family.name
        assert family.documentation.endswith("."), family.name
        assert ("duration" in family.name or "lag_s" in family.name) <= family.name.endswith("_seconds")


@pytest.mark.parametrize("kind", [Metrics, NotifierMetrics])
def test_what_is_exposed_is_what_was_declared(kind, registry):
    """Every metric once, through a board; a counter's name ends in _total and nothing else's does."""
    declared = {each.name: each for each in kind(registry).board.declared}
    assert {each.removesuffix("_total") for each in declared} == {
        family.name + "_info" * (family.type == "info") for family in registry.collect() if family.name.startswith("vigie_")
    }
    for name, each in declared.items():
        assert name.endswith("_total") == (each.kind == "counter")
        assert each.meaning.endswith(".")
        assert each.unit or name.endswith("_info")
        assert all(label.values or label.words for label in each.labels)


def test_the_table_in_the_docs_is_the_one_that_would_be_made_now():
    page = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")
    assert page == markdown(), "make it again: python tools/metrics_table.py"


def test_series_of_closed_sets_exist_before_the_first_event(metrics, registry):
    found = families(registry)
    assert {sample.labels["reason"] for sample in found["vigie_dead_lettered_events"].samples} == set(Reason)
    assert {sample.labels["topic"] for sample in found["vigie_emitted_events"].samples} == set(OUTPUTS)
    assert {sample.labels["stage"] for sample in found["vigie_stage_duration_seconds"].samples} == set(Stage)
    assert {sample.labels["method"] for sample in found["vigie_split_pages"].samples} == set(SPLIT_METHODS)
    assert not any(sample.name.endswith("_created") for family in found.values() for sample in family.samples)


def test_languages_are_the_folders_of_the_languages(metrics, registry):
    found = {sample.labels["language"] for sample in families(registry)["vigie_language_documents"].samples}
    assert found == {*languages.tags(), "und", OTHER}


def test_an_enum_member_and_its_value_are_the_same_series(metrics, registry):
    metrics.dead_letters.of(Reason.EMPTY).inc()
    metrics.dead_letters.of("empty").inc(2)
    assert registry.get_sample_value("vigie_dead_lettered_events_total", {"reason": "empty"}) == 3


def test_an_unknown_value_counts_as_other_label_by_label(metrics, registry):
    metrics.languages.of("tlh", "comment").inc()
    metrics.languages.of("tlh", "nowhere").inc(2)
    value = registry.get_sample_value
    assert value("vigie_language_documents_total", {"language": OTHER, "origin": "comment"}) == 1
    assert value("vigie_language_documents_total", {"language": OTHER, "origin": OTHER}) == 2


def test_too_few_values_are_refused(metrics):
    with pytest.raises(ValueError, match="zip"):
        metrics.languages.of("fr")


@settings(deadline=None, max_examples=50)  # each makes every metric anew
@given(st.lists(st.text(st.characters(exclude_categories=())), min_size=1))
def test_hostile_labels_neither_add_series_nor_break_a_scrape(values):
    registry = CollectorRegistry()
    metrics = Metrics(registry, ["exemple.ml"])
    for bounded in (metric for metric in vars(metrics).values() if isinstance(metric, Bounded)):
        bounded.of(*["\ud800"] * len(bounded.labels))
    before = len(exposition(registry).splitlines())
    for value in values:
        metrics.entities.of(value).inc()
        metrics.languages.of(value, value).inc()
        metrics.stage_seconds.of(value).observe(0.1)
        metrics.rule_alerts.of(value).inc()
        metrics.publisher_pages.of(value, value).inc()
        metrics.publisher_comments.of(value).observe(1)
    assert len(exposition(registry).splitlines()) == before
    families(registry)


def test_two_workers_of_one_process_do_not_share_series(registry, metrics):
    other = CollectorRegistry()
    Metrics(other).events_in.inc()
    assert registry.get_sample_value("vigie_received_events_total") == 0


def test_a_revoked_partition_leaves_no_lag_behind(metrics, registry):
    metrics.consumer_lag.labels("3").set(12)
    assert registry.get_sample_value("vigie_consumer_lag_events", {"partition": "3"}) == 12
    metrics.consumer_lag.remove("3")
    assert registry.get_sample_value("vigie_consumer_lag_events", {"partition": "3"}) is None


def test_build_and_process_are_told(metrics, registry):
    metrics.build.info({"version": "1.2.3", "python": "3.11"})
    assert registry.get_sample_value("vigie_build_info", {"version": "1.2.3", "python": "3.11"}) == 1
    assert registry.get_sample_value("process_resident_memory_bytes") > 0
    assert CONTENT_TYPE.startswith("text/plain; version=")


@settings(deadline=None, max_examples=50)  # each makes every metric anew
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))), st.lists(st.text(max_size=40), max_size=100))
def test_whatever_rules_and_publishers_are_called_a_scrape_reads_back_the_same_names(rules, publishers):
    registry = CollectorRegistry()
    metrics = Metrics(registry, publishers)
    metrics.watch(rules)
    for name in rules:
        metrics.rule_alerts.of(name).inc()
    found = families(registry)
    assert {sample.labels["rule"] for sample in found["vigie_rule_alerts"].samples} == set(rules)
    named = {sample.labels["publisher"] for sample in found["vigie_publisher_article_comments"].samples}
    assert named == set(publishers)


def rules_of(registry):
    return {sample.labels["rule"]: sample.value for sample in families(registry)["vigie_rule_alerts"].samples}


def test_a_rule_has_a_series_while_it_is_enabled_and_keeps_its_count(metrics, registry):
    metrics.watch(["a", "b"])
    metrics.rule_alerts.of("a").inc(2)
    metrics.watch(["a", "c"])
    metrics.rule_alerts.of("b").inc()  # of a batch that was under way
    assert rules_of(registry) == {"a": 2, "c": 0, OTHER: 1}
    assert registry.get_sample_value("vigie_enabled_rules") == 2


def test_beyond_the_bound_rules_count_as_other(metrics, registry):
    metrics.watch(f"rule-{number:04}" for number in range(MAX_RULES + 50))
    metrics.rule_alerts.of("rule-0000").inc()
    metrics.rule_alerts.of(f"rule-{MAX_RULES + 1:04}").inc()
    assert len(rules_of(registry)) == MAX_RULES + 1
    assert rules_of(registry)[OTHER] == rules_of(registry)["rule-0000"] == 1
    assert registry.get_sample_value("vigie_enabled_rules") == MAX_RULES + 50


def test_pages_of_a_watched_publisher_are_told_apart_by_method(registry):
    metrics = Metrics(registry, ["exemple.ml"])
    metrics.publisher_pages.of("exemple.ml", "html_body").inc()
    metrics.publisher_pages.of("", "html_body").inc()
    value = registry.get_sample_value
    assert value("vigie_publisher_pages_total", {"publisher": "exemple.ml", "method": "html_body"}) == 1
    assert value("vigie_publisher_pages_total", {"publisher": OTHER, "method": "html_body"}) == 1
