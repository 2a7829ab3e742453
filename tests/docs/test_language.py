"""docs/how-to/language.md: the folder that it shows makes a new language of a copy of vigie."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixtures.guides import ROOT, titled_blocks

FILES = titled_blocks("docs/how-to/language.md", "toml")
PAGE = """Neue Brücke über den Niger: Bau beginnt im Januar

Die Regierung in Niamey hat am Montag den Vertrag für eine dritte Brücke über den Niger unterzeichnet. Das Bauwerk soll die
Stadtteile am rechten Ufer mit dem Zentrum verbinden und den Verkehr auf der alten
Kennedy-Brücke entlasten, teilte das Ministerium mit.

Die Arbeiten sollen im Januar beginnen und drei Jahre dauern. Nach Angaben des Ministers Mohamed Koné werden dabei etwa
zweitausend Menschen Arbeit finden. Die Kosten übernimmt zum größten Teil eine Entwicklungsbank.

Quelle: dpa

2 Kommentare

Aminata Sow
25. November 2026 um 09:12 Uhr
Endlich! Jeden Morgen stehe ich eine Stunde auf der alten Brücke im Stau.
Antworten

Jonas
25. November 2026 um 10:40 Uhr
Und wer bezahlt am Ende? Wir natürlich, wie immer.
Antworten
"""
STARTS = ["Endlich!", "Und"]
CODE = """
import json, sys
from pipeline import RawArticle, load_pipeline, process
import msgspec
enriched = process(RawArticle(url="https://example.org/de", content=sys.stdin.read()), load_pipeline())[0]
print(json.dumps(msgspec.to_builtins(enriched)))
"""


def enrich(packages: Path) -> dict:
    environ = os.environ | {"PYTHONPATH": str(packages), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        input=PAGE,
        env=environ,
        cwd=packages,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "pipeline", folder / "pipeline", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def test_without_the_folder_the_page_is_not_read_right(copy: Path):
    found = enrich(copy)
    assert found["article"]["info_sources"] == []
    assert [each["text"].split()[0] for each in found["comments"]] != STARTS


def test_with_the_folder_the_page_is_read(copy: Path):
    assert set(FILES) == {"detect.toml", "entities.toml", "sources.toml", "split.toml"}
    folder = copy / "pipeline/languages/de"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    found = enrich(copy)
    article, comments = found["article"], found["comments"]
    assert article["body"].splitlines()[-1] == "Quelle: dpa"
    assert [source["name"] for source in article["info_sources"]] == ["DPA"]
    assert article["language"]["tag"] == "de"
    assert [(each["author"]["name"], each["published_at"][:10], each["language"]["tag"]) for each in comments] == [
        ("Aminata Sow", "2026-11-25", "de"),
        ("Jonas", "2026-11-25", "de"),
    ]
    assert [each["text"].split()[0] for each in comments] == STARTS
