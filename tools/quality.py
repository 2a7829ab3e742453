"""Measure the quality of the stages as acceptance does: our commands' answers, the scorers and gold of ../shared.

python tools/quality.py            # a line a set, as Markdown rows; about a minute
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

SHARED = Path(__file__).resolve().parents[2] / "shared"
DATA, PAGES, ENTITIES = SHARED / "data", SHARED / "score" / "pages.py", SHARED / "score" / "entities.py"
VIGIE = [sys.executable, "-m", "agents"]
SPLIT = ("split/raw_dev", "split/headers_dev", "split/bare_dev", "sahel/dev", "sample/gold")
LANGUAGE = ("language/dev", "language/dev_perturbed")
CONLL = ("entities/winer_fr_dev", "entities/wnut17_en_dev", "entities/uner_ewt_en_dev")
CASES = ("upper", "lower", "noaccent")


def output(*command: object) -> bytes:
    """Standard output of a command; its failure ends the measurement."""
    return subprocess.run([str(each) for each in command], stdout=subprocess.PIPE, check=True).stdout


def scored(scorer: str, gold: Path, command: str, texts: Path) -> dict[str, object]:
    """The scorer's figures on what a command of vigie answers to texts."""
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as answers:
        answers.write(output(*VIGIE, command, texts))
        answers.flush()
        lines = output(sys.executable, SHARED / "score" / scorer, gold, answers.name).splitlines()
    return {key: value for line in lines for key, value in json.loads(line).items() if key not in {"texts", "pages", "missing"}}


def made(folder: Path, name: str, *command: object) -> Path:
    """A file with the output of a command of ../shared/score."""
    path = folder / name
    path.write_bytes(output(sys.executable, *command))
    return path


def row(name: str, figures: dict[str, object], *wanted: str) -> None:
    """Print a set and its figures."""
    shown = ", ".join(f"{key} {figures[key]}" for key in wanted if figures.get(key) is not None)
    print(f"| {name} | {shown} |", flush=True)


def measure_splits() -> None:
    """Pages to split."""
    for name in SPLIT:
        gold = DATA / f"{name}.jsonl"
        figures = scored("split.py", gold, "split", gold)
        row(name, figures, "exact", "near", "token_f1", "start_f1", "whole_f1", "calibration_error", "auroc", "exact_sure")


def measure_languages(folder: Path) -> None:
    """Texts to detect; the kinds and perturbations that the gold names stand beside the whole."""
    keys = ("macro", "recall", "coverage_at_1pct", "calibration_error", "auroc")
    for name in LANGUAGE:
        gold = DATA / f"{name}.jsonl"
        figures = scored("language.py", gold, "detect", gold)
        row(name, figures, *keys, *(key for key in figures if key.startswith(("kind:", "pert:"))))
    gold = made(folder, "language.jsonl", PAGES, "language", DATA / "sahel/dev.jsonl")
    row("sahel/dev, language", scored("language.py", gold, "detect", gold), "macro", "source:article", "source:comment")


def measure_entities(folder: Path) -> None:
    """Names to tag: as they stand, and in other cases."""
    gold = made(folder, "entities.jsonl", PAGES, "entities", DATA / "sahel/dev.jsonl")
    keys = ("precision", "recall", "f1", "by_type", "link_recall", "link_precision")
    row("sahel/dev, entities", scored("entities.py", gold, "tag", gold), *keys)
    for case in CASES:
        texts = made(folder, f"{case}.jsonl", ENTITIES, gold, "--texts", "--case", case)
        row(f"sahel/dev, entities, {case}", scored("entities.py", gold, "tag", texts), *keys[:3])
    part = made(folder, "comments.jsonl", PAGES, "entities", DATA / "sahel/dev.jsonl", "comment")
    row("sahel/dev, entities of comments", scored("entities.py", part, "tag", part), "recall")
    for name in CONLL:
        texts = made(folder, "texts.jsonl", ENTITIES, DATA / f"{name}.conll", "--texts")
        row(name, scored("entities.py", DATA / f"{name}.conll", "tag", texts), *keys[:3])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        measure_splits()
        measure_languages(Path(scratch))
        measure_entities(Path(scratch))
