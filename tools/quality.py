"""Measure the quality of the stages as acceptance does: our commands' answers, the scorers and gold of ../shared.

python tools/quality.py            # a line a set, as Markdown rows; about a minute
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

SHARED = Path(__file__).resolve().parents[2] / "shared"
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


def main() -> None:
    """Measure every set and print a row for each."""
    data, pages, entities = SHARED / "data", SHARED / "score" / "pages.py", SHARED / "score" / "entities.py"
    split_keys = ("exact", "near", "token_f1", "start_f1", "whole_f1", "calibration_error", "auroc", "exact_sure")
    language_keys = (
        "macro",
        "recall",
        "coverage_at_1pct",
        "calibration_error",
        "auroc",
        "kind:sentence",
        "kind:tweet",
        "kind:pair",
    )
    entity_keys = ("precision", "recall", "f1", "by_type", "link_recall", "link_precision")
    for name in SPLIT:
        gold = data / f"{name}.jsonl"
        row(name, scored("split.py", gold, "split", gold), *split_keys)
    for name in LANGUAGE:
        gold = data / f"{name}.jsonl"
        perturbed = (
            "pert:orig",
            "pert:caps",
            "pert:noacc",
            "pert:mask_url",
            "pert:trunc80",
            "pert:trunc40",
            "pert:trunc20",
            "pert:trunc10",
        )
        row(name, scored("language.py", gold, "detect", gold), *language_keys, "kind:word", *perturbed)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        gold = made(folder, "language.jsonl", pages, "language", data / "sahel/dev.jsonl")
        row("sahel/dev, language", scored("language.py", gold, "detect", gold), "macro", "source:article", "source:comment")
        gold = made(folder, "entities.jsonl", pages, "entities", data / "sahel/dev.jsonl")
        row("sahel/dev, entities", scored("entities.py", gold, "tag", gold), *entity_keys)
        for case in CASES[:2]:
            texts = made(folder, f"{case}.jsonl", entities, gold, "--texts", "--case", case)
            row(f"sahel/dev, entities, {case}", scored("entities.py", gold, "tag", texts), "precision", "recall", "f1")
        part = made(folder, "comments.jsonl", pages, "entities", data / "sahel/dev.jsonl", "comment")
        row("sahel/dev, entities of comments", scored("entities.py", part, "tag", part), "recall")
        for name in CONLL:
            texts = made(folder, "texts.jsonl", entities, data / f"{name}.conll", "--texts")
            row(name, scored("entities.py", data / f"{name}.conll", "tag", texts), "precision", "recall", "f1")


if __name__ == "__main__":
    main()
