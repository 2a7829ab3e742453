"""Fit the weights of the plain-text splitter, and say what they reach on pages that they were not fitted on.

usage: python tools/train_split.py [DATA] [--write]

DATA is the folder that holds split/ and sahel/ (default: ../shared/data beside the checkout). Folds are made by page, so that the
three forms of one page never stand on both sides. `--write` stores the weights fitted on all pages in pipeline/split/weights.json.
sahel/dev and the sample page are never read.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from hashlib import blake2b
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.split.evidence import PLACE_EVIDENCE
from pipeline.split.headers import is_headed
from pipeline.split.register import LINE_EVIDENCE
from pipeline.split.starts import START_EVIDENCE, start_evidence
from tools.split_pages import Example, examples

Array = npt.NDArray[np.float64]
ROOT = Path(__file__).resolve().parent.parent
FILES = {  # file, weight of a page, ours to vary
    "raw": ("split/raw_dev.jsonl", 1.0, False),
    "headers": ("split/headers_dev.jsonl", 0.3, False),
    "bare": ("split/bare_dev.jsonl", 0.5, False),
    "fr": ("sahel/train_fr.jsonl", 1.0, True),
    "en": ("sahel/train_en.jsonl", 1.0, True),
}
FOLDS = 5
SHRINK = 1.0  # L2 on weights of scaled columns


def fold_of(group: str) -> int:
    """The fold of a page, the same in each of its forms."""
    return blake2b(group.encode(), digest_size=2).digest()[0] % FOLDS


def descend(size: int, gradient_of: Callable[[Array], Array], steps: int = 500) -> Array:
    """Adam over the whole data, with a step that shrinks."""
    weights = np.zeros(size)
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(steps):
        gradient = gradient_of(weights)
        first = 0.9 * first + 0.1 * gradient
        second = 0.99 * second + 0.01 * gradient * gradient
        rate = 0.05 * (1 - step / steps) + 0.001
        weights -= rate * (first / (1 - 0.9 ** (step + 1))) / (np.sqrt(second / (1 - 0.99 ** (step + 1))) + 1e-9)
    return weights


class Gradient:
    """Of the negative log-likelihood that a right place is chosen, by page.

    The weights come three times: those that all pages share, then what headed and bare pages add to them; so the two kinds of page
    learn from each other as far as they are alike.
    """

    def __init__(self, pages: Sequence[Example], scale: Array) -> None:
        sizes = [len(page.rows) for page in pages]
        self.columns = np.vstack([page.rows - page.rows.mean(axis=0) for page in pages]) / scale
        self.right = np.concatenate([page.right for page in pages])
        self.starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.intp)
        self.page = np.repeat(np.arange(len(sizes)), sizes)
        self.weight = np.array([page.weight for page in pages])[self.page]
        self.kind = np.array([is_headed(page.page) for page in pages])[self.page]
        self.parts = [self.columns[self.kind], self.columns[~self.kind]]

    def share(self, values: Array) -> Array:
        """Each value's share of its page."""
        return np.asarray(values / (np.add.reduceat(values, self.starts)[self.page] + 1e-12))

    def __call__(self, weights: Array) -> Array:
        """The gradient at these weights."""
        common, headed, bare = np.split(weights, 3)
        scores = np.empty(len(self.columns))
        scores[self.kind], scores[~self.kind] = self.parts[0] @ (common + headed), self.parts[1] @ (common + bare)
        chance = np.exp(scores - np.maximum.reduceat(scores, self.starts)[self.page])
        wanted = self.share(np.where(self.right, chance, 0.0))
        error = (self.share(chance) - wanted) * self.weight
        of_headed, of_bare = self.parts[0].T @ error[self.kind], self.parts[1].T @ error[~self.kind]
        return (
            np.concatenate([of_headed + of_bare, of_headed, of_bare])
            + np.repeat([SHRINK, 2 * SHRINK, 2 * SHRINK], len(common)) * weights
        )


def scales(pages: Sequence[Example]) -> Array:
    """How much each column varies, so that one shrinkage fits all."""
    lines = np.vstack([page.line_rows for page in pages]).std(axis=0) + 0.05
    places = np.vstack([page.rows[:, len(LINE_EVIDENCE) :] for page in pages]).std(axis=0) + 0.02
    return np.concatenate([lines, places])


def fit_boundary(pages: Sequence[Example], scale: Array) -> dict[bool, Array]:
    """Weights of line and place evidence, for headed pages (True) and bare ones (False)."""
    common, headed, bare = np.split(descend(3 * len(scale), Gradient(pages, scale), 400), 3)
    return {True: (common + headed) / scale, False: (common + bare) / scale}


def verdict(page: Example, weights: dict[bool, Array]) -> tuple[bool, float]:
    """Whether the chosen place is exact, and the log-odds of the choice."""
    scores = page.rows @ weights[is_headed(page.page)]
    chance = np.exp(scores - scores.max())
    best = int(chance.argmax())
    chosen = page.same == page.same[best]
    return bool(page.right[best]), float(np.log(chance[chosen].sum() + 1e-9) - np.log(chance[~chosen].sum() + 1e-9))


def calibrate(pages: Sequence[Example], verdicts: Sequence[tuple[bool, float]], *, headed: bool) -> tuple[float, float]:
    """Slope and offset that make log-odds those of an exact page, fitted on pages held out (Platt)."""
    found = [
        (odds, exact, page.weight)
        for page, (exact, odds) in zip(pages, verdicts, strict=True)
        if is_headed(page.page) == headed and page.name.rsplit("~", 1)[-1] not in {"only", "none"}
    ]
    odds, exact, weight = (np.array(column, dtype=np.float64) for column in zip(*found, strict=True))
    columns = np.column_stack([odds, np.ones(len(odds))])

    def gradient(weights: Array) -> Array:
        return np.asarray(columns.T @ ((1 / (1 + np.exp(-columns @ weights)) - exact) * weight) + 0.1 * weights)

    slope, offset = descend(2, gradient, 800)
    return float(slope), float(offset)


