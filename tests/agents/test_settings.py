"""Settings from the environment: each is read, checked, and refused by name."""

import dataclasses

import pytest

from agents.readers import SettingsError
from agents.settings import Settings, describe, variable_of


def test_defaults_are_loopback_and_local():
    settings = Settings.from_env({"PATH": "/bin", "VIGIE_UNKNOWN": "1"})
    assert (settings.broker, settings.web_bind, settings.web_port) == ("127.0.0.1:9092", "127.0.0.1", 0)
    assert settings.slots >= 1


def test_names_carry_the_prefix():
    settings = Settings.from_env({"VIGIE_PREFIX": "eu.", "VIGIE_GROUP": "g"})
    assert (settings.topic("alerts"), settings.full_group) == ("eu.alerts", "eu.g")


def test_each_setting_is_listed_with_its_meaning():
    rows = {row["variable"]: row for row in describe(Settings())}
    assert set(rows) == {variable_of(each.name) for each in dataclasses.fields(Settings)}
    assert all(row["doc"] and row["value"] == row["default"] for row in rows.values())


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("VIGIE_BROKER", ""), ("VIGIE_BROKER", "kafka"), ("VIGIE_BROKER", "kafka:9092:1"), ("VIGIE_BROKER", "a:1,,b:2"),
        ("VIGIE_PREFIX", "a/b"), ("VIGIE_GROUP", ""), ("VIGIE_PROCESSES", "two"), ("VIGIE_PROCESSES", "-1"),
        ("VIGIE_WEB_BIND", "localhost"), ("VIGIE_WEB_PORT", "65536"), ("VIGIE_PAGE_TIMEOUT", "nan"), ("VIGIE_PAGE_TIMEOUT", "inf"),
        ("VIGIE_COMPRESSION", "brotli"), ("VIGIE_UVLOOP", "maybe"), ("VIGIE_BATCH_BYTES", "4096"),
        ("VIGIE_DEAD_LETTER_RATIO", "1.1"), ("VIGIE_LANGUAGE_DETECTOR", "cld2"),
    ],
)  # fmt: skip
def test_refusals_name_the_variable(variable: str, value: str):
    with pytest.raises(SettingsError, match=rf"^{variable}: "):
        Settings.from_env({variable: value})


@pytest.mark.parametrize("value", ["127.0.0.1:9092, kafka-2:9093", "[::1]:9092", "a.b-c:1"])
def test_broker_lists(value: str):
    assert " " not in Settings.from_env({"VIGIE_BROKER": value}).broker


def test_publishers_with_metrics_of_their_own():
    settings = Settings.from_env({"VIGIE_METRIC_PUBLISHERS": "maliweb.net, Le Monde,maliweb.net,"})
    assert settings.metric_publishers == ("maliweb.net", "Le Monde")
    assert {row["variable"]: row["value"] for row in describe(settings)}["VIGIE_METRIC_PUBLISHERS"] == "maliweb.net,Le Monde"
    for refused in ("other", "a\nb", ",".join(f"p{number}" for number in range(101))):
        with pytest.raises(SettingsError, match="at most 100 names"):
            Settings.from_env({"VIGIE_METRIC_PUBLISHERS": refused})
