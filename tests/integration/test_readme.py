"""What the README tells a reader to type works as it stands there."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from agents.broker.processes import free_port
from pipeline.codec import decode_raw, rules_from_toml
from pipeline.entities.watch_list import WatchList
from tests.fixtures.guides import ROOT, blocks, text_of
from tests.fixtures.kafka import own_home

README = "README.md"
PAGE = """<!doctype html><html lang="en"><head><title>Ferry back in service</title></head>
<body><article><h1>Ferry back in service</h1>
<p>The ferry between Banjul and Barra is back in service after four months of repairs, the ports authority said on Monday.</p>
<p>Two more engines are expected before the rains, its director told reporters at the terminal in Banjul.</p>
</article></body></html>
"""


def commands(block: str) -> list[str]:
    return [line[2:] for line in block.splitlines() if line.startswith("$ ")]


def test_the_raw_event_is_one():
    (event,) = blocks(README, "json")
    assert decode_raw(event.encode()).publisher.country == "ML"


def test_the_rules_file_is_one():
    (rules,) = blocks(README, "toml")
    assert [rule.id for rule in rules_from_toml(rules)] == ["azawad"]


def test_the_names_to_watch_are_a_list():
    (names,) = blocks(README, "jsonl")
    assert len(WatchList.from_lines(names.encode().splitlines())) == 1


def test_every_command_that_is_named_exists():
    named = set(re.findall(r"(?:`|\$ )vigie ([a-z][a-z-]*)", text_of(README)))
    listed = subprocess.run([sys.executable, "-m", "agents", "--help"], capture_output=True, text=True, check=True).stdout
    assert {name for name in named if not re.search(rf"\b{name}\b", listed)} == set()


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with the files that the README's commands name."""
    (tmp_path / "page.txt").write_bytes((ROOT / "tests/data/page.txt").read_bytes())
    (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "rules.toml").write_text(blocks(README, "toml")[0], encoding="utf-8")
    (tmp_path / "raw.jsonl").write_text(json.dumps(json.loads(blocks(README, "json")[0])) + "\nnot an event\n", encoding="utf-8")
    return tmp_path


def run(script: list[str], desk: Path, **environ: str) -> str:
    text = "set -euo pipefail\n" + "\n".join(script)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", text],
        cwd=desk,
        env=os.environ | {"PATH": path} | environ,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_first_look_needs_no_kafka(desk: Path):
    shown = run(commands(blocks(README, "console")[0]), desk)
    answers = [json.loads(line) for line in (desk / "enriched.jsonl").read_text(encoding="utf-8").splitlines()]
    assert "Abdoulaye Diop" in shown
    assert ["article" in answers[0], answers[1]["error"]["reason"]] == [True, "not_json"]


@pytest.mark.broker
def test_on_a_kafka_of_your_own(desk: Path):
    home = own_home(desk / "home")
    script = [
        line.replace("9092", str(free_port())) if "VIGIE_BROKER" in line else line
        for line in commands(blocks(README, "console")[1])
    ]
    script = [re.sub(r"^(vigie worker &).*", r"\1 worker=$!; trap 'kill $worker' EXIT", line) for line in script]
    try:
        shown = run([*script, "kill $worker", "trap - EXIT", "wait $worker"], desk, VIGIE_HOME=str(home), VIGIE_PROCESSES="1")
    finally:
        run([next(line for line in script if "VIGIE_BROKER" in line), "vigie broker stop"], desk, VIGIE_HOME=str(home))
    assert "https://example.org/page" in shown
    assert "0 dead letters" in shown
