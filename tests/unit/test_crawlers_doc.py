"""docs/crawlers.md: its mapping is one, its options are there, and it names every reason of its own."""

import re
import shlex
from pathlib import Path

from typer.testing import CliRunner

from agents.cli import app
from agents.cli.warc import Unread
from pipeline.mapping import FieldMapping

TEXT = (Path(__file__).parents[2] / "docs/crawlers.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def test_the_mapping_that_is_shown_is_read():
    name, _, value = shlex.split(BLOCKS[1])[1].partition("=")
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
