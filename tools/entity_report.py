"""What the tagger gets right and wrong on ../shared/data/sahel/dev.jsonl: by type, evidence and confidence, and its worst errors.

usage: python tools/entity_report.py [--errors 30] [--data ../shared/data]

An error weighs the confidence with which it was made, a name that was missed altogether one half.
"""

import argparse
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import msgspec

from pipeline.entities import load_tagger
from pipeline.events import Entity
from pipeline.tagging import tag_text

ROOT = Path(__file__).resolve().parents[1]
AROUND = 30  # code points shown beside an error
Span = tuple[int, int, str]


class Error(NamedTuple):
    """Something that was tagged and is not in the gold, or the other way round."""

    weight: float
    kind: str
    span: Span
    page: str
    text: str


def overlapping(span: Span, others: set[Span]) -> list[Span]:
    """Those that share a code point with a span."""
    return [each for each in others if each[0] < span[1] and each[1] > span[0]]


def kind_of(span: Span, others: set[Span]) -> str:
    """How a span that is not among others differs from them."""
    near = overlapping(span, others)
    if any(each[:2] == span[:2] for each in near):
        return "type"
    return "boundary" if near else "alone"


def table(title: str, hits: Counter[str], given: Counter[str], wanted: Counter[str] | None) -> None:
    """Print precision, and recall where it has a meaning."""
    print(f"\n| {title} | given | precision |{' recall |' if wanted else ''}\n|---|---|---|{'---|' if wanted else ''}")
    for name in sorted(given, key=lambda each: -given[each]):
        recall = f" {100 * hits[name] / wanted[name]:.1f} |" if wanted else ""
        print(f"| {name} | {given[name]} | {100 * hits[name] / given[name]:.1f} |{recall}")


class Gold(msgspec.Struct):
    """A name that should be found."""

    start: int
    end: int
    type: str

    @property
    def span(self) -> Span:
        """As spans are compared."""
        return self.start, self.end, self.type


class Page(msgspec.Struct):
    """A line of the file."""

    id: str
    country: str | None
    text: str
    entities: list[Gold]


def errors_of(page: Page, got: dict[Span, Entity], want: set[Span]) -> list[Error]:
    """The errors of a page."""
    name, text = page.id, page.text
    wrong = [Error(e.confidence, f"given, {kind_of(span, want)}", span, name, text) for span, e in got.items() if span not in want]
    missed = [span for span in want if span not in got and kind_of(span, set(got)) == "alone"]
    return wrong + [Error(0.5, "missed", span, name, text) for span in missed]


def main() -> None:
    """Print the tables, then the errors."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--errors", type=int, default=30)
    options = parser.parse_args()
    tagger, errors = load_tagger(), list[Error]()
    counts = {title: (Counter[str](), Counter[str](), Counter[str]()) for title in ("type", "evidence", "confidence")}
    for line in (options.data / "sahel/dev.jsonl").read_text(encoding="utf-8").splitlines():
        page = msgspec.json.decode(line, type=Page)
        got: dict[Span, Entity] = {(e.start, e.end, e.type): e for e in tag_text(tagger, page.text, country=page.country)}
        want = {each.span for each in page.entities}
        for span, entity in got.items():
            confidence = f"{int(entity.confidence * 10) * 10} % and more"
            labels = {"type": entity.type, "evidence": " + ".join(entity.evidence), "confidence": confidence}
            for title, label in labels.items():
                counts[title][0][label] += span in want
                counts[title][1][label] += 1
        counts["type"][2].update(span[2] for span in want)
        errors += errors_of(page, got, want)
    for title, (hits, given, wanted) in counts.items():
        table(title, hits, given, wanted if title == "type" else None)
    print(f"\n{Counter(error.kind for error in errors)}\n")
    for error in sorted(errors, key=lambda each: -each.weight)[: options.errors]:
        start, end, kind = error.span
        before, after = error.text[max(0, start - AROUND) : start], error.text[end : end + AROUND]
        print(f"{error.weight:.2f} {error.kind} {kind}: {before}[{error.text[start:end]}]{after}".replace("\n", "¶"))


if __name__ == "__main__":
    main()
