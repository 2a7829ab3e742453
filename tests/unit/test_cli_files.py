"""Files and folders given to commands, as far as they come without a broker."""

import json
from pathlib import Path

import pytest

from tests.fixtures.lines import vigie


@pytest.fixture
def page(tmp_path: Path) -> Path:
    page = tmp_path / "page.html"
    page.write_text("<p>Bonjour</p>")
    return page


@pytest.mark.parametrize(
    ("more", "said"),
    [([], "give it with --url"), (["--url", "example.org"], "--url"), (["--url", "ftp://example.org/a"], "--url")],
)
def test_publish_needs_the_address_of_a_page(page: Path, more: list[str], said: str):
    result = vigie("publish", str(page), *more, COLUMNS="200", TERMINAL_WIDTH="200")
    assert (result.exit_code, said in result.stderr) == (2, True)


def test_publish_two_pages_under_one_address(page: Path):
    assert vigie("publish", str(page), str(page), "--url", "https://example.org/a").exit_code == 2


def test_publish_says_what_cannot_be_read(tmp_path: Path):
    result = vigie("publish", str(tmp_path / "none.jsonl"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"vigie: {tmp_path / 'none.jsonl'}: no such file; name a file that can be read\n"


def site(folder: Path) -> Path:
    """A folder as a crawler leaves it: pages at two depths, one of them in Latin-1, and what is no page."""
    (folder / "site/2026").mkdir(parents=True)
    (folder / "site/b.html").write_bytes("<meta charset=iso-8859-1><p>Été à Ségou, au Mali, dit le ministre.</p>".encode("latin-1"))
    (folder / "site/2026/a b.htm").write_text("<p>Le ministre malien du Commerce est arrivé à Dakar.</p>", encoding="utf-8")
    for name in ("logo.png", ".hidden.html"):
        (folder / "site" / name).write_bytes(b"x")
    return folder / "site"


def test_a_folder_stands_for_its_pages(tmp_path: Path):
    result = vigie("inspect", "--json", str(site(tmp_path)))
    assert (result.exit_code, result.stderr) == (0, "")
    articles = [json.loads(line)["article"] for line in result.stdout.splitlines()]
    assert [each["url"] for each in articles] == ["https://file.invalid/2026/a%20b.htm", "https://file.invalid/b.html"]
    assert articles[1]["body"].startswith("Été à Ségou")


def test_a_folder_without_pages_is_told(tmp_path: Path):
    result = vigie("inspect", str(tmp_path))
    assert result.exit_code == 2
    assert "is a folder without .txt" in " ".join(result.stderr.replace("│", " ").split())


def test_publish_a_folder_needs_what_its_addresses_begin_with(tmp_path: Path, page: Path):
    folder = str(site(tmp_path))
    assert "give it with --url" in " ".join(vigie("publish", folder).stderr.replace("│", " ").split())
    assert vigie("publish", folder, str(page), "--url", "https://example.org/").exit_code == 2
    assert vigie("publish", folder, folder, "--url", "https://example.org/").exit_code == 2


def test_a_page_given_to_a_command_of_lines_is_told_how(tmp_path: Path):
    page = tmp_path / "page.html"
    page.write_text("<p>Bonjour\n")
    result = vigie("detect", str(page))
    assert result.exit_code == 0  # every line was answered all the same
    assert f"vigie inspect {page} --json" in result.stderr
