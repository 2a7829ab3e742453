"""Prometheus' files under promtool: accepted, and every alarm fires when it should and only then."""

import re
import subprocess
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.fixtures.guides import blocks

PROMETHEUS = Path(__file__).parents[2] / "monitoring/prometheus"
SUITES = sorted((PROMETHEUS / "tests").glob("*.yml"))


@pytest.fixture(scope="module")
def promtool(programs):
    def run(*arguments, cwd=PROMETHEUS):
        done = subprocess.run([programs.promtool, *arguments], cwd=cwd, capture_output=True, text=True, timeout=300, check=False)
        return done.returncode, done.stdout + done.stderr

    return run


def cases(path):
    return [(test["name"], alert) for test in YAML(typ="safe").load(path)["tests"] for alert in test["alert_rule_test"]]


def test_the_configuration_and_its_rules_are_accepted(promtool):
    code, said = promtool("check", "config", "--lint=all", "--lint-fatal", "prometheus.yml")
    assert code == 0, said
    assert re.findall(r"Checking (\S+)", said) == ["prometheus.yml", "rules/alerts.yml", "rules/recording.yml"]


def test_the_configuration_that_the_guide_shows_is_accepted(promtool, tmp_path):
    (shown,) = blocks("docs/how-to/monitor.md", "yaml")
    (tmp_path / "prometheus.yml").write_text(shown, encoding="utf-8")
    (tmp_path / "rules").symlink_to(PROMETHEUS / "rules")
    code, said = promtool("check", "config", "--lint=all", "--lint-fatal", "prometheus.yml", cwd=tmp_path)
    assert code == 0, said
    jobs = [
        [job["job_name"] for job in YAML(typ="safe").load(folder / "prometheus.yml")["scrape_configs"]]
        for folder in (tmp_path, PROMETHEUS)
    ]
    assert jobs[0] == jobs[1]


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.stem)
def test_alarms_fire_when_they_should_and_only_then(promtool, suite):
    code, said = promtool("test", "rules", f"tests/{suite.name}")
    assert code == 0, said


def test_each_alarm_is_tested_both_ways():
    (alerts,) = (YAML(typ="safe").load(path)["groups"] for path in (PROMETHEUS / "rules").glob("alerts.yml"))
    tested = [alert for suite in SUITES for _, alert in cases(suite)]
    fires = {alert["alertname"] for alert in tested if alert["exp_alerts"]}
    silent = {alert["alertname"] for alert in tested if not alert["exp_alerts"]}
    every = {rule["alert"] for group in alerts for rule in group["rules"]}
    assert fires == every
    assert every - silent == {"Watchdog"}  # which fires always


@pytest.mark.parametrize("suite", ["workers", "notify"])
def test_a_rule_that_is_wrong_is_noticed(promtool, tmp_path, suite):
    """Each alarm of a group, its comparison turned round or its patience taken away, fails its own test."""
    for folder in ("rules", "tests"):
        (tmp_path / folder).mkdir()
    (tmp_path / "rules/recording.yml").write_text((PROMETHEUS / "rules/recording.yml").read_text())
    (tmp_path / f"tests/{suite}.yml").write_text((PROMETHEUS / f"tests/{suite}.yml").read_text())
    alerts = (PROMETHEUS / "rules/alerts.yml").read_text()
    broken = alerts.replace(" == 0", " != 0"), re.sub("> ([0-9])", r"> 1000\1", alerts), re.sub(r" for: \d+m", " for: 0m", alerts)
    for wrong in broken:
        (tmp_path / "rules/alerts.yml").write_text(wrong)
        code, said = promtool("test", "rules", f"tests/{suite}.yml", cwd=tmp_path)
        assert code == 1
        assert "FAILED" in said
