"""Quality of the tagger on gold texts, against floors.toml; and every id of the gazetteer against the files that it came from."""

import hashlib
import json
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pipeline.entities import Tagger, load_tagger
from pipeline.entities.gazetteer import load
from pipeline.events import Entity
from pipeline.tagging import tag_text

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared/data"
FLOORS = tomllib.loads((ROOT / "tests/quality/floors.toml").read_text(encoding="utf-8"))["entities"]

pytestmark = pytest.mark.shared


@cache
def tagger() -> Tagger:
    return load_tagger()


def same_length(text: str, change: Any) -> str:
    """A text in another case, as long as before."""
    return "".join(new if len(new := change(char)) == 1 else char for char in text)


def conll(path: Path) -> Iterator[dict[str, Any]]:
    """Sentences as text with spans, country unknown."""
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        rows = [line.split("\t")[:2] for line in block.splitlines() if line.strip()]
        spans: list[dict[str, Any]] = []
        offset, before = 0, "O"
        for word, tag in rows:
            if tag.startswith("I-") and before[2:] == tag[2:]:
                spans[-1]["end"] = offset + len(word)
            elif tag != "O":
                spans.append({"start": offset, "end": offset + len(word), "type": tag[2:]})
            offset, before = offset + len(word) + 1, tag
        yield {"text": " ".join(word for word, _ in rows), "entities": [s for s in spans if s["type"] in ("PER", "ORG", "LOC")]}


@cache
def corpus(name: str) -> list[dict[str, Any]]:
    """A gold set of floors.toml, its SHA-256 checked."""
    path = DATA / FLOORS["corpora"][name]["file"]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == FLOORS["corpora"][name]["sha256"], f"{name} has changed: measure again"
    if path.suffix == ".conll":
        return list(conll(path))
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def spans(page: dict[str, Any], text: str) -> dict[tuple[int, int, str], Entity]:
    """What the tagger gives for a text."""
    return {(e.start, e.end, e.type): e for e in tag_text(tagger(), text, country=page.get("country"))}


def id_of(got: dict[tuple[int, int, str], Entity], span: tuple[int, int, str]) -> str | None:
    """The id that is given to a span."""
    return got[span].id if span in got else None


def calibration(answers: list[tuple[float, bool]]) -> float:
    """One less the mean distance, over ten bins, of confidence from the share that is right."""
    off = 0.0
    for low in range(10):
        inside = [(sure, right) for sure, right in answers if low <= min(9, int(10 * sure)) < low + 1]
        off += abs(sum(sure for sure, _ in inside) - sum(right for _, right in inside))
    return 1 - off / len(answers)


def measure(name: str, case: str) -> dict[str, float]:
    """F1 over exact spans and types, recall in comments, and how many of the gold's ids are given, and right."""
    answers: list[tuple[float, bool]] = []
    hits = wanted = given = in_comments = found_in_comments = linkable = linked = answered = 0
    for page in corpus(name):
        change = {"upper": str.upper, "lower": str.lower, "as is": str}[case]
        got = spans(page, same_length(page["text"], change))
        want = {(e["start"], e["end"], e["type"]): e.get("qid") for e in page["entities"]}
        comments = [(s["start"], s["end"]) for s in page.get("segments", ()) if s["kind"] == "comment"]
        hits, wanted, given = hits + len(want.keys() & got.keys()), wanted + len(want), given + len(got)
        answers += [(entity.confidence, span in want) for span, entity in got.items()]
        inside = {span for span in want if any(start <= span[0] < end for start, end in comments)}
        in_comments, found_in_comments = in_comments + len(inside), found_in_comments + len(inside & got.keys())
        linkable += sum(qid is not None for qid in want.values())
        linked += sum(qid is not None and id_of(got, span) == qid for span, qid in want.items())
        answered += sum(qid is not None and id_of(got, span) is not None for span, qid in want.items())
    figures = {"f1": 2 * hits / (wanted + given), "calibration": calibration(answers)}
    if in_comments:
        figures["recall in comments"] = found_in_comments / in_comments
    if linkable:
        figures |= {"link recall": linked / linkable, "link precision": linked / answered}
    return figures


@pytest.mark.parametrize("floor", FLOORS["floors"], ids=lambda floor: f"{floor['corpus']} {floor['case']}")
def test_quality_stays_above_its_floor(floor: dict[str, Any]) -> None:
    figures = measure(floor["corpus"], floor["case"])
    low = {name: (round(figures[name], 4), bound) for name, bound in floor["at_least"].items() if figures[name] < bound}
    assert not low, f"measured and wanted: {low}"


def test_every_id_of_the_gazetteer_stands_in_a_source_file() -> None:
    known = {int(key[1:]) for key in json.loads((DATA / "gazetteer/everypolitician_wikidata.json").read_text(encoding="utf-8"))}
    for path in (DATA / "gazetteer").glob("*.jsonl"):
        known |= {int(json.loads(line)["qid"][1:]) for line in path.read_text(encoding="utf-8").splitlines()}
    shipped = load().qids
    assert len(shipped) == len(set(shipped)) > 100_000
    assert set(shipped) <= known
