"""docs/crawlers.md: its mapping is one, its options are there, and it names every reason of its own."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agents.cli import app
from agents.cli.warc import Unread
from pipeline.mapping import FieldMapping
from tests.fixtures.guides import blocks, text_of

TEXT, BLOCKS = text_of("docs/crawlers.md"), blocks("docs/crawlers.md", "sh")


def test_the_mapping_that_is_shown_is_read():
    name, _, value = shlex.split(BLOCKS[2])[1].partition("=")
    assert name == "VIGIE_RAW_FIELDS"
    mapping = FieldMapping.parse(value)
    assert (len(mapping.rules), list(mapping.apart)) == (5, [""])
    for row in re.findall(r"^\| (`[a-z_.]+=.*?`) \|", TEXT, re.MULTILINE):
        rules = ", ".join(re.findall(r"`(.*?)`", row.replace("\\|", "|")))
        FieldMapping.parse(f"comments=c, {rules}" if rules.startswith("comments.") else rules)


def test_the_options_that_are_shown_are_there():
    shown = CliRunner().invoke(app, ["publish", "--help"], env={"COLUMNS": "200", "TERMINAL_WIDTH": "200"}).stdout
    options = set(re.findall(r"--[a-z]+", f"{BLOCKS[0]} {' '.join(re.findall(r'^- `(--.*?)`', TEXT, re.MULTILINE))}"))
    assert options == {"--rate", "--resume", "--report"}
    assert all(option in shown for option in options)


def test_every_reason_is_named():
    assert all(f"`{reason}`" in TEXT for reason in Unread)


def test_the_folder_that_is_shown_is_published_under_its_addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """As far as Kafka: no broker is there, and nothing else is wrong."""
    (tmp_path / "html").mkdir()
    (tmp_path / "html/page.html").write_text("<p>Le ministre est arrivé à Bamako.</p>", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    look, publish = (shlex.split(line)[1:] for line in BLOCKS[1].splitlines())
    assert CliRunner().invoke(app, look).exit_code == 0
    assert (tmp_path / "seen").exists()
    told = CliRunner().invoke(app, publish, env={"VIGIE_BROKER": "127.0.0.1:1"})
    assert (told.exit_code, "no Kafka answers at 127.0.0.1:1" in told.stderr) == (1, True)