def start_rows(page: Example) -> tuple[Array, npt.NDArray[np.bool_]] | None:
    """Evidence and truth for each line within the comments of a page."""
    firsts = [s["start"] for s in page.gold["segments"] if s["kind"] == "comment"]
    spans = [(s["start"], s["end"]) for s in page.gold["segments"] if s["kind"] == "comment"]
    chosen = [at for at, line in enumerate(page.page.lines) if any(start < line.end and end > line.start for start, end in spans)]
    if len(firsts) < 2 or len(chosen) < 3 or chosen[-1] - chosen[0] + 1 != len(chosen):
        return None
    begins = np.array([any(page.page.lines[at].start <= first < page.page.lines[at].end for first in firsts) for at in chosen[1:]])
    return start_evidence(page.page, page.line_rows, chosen), begins


def fit_starts(pages: Sequence[Example]) -> tuple[Array, float]:
    """Weights of start evidence, and the bias."""
    parts = [
        (rows, page) for page in pages if page.name in {"bare", "fr", "en", "fr~bare", "en~bare"} and (rows := start_rows(page))
    ]
    columns = np.vstack([rows for (rows, _), _ in parts])
    truth = np.concatenate([begins for (_, begins), _ in parts])
    share = [(0.25 if page.name == "bare" else 1.0) for _, page in parts]
    weight = np.concatenate([np.full(len(begins), by) for ((_, begins), _), by in zip(parts, share, strict=True)])
    columns = np.hstack([columns, np.ones((len(columns), 1))])
    scale = np.append(columns[:, :-1].std(axis=0) + 0.05, 1.0)
    scaled = columns / scale

    def gradient(weights: Array) -> Array:
        chance = 1 / (1 + np.exp(-scaled @ weights))
        return np.asarray(scaled.T @ ((chance - truth) * weight) + SHRINK * weights)

    fitted = descend(scaled.shape[1], gradient) / scale
    return fitted[:-1], float(fitted[-1])


def report_starts(pages: Sequence[Example]) -> None:
    """Precision and recall of comment starts on pages held out."""
    counts: dict[str, Array] = defaultdict(lambda: np.zeros(3))
    for fold in range(FOLDS):
        weights, bias = fit_starts([page for page in pages if fold_of(page.group) != fold])
        for page in pages:
            rows = start_rows(page) if fold_of(page.group) == fold and page.name in {"bare", "fr", "en"} else None
            if rows is not None:
                given = rows[0] @ weights + bias > 0
                counts[page.name] += [float((given & rows[1]).sum()), float(given.sum()), float(rows[1].sum())]
    for name, (hits, given, wanted) in counts.items():
        print(f"starts {name:8} precision {hits / given:.3f} recall {hits / wanted:.3f} F1 {2 * hits / (given + wanted):.3f}")


def main() -> None:
    """Cross-validate, print, and write if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="?", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    pages = [
        page for name, (path, weight, ours) in FILES.items() for page in examples(options.data / path, name, weight, ours=ours)
    ]
    scale = scales(pages)
    by_fold = [fit_boundary([page for page in pages if fold_of(page.group) != fold], scale) for fold in range(FOLDS)]
    verdicts = [verdict(page, by_fold[fold_of(page.group)]) for page in pages]
    curves = {headed: calibrate(pages, verdicts, headed=headed) for headed in (True, False)}
    report(pages, verdicts, curves)
    report_starts(pages)
    if options.write:
        boundary, (starts, bias) = fit_boundary(pages, scale), fit_starts(pages)
        store(boundary, curves, starts, bias)


def report(pages: Sequence[Example], verdicts: Sequence[tuple[bool, float]], curves: dict[bool, tuple[float, float]]) -> None:
    """Share of exact pages and mean confidence, by kind of page."""
    results: dict[str, list[tuple[bool, float]]] = defaultdict(list)
    for page, (exact, odds) in zip(pages, verdicts, strict=True):
        slope, offset = curves[is_headed(page.page)]
        results[page.name].append((exact, 1 / (1 + np.exp(-slope * odds - offset))))
    for name, found in sorted(results.items()):
        exacts, confidences = zip(*found, strict=True)
        print(f"{name:14} pages {len(found):4} exact {np.mean(exacts):.3f} confidence {np.mean(confidences):.3f}")


def store(boundary: dict[bool, Array], curves: dict[bool, tuple[float, float]], starts: Array, bias: float) -> None:
    """Write the weights by name."""

    def table(names: Sequence[str], values: Array) -> dict[str, float]:
        return {name: round(float(value), 4) for name, value in zip(names, values, strict=True)}

    data: dict[str, object] = {"starts": table(START_EVIDENCE, starts), "start_bias": round(bias, 4)}
    for headed, section in ((True, "headed"), (False, "bare")):
        lines, places = np.split(boundary[headed], [len(LINE_EVIDENCE)])
        slope, offset = curves[headed]
        data[section] = {"lines": table(LINE_EVIDENCE, lines), "places": table(PLACE_EVIDENCE, places)}
        data[section] |= {"scale": round(slope, 3), "bias": round(offset, 3)}  # type: ignore[operator]  # the table made above
    target = ROOT / "pipeline" / "split" / "weights.json"
    target.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
