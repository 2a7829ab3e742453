"""The shipped alertmanager.yml: Alertmanager's own tool takes it, and it says what docs/alerts.md promises."""

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from agents.readers import duration
from agents.settings import Settings

MONITORING = Path(__file__).parents[2] / "monitoring"
SHIPPED = MONITORING / "alertmanager.yml"


@pytest.fixture(scope="module")
def config():
    return YAML(typ="safe").load(SHIPPED)


def amtool(programs, *arguments):
    return subprocess.run([programs.amtool, *arguments], capture_output=True, text=True, timeout=60, check=False)


def test_amtool_takes_it(programs):
    done = amtool(programs, "check-config", SHIPPED)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SUCCESS" in done.stdout


def test_amtool_would_object(programs, tmp_path):
    bad = tmp_path / "alertmanager.yml"
    bad.write_text(SHIPPED.read_text(encoding="utf-8").replace("receiver: operators", "receiver: nobody"), encoding="utf-8")
    assert amtool(programs, "check-config", bad).returncode != 0


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        (["alertname=azawad", "alert_id=0123", "severity=critical"], "newsroom"),
        (["alertname=VigieStalled", "severity=critical"], "operators"),
        (["alertname=Watchdog", "severity=none"], "watchdog"),
        (["alertname=Watchdog", "alert_id=0123", "severity=info"], "newsroom"),  # a watch rule of that name
    ],
)
def test_readers_and_operators_are_told_apart(programs, labels, receiver):
    done = amtool(programs, "config", "routes", "test", f"--config.file={SHIPPED}", *labels)
    assert done.stdout.strip() == receiver


def test_alerts_are_grouped_by_rule_and_repeated_to_nobody(config):
    route = config["route"]
    assert route["group_by"] == ["alertname"]
    assert timedelta(seconds=duration(route["repeat_interval"])) > timedelta(seconds=Settings().alert_ttl)
    (newsroom,) = [each for each in config["receivers"] if each["name"] == route["receiver"]]
    assert newsroom["webhook_configs"][0]["send_resolved"] is False


def test_compose_gives_it_to_alertmanager_and_notify_posts_there():
    services = YAML(typ="safe").load(MONITORING.parent / "docker-compose.yml")["services"]
    mounts = dict(volume.split(":")[:2] for volume in services["alertmanager"]["volumes"])
    assert f"--config.file={mounts['./monitoring/alertmanager.yml']}" in services["alertmanager"]["command"]
    assert services["notify"]["environment"]["VIGIE_ALERTMANAGER"] == "http://alertmanager:9093"
