"""Language detection on the corpora of ../shared, against the floors of floors.toml."""

import json
import subprocess
import sys
import tomllib
from hashlib import sha256
from pathlib import Path

import pytest

from pipeline.language import load_detector

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"
FLOORS = tomllib.loads((Path(__file__).parent / "floors.toml").read_text(encoding="utf-8"))["language"]
NOISE = tomllib.loads((Path(__file__).parent / "noise.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def detector():
    return load_detector()


def rows_of(name: str) -> list[dict]:
    source = SHARED / "data" / FLOORS[name]["file"]
    data = source.read_bytes()
    assert sha256(data).hexdigest() == FLOORS[name]["sha256"], f"{source.name} has changed: measure again, set floors.toml anew"
    if "pages" not in FLOORS[name]:
        return [json.loads(line) for line in data.decode().splitlines()]
    command = [sys.executable, SHARED / "score" / "pages.py", "language", source]
    lines = subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8").stdout.splitlines()
    return [json.loads(line) for line in lines]


def scored(rows: list[dict], detector, folder: Path) -> dict[str, float]:
    """The scorer's figures by name."""
    gold, predicted = folder / "gold.jsonl", folder / "predicted.jsonl"
    answers = detector.detect_all([row["text"] for row in rows])
    gold.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    lines = (
        json.dumps({"id": row["id"], "tag": found.tag, "confidence": found.confidence})
        for row, found in zip(rows, answers, strict=True)
    )
    predicted.write_text("\n".join(lines), encoding="utf-8")
    command = [sys.executable, SHARED / "score" / "language.py", gold, predicted]
    figures: dict[str, float] = {}
    for line in subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8").stdout.splitlines():
        figures |= {name: value for name, value in json.loads(line).items() if isinstance(value, (int, float))}
    return figures


@pytest.mark.shared
@pytest.mark.parametrize("name", [name for name in FLOORS if "file" in FLOORS[name]])
def test_floors_hold(name, detector, tmp_path):
    figures = scored(rows_of(name), detector, tmp_path)
    assert figures["missing"] == 0
    short = {key: (figures[key], floor) for key, floor in FLOORS[name]["floors"].items() if figures[key] < floor}
    over = {key: (figures[key], most) for key, most in FLOORS[name].get("ceilings", {}).items() if figures[key] > most}
    assert not short
    assert not over


def test_noise_has_no_language(detector):
    texts = [text for kind in NOISE.values() for text in kind]
    answers = detector.detect_all(texts)
    assert len(set(texts)) == len(texts) == 300
    assert sum(found.tag == "und" for found in answers) >= FLOORS["noise"]["und"] * len(answers)


@pytest.mark.parametrize("kind", NOISE)
def test_no_kind_of_noise_is_taken_for_a_language(kind, detector):
    found = {text: answer.tag for text, answer in zip(NOISE[kind], detector.detect_all(NOISE[kind]), strict=True)}
    assert sum(tag == "und" for tag in found.values()) >= FLOORS["noise"]["und of each kind"] * len(found), found
