"""docs/: what is made from the code is as it would be made now, every page is in the site, and what pages name exists."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from agents.cli import COMMANDS
from pipeline.codec import decode_raw
from tools import reference
from tools.contracts import publish

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").rglob("*.md"))


@pytest.mark.parametrize("path", publish(), ids=lambda path: path.name)
def test_the_contracts_are_those_that_would_be_made_now(path: Path):
    assert path.read_bytes() == publish()[path], "run: make docs"


def files(entry: object) -> set[str]:
    if isinstance(entry, str):
        return {entry}
    return {name for each in (entry if isinstance(entry, list) else entry.values()) for name in files(each)}


def test_every_page_is_in_the_site():
    nav = YAML(typ="safe").load(ROOT / "mkdocs.yml")["nav"]
    assert files(nav) == {str(page.relative_to(ROOT / "docs")) for page in PAGES}, "name it under nav in mkdocs.yml"


@pytest.mark.parametrize("path", reference.pages(), ids=lambda path: path.name)
def test_the_reference_is_the_one_that_would_be_made_now(path: Path):
    assert path.read_text(encoding="utf-8") == reference.pages()[path], "run: make docs"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_and_settings_that_are_named_exist(page: Path):
    text = page.read_text(encoding="utf-8")
    settings = set(re.findall(r"^\| `(VIGIE_\w+)`", reference.settings(), re.MULTILINE)) | {"VIGIE_HOME"}
    named = {name.removesuffix("_FILE") if name not in settings else name for name in re.findall(r"\bVIGIE_[A-Z_]*[A-Z]\b", text)}
    assert named - settings == set()
    assert set(re.findall(r"(?:`|\$ |^)vigie ([a-z][a-z-]*)", text, re.MULTILINE)) - set(COMMANDS) == set()


def test_a_folder_of_html_becomes_raw_events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    (block,) = re.findall(
        r"^```python\n(.*?)^```", (ROOT / "docs/crawlers.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    (tmp_path / "html").mkdir()
    (tmp_path / "html/a.html").write_text("<p>Été à Dakar</p>", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    exec(compile(block, "docs/crawlers.md", "exec"), {})  # noqa: S102 - the page is ours
    (line,) = capsys.readouterr().out.splitlines()
    raw = decode_raw(line.encode())
    assert (raw.url, raw.content, raw.content_type) == ("https://example.org/a", "<p>Été à Dakar</p>", "text/html")
