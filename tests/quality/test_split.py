"""What the plain-text splitter reaches on gold pages. The shipped weights are fitted on the pages of split/, never on
sahel/dev or the sample: tools/train_split.py prints the figures on pages held out."""

import hashlib
import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from pipeline.split.plain import split_text

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"
FLOORS = tomllib.loads((Path(__file__).parent / "floors.toml").read_text(encoding="utf-8"))["split"]

pytestmark = pytest.mark.shared


def figures(gold: Path, folder: Path) -> dict[str, float]:
    predicted = folder / "predicted.jsonl"
    with gold.open(encoding="utf-8") as pages, predicted.open("w", encoding="utf-8") as out:
        for line in pages:
            page = json.loads(line)
            layout = split_text(page["text"])
            segments = [{"kind": segment.kind, "start": segment.start, "end": segment.end} for segment in layout.segments]
            out.write(json.dumps({"id": page["id"], "segments": segments, "confidence": layout.confidence}) + "\n")
    command = [sys.executable, str(SHARED / "score" / "split.py"), str(gold), str(predicted)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.parametrize("name", FLOORS)
def test_figures_stay_above_their_floors(name: str, tmp_path: Path):
    floor = dict(FLOORS[name])
    gold = SHARED / "data" / floor.pop("file")
    assert hashlib.sha256(gold.read_bytes()).hexdigest() == floor.pop("sha256"), (
        f"{gold.name} is another corpus: measure, then set its floors"
    )
    reached = figures(gold, tmp_path)
    assert {measure: reached[measure] for measure, least in floor.items() if reached[measure] < least} == {}
