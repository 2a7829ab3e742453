"""Predict the language of every text of a JSON Lines file, for the scorers.

    python -m tools.predict_language GOLD.jsonl [--kind vigie|langdetect] [--prior TAG] > PREDICTED.jsonl

Each line in has `id` and `text`; each line out has `id`, `tag`, `confidence`, `method`. The texts per CPU second go to stderr.
"""

import argparse
import sys
import time
from pathlib import Path

import orjson

from pipeline.language import load_detector


def main() -> None:
    """Read, predict, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--kind", default="vigie")
    parser.add_argument("--prior")
    args = parser.parse_args()
    rows = [orjson.loads(line) for line in args.gold.read_bytes().splitlines()]
    detector = load_detector(args.kind)
    detector.detect("to be ready before the clock starts")
    start = time.process_time()
    answers = detector.detect_all([row["text"] for row in rows], prior=args.prior)
    seconds = time.process_time() - start
    for row, answer in zip(rows, answers, strict=True):
        line = {"id": row["id"], "tag": answer.tag, "confidence": answer.confidence, "method": answer.method}
        sys.stdout.write(orjson.dumps(line).decode() + "\n")
    print(f"{detector.name}: {len(rows) / seconds:,.0f} texts a CPU second", file=sys.stderr)


if __name__ == "__main__":
    main()
