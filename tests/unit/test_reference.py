"""docs/: what is made from the code is as it would be made now, and what pages name exists."""

import re
from pathlib import Path

import pytest

from agents.cli import COMMANDS
from agents.contracts.schemas import components
from agents.watch_files import read_names
from tests.fixtures.guides import ROOT, blocks
from tools import reference
from tools.contracts import publish

PAGES = sorted((ROOT / "docs").rglob("*.md"))


@pytest.mark.parametrize("path", publish(), ids=lambda path: path.name)
def test_the_contracts_are_those_that_would_be_made_now(path: Path):
    assert path.read_bytes() == publish()[path], "run: make docs"


@pytest.mark.parametrize("path", reference.pages(), ids=lambda path: path.name)
def test_the_reference_is_the_one_that_would_be_made_now(path: Path):
    assert path.read_text(encoding="utf-8") == reference.pages()[path], "run: make docs"


@pytest.mark.parametrize(("name", "struct"), components("{name}").items())
def test_every_field_of_an_event_says_what_it_means(name: str, struct: dict):
    assert struct["description"]
    for field, schema in struct["properties"].items():
        assert schema["description"].endswith("."), f"{name}.{field}: describe it in pipeline/events.py"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_and_settings_that_are_named_exist(page: Path):
    text = page.read_text(encoding="utf-8")
    settings = set(re.findall(r"^\| `(VIGIE_\w+)`", reference.settings(), re.MULTILINE)) | {"VIGIE_HOME"}
    named = {name.removesuffix("_FILE") if name not in settings else name for name in re.findall(r"\bVIGIE_[A-Z_]*[A-Z]\b", text)}
    assert named - settings == set()
    assert set(re.findall(r"(?:`|\$ |^)vigie ([a-z][a-z-]*)", text, re.MULTILINE)) - set(COMMANDS) == set()


def test_the_table_of_names_that_is_shown_is_a_watch_list(tmp_path: Path):
    (table,) = blocks("docs/how-to/rules.md", "csv")
    (tmp_path / "names.csv").write_text(table, encoding="utf-8")
    names = read_names(tmp_path / "names.csv")
    assert [names.item(number)[0] for number in range(len(names))] == ["Abdoulaye Diop", "client-7"]
