"""`make bench PART=languages`: our language detector beside langdetect, lingua and py3langid, on the same texts in the same run.

Quality by the scorer of ../shared (mean recall of fr, en and other; only fr and en count, any other tag is `other`), speed, load
time and memory. The detectors take turns, each repetition in a process of its own; speed is the median, on texts not seen before.
Prints a table as Markdown and keeps it, with every figure, in .bench/languages.json.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import orjson

from tests.bench.cluster import PEERS, ROOT
from tests.bench.measure import machine
from tests.bench.peers import detectors

_SHARED = ROOT.parent / "shared"
_NAMES = tuple(detectors.PEERS)
_QUALITY = {
    "dev": {
        "macro": "language/dev: all",
        "kind:sentence": "sentences",
        "kind:tweet": "tweets",
        "kind:pair": "pairs of words",
        "kind:word": "single words",
        "calibration_error": "calibration error of fr and en answers",
        "auroc": "AUROC of their confidence",
        "coverage_at_1pct": "share of fr and en texts accepted with 1 % wrong",
    },
    "dev_perturbed": {
        "pert:orig": "dev_perturbed: as they are",
        "pert:caps": "capitals",
        "pert:noacc": "without accents",
        "pert:caps_noacc": "both",
        "pert:mask_url": "masked words, addresses",
        "pert:trunc80": "cut at 80 characters",
        "pert:trunc40": "at 40",
        "pert:trunc20": "at 20",
        "pert:trunc10": "at 10",
    },
    "sahel": {"source:comment": "sahel/dev: comments"},
}
_COSTS = {"speed": "texts a CPU second", "load": "CPU seconds to load", "memory": "memory added, MiB"}
Golds = dict[str, list[dict[str, Any]]]


def run(repetitions: int) -> None:
    """Measure, print and keep."""
    if not PEERS.exists():
        sys.exit("the peers are not installed: make bench PART=languages")
    if not _SHARED.is_dir():
        sys.exit(f"the gold texts are not here: {_SHARED}")
    golds, noise = _golds(), _noise()
    texts = [*([row["text"] for row in rows] for rows in golds.values()), noise]
    costs: dict[str, dict[str, list[float]]] = {name: {cost: [] for cost in _COSTS} for name in _NAMES}
    figures: dict[str, dict[str, float]] = {}
    for repetition in range(repetitions):
        for name in _NAMES:
            found = _asked(name, texts if repetition == 0 else [texts[0][: detectors.TIMED]])
            for cost, values in costs[name].items():
                values.append(found[cost])
            if repetition == 0:
                figures[name] = _scored(golds, found["answers"])
                figures[name]["noise"] = sum(tag == "und" for tag, _ in found["answers"][-1]) / len(noise)
            print(f"  {repetition + 1}/{repetitions} {name}: {found['speed']:.0f} texts a CPU second", file=sys.stderr, flush=True)
    _keep(figures, costs, repetitions)


def _golds() -> Golds:
    """The gold texts by set; the comments of sahel/dev as the scorers take them."""
    golds = {name: (_SHARED / "data" / "language" / f"{name}.jsonl").read_bytes() for name in ("dev", "dev_perturbed")}
    command = [sys.executable, _SHARED / "score" / "pages.py", "language", _SHARED / "data" / "sahel" / "dev.jsonl"]
    golds["sahel"] = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    return {name: [orjson.loads(line) for line in lines.splitlines()] for name, lines in golds.items()}


def _noise() -> list[str]:
    kinds = tomllib.loads((ROOT / "tests" / "quality" / "noise.toml").read_text(encoding="utf-8"))
    return [text for kind in kinds.values() for text in kind]


def _asked(name: str, texts: list[list[str]]) -> dict[str, Any]:
    """What a detector answers, and its costs, in a process of its own."""
    command = [PEERS, "-m", "tests.bench.peers.detectors", name]
    answered = subprocess.run(command, check=True, cwd=ROOT, input=orjson.dumps(texts), stdout=subprocess.PIPE)
    return dict(orjson.loads(answered.stdout))


def _scored(golds: Golds, answers: list[list[tuple[str, float]]]) -> dict[str, float]:
    """The scorer's figures that the table names."""
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        gold, predicted = Path(folder) / "gold.jsonl", Path(folder) / "predicted.jsonl"
        for (name, rows), found in zip(golds.items(), answers, strict=False):
            gold.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
            lines = (
                json.dumps({"id": row["id"], "tag": tag, "confidence": chance})
                for row, (tag, chance) in zip(rows, found, strict=True)
            )
            predicted.write_text("\n".join(lines), encoding="utf-8")
            command = [sys.executable, _SHARED / "score" / "language.py", gold, predicted]
            for line in subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.splitlines():
                figures |= {_QUALITY[name][key]: value for key, value in json.loads(line).items() if key in _QUALITY[name]}
    return figures


def _keep(figures: dict[str, dict[str, float]], costs: dict[str, dict[str, list[float]]], repetitions: int) -> None:
    where = machine()
    lines = [f"`python -m tests.bench languages --repetitions {repetitions}`. {where}.", ""]
    lines += ["| | " + " | ".join(_NAMES) + " |", "|---" * (len(_NAMES) + 1) + "|"]
    for key in next(iter(figures.values())):
        shown = (
            f"{figures[name][key]:.3f}" if "error" in key or "AUROC" in key else f"{100 * figures[name][key]:.1f}"
            for name in _NAMES
        )
        lines.append(f"| {'noise.toml: taken for no language' if key == 'noise' else key} | " + " | ".join(shown) + " |")
    for cost, title in _COSTS.items():
        medians = (statistics.median(costs[name][cost]) for name in _NAMES)
        lines.append(f"| {title} | " + " | ".join(f"{value:,.2f}" if value < 10 else f"{value:,.0f}" for value in medians) + " |")
    kept = ROOT / ".bench" / "languages.json"
    kept.parent.mkdir(exist_ok=True)
    kept.write_bytes(orjson.dumps({"machine": where, "quality": figures, "costs": costs}, option=orjson.OPT_INDENT_2))
    print("\n".join(lines))
