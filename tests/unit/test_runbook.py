"""docs/runbook.md: an entry for each alarm, and links, commands, events and settings that exist."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from agents.cli import app
from agents.settings import Settings, variable_of

ROOT = Path(__file__).parents[2]
RULES = ROOT / "monitoring/prometheus/rules/alerts.yml"
PAGES = [ROOT / "docs/runbook.md", ROOT / "docs/sizing.md"]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def alarms():
    return [rule for group in YAML(typ="safe").load(RULES)["groups"] for rule in group["rules"]]


def headings(page: Path) -> list[str]:
    return re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """Anchors as GitHub makes them: lower case, punctuation dropped, spaces as hyphens."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings(page)}


def test_each_alarm_has_an_entry_and_each_entry_an_alarm():
    assert headings(PAGES[0])[1:] == [alarm["alert"] for alarm in alarms()]


@pytest.mark.parametrize("alarm", alarms(), ids=lambda alarm: alarm["alert"])
def test_an_alarm_leads_to_its_entry(alarm):
    page, anchor = re.fullmatch(
        r"https://github\.com/vigie/vigie/blob/main/(.+)#(.+)", alarm["annotations"]["runbook_url"]
    ).groups()
    assert anchor in anchors(ROOT / page)
    assert anchor == alarm["alert"].lower()
    assert alarm["labels"]["severity"] in ({"none"} if alarm["alert"] == "Watchdog" else {"warning", "critical"})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page):
    for link in LINK.findall(page.read_text()):
        path, _, anchor = link.partition("#")
        target = (page.parent / path) if path else page
        assert target.is_file(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_setting_that_is_named_exists(page):
    assert set(re.findall(r"\bVIGIE_[A-Z_]+\b", page.read_text())) <= {variable_of(each.name) for each in fields(Settings)}


def test_every_command_and_event_that_is_named_exists():
    text = PAGES[0].read_text()
    for command in sorted(set(re.findall(r"`vigie ([a-z-]+(?: (?:list|show|replay))?)", text))):
        assert CliRunner().invoke(app, [*command.split(), "--help"]).exit_code == 0, command
    code = "".join(path.read_text() for path in (ROOT / "agents").rglob("*.py"))
    named = set(re.findall(r"`((?:alerts?|alertmanager|batch|owner|record|worker|partition)\.[a-z_]+)`", text))
    assert named
    for event in named:
        assert f'"{event}"' in code, event
