"""Fit the weights of the plain-text splitter, and say what they reach on pages that they were not fitted on.

usage: python tools/train_split.py [DATA] [--predictions FOLDER] [--write]

DATA is the folder that holds split/ and sahel/ (default: ../shared/data beside the checkout). Folds are made by page, so that the
three forms of one page never stand on both sides. `--predictions` stores what weights that were not fitted on a page make of it,
for ../shared/score/split.py; `--write` stores the weights fitted on all pages in pipeline/split/weights.json.
sahel/dev and the sample page are never read.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.split.certainty import CERTAINTY, certainty
from pipeline.split.comments import comments
from pipeline.split.evidence import PLACE_EVIDENCE
from pipeline.split.headers import is_headed
from pipeline.split.plain import split_text
from pipeline.split.register import LINE_EVIDENCE
from pipeline.split.starts import START_EVIDENCE, start_evidence
from pipeline.split.weights import Boundary, Starts, Weights
from tools.minimise import minimise
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
TRUST_SHRINK = 1.0  # L2 on the weights of the confidence
SHRINK = 2.0  # L2 on weights of scaled columns
START_SHRINK = 1.0  # L2 on weights of start evidence
OWN_SHRINK = 8.0  # and on what the headed or the bare pages add to them


class Fitted(NamedTuple):
    """Weights of a boundary's evidence on headed (True) and bare pages, and those of starts with their bias."""

    boundary: dict[bool, Array]
    starts: Starts


def fold_of(group: str) -> int:
    """The fold of a page, the same in each of its forms."""
    return blake2b(group.encode(), digest_size=2).digest()[0] % FOLDS


class Loss:
    """The negative log-likelihood that a right place is chosen, summed over pages by their weight, and its gradient.

    The weights come three times: those that all pages share, then what headed and bare pages add to them; so the two kinds of page
    learn from each other as far as they are alike.
    """

    def __init__(self, pages: Sequence[Example], scale: Array) -> None:
        sizes = [len(page.rows) for page in pages]
        columns = np.vstack([page.rows - page.rows.mean(axis=0) for page in pages]) / scale
        self.right = np.concatenate([page.right for page in pages])
        self.starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.intp)
        self.page = np.repeat(np.arange(len(sizes)), sizes)
        self.weight = np.array([page.weight for page in pages])
        self.kind = np.array([is_headed(page.page) for page in pages])[self.page]
        self.parts = columns[self.kind], columns[~self.kind]
        self.shrink = np.repeat([SHRINK, OWN_SHRINK, OWN_SHRINK], len(scale))

    def _shares(self, values: Array) -> tuple[Array, Array]:
        """Sums by page, and each value's share of them."""
        sums = np.add.reduceat(values, self.starts) + 1e-300
        return sums, values / sums[self.page]

    def __call__(self, weights: Array) -> tuple[float, Array]:
        """Value and gradient at these weights."""
        common, headed, bare = np.split(weights, 3)
        scores = np.empty(len(self.kind))
        scores[self.kind], scores[~self.kind] = self.parts[0] @ (common + headed), self.parts[1] @ (common + bare)
        chance = np.exp(scores - np.maximum.reduceat(scores, self.starts)[self.page])
        whole, given = self._shares(chance)
        hit, wanted = self._shares(np.where(self.right, chance, 0.0))
        error = (given - wanted) * self.weight[self.page]
        of_headed, of_bare = self.parts[0].T @ error[self.kind], self.parts[1].T @ error[~self.kind]
        value = float((self.weight * (np.log(whole) - np.log(hit))).sum() + (self.shrink * weights * weights).sum() / 2)
        return value, np.concatenate([of_headed + of_bare, of_headed, of_bare]) + self.shrink * weights


def logistic(columns: Array, truth: Array, weight: Array, shrink: Array) -> Array:
    """Weights of a logistic regression; a column of ones is the bias."""

    def loss(weights: Array) -> tuple[float, Array]:
        odds = columns @ weights
        value = float((weight * (np.logaddexp(0.0, odds) - truth * odds)).sum() + (shrink * weights * weights).sum() / 2)
        return value, columns.T @ (weight * (1 / (1 + np.exp(-odds)) - truth)) + shrink * weights

    return minimise(loss, columns.shape[1])


def scales(pages: Sequence[Example]) -> Array:
    """How much each column varies, so that one shrinkage fits all."""
    return np.asarray(np.vstack([page.rows for page in pages]).std(axis=0) + 0.03)


def fit_boundary(pages: Sequence[Example], scale: Array) -> dict[bool, Array]:
    """Weights of line and place evidence, for headed pages (True) and bare ones (False)."""
    common, headed, bare = np.split(minimise(Loss(pages, scale), 3 * len(scale)), 3)
    return {True: (common + headed) / scale, False: (common + bare) / scale}


def verdict(page: Example, weights: dict[bool, Array], starts: Starts) -> tuple[bool, Array]:
    """Whether the first comment is exact, and what tells how far the choice can be trusted."""
    scores = page.rows @ weights[is_headed(page.page)]
    best = int(scores.argmax())
    drafts = comments(page.page, page.line_rows, best, starts, None)
    first = drafts[0].first if drafts else len(page.page.lines)
    return first in page.accepted, certainty(page.page, scores, best, page.same)


def calibrate(pages: Sequence[Example], verdicts: Sequence[tuple[bool, Array]], held_out: int | None = None) -> Array:
    """Weights that make of CERTAINTY the probability of an exact page, fitted on pages held out from the other weights (Platt);
    `held_out`: the fold that is to be left out here as well. The copies count as well: no other page is without comments.
    """
    chosen = [(page.weight, *verdict) for page, verdict in zip(pages, verdicts, strict=True) if fold_of(page.group) != held_out]
    weight, exact, rows = (np.array(column, dtype=np.float64) for column in zip(*chosen, strict=True))
    bias = CERTAINTY.index("bias")
    middle, spread, shrink = rows.mean(axis=0), rows.std(axis=0), np.full(len(CERTAINTY), TRUST_SHRINK)
    middle[bias], spread[bias], shrink[bias] = 0.0, 1.0, 0.0
    fitted: Array = logistic((rows - middle) / spread, exact, weight, shrink) / spread
    fitted[bias] -= fitted @ middle
    return fitted


def start_rows(page: Example) -> tuple[Array, npt.NDArray[np.bool_]] | None:
    """Evidence and truth for each line within the comments of a page."""
    firsts = [s["start"] for s in page.gold["segments"] if s["kind"] == "comment"]
    spans = [(s["start"], s["end"]) for s in page.gold["segments"] if s["kind"] == "comment"]
    chosen = [at for at, line in enumerate(page.page.lines) if any(start < line.end and end > line.start for start, end in spans)]
    if len(firsts) < 2 or len(chosen) < 3 or chosen[-1] - chosen[0] + 1 != len(chosen):
        return None
    begins = np.array([any(page.page.lines[at].start <= first < page.page.lines[at].end for first in firsts) for at in chosen[1:]])
    return start_evidence(page.page, page.line_rows, chosen), begins


def fit_starts(pages: Sequence[Example]) -> Starts:
    """Weights of start evidence, and the bias."""
    parts = [
        (rows, page) for page in pages if page.name in {"bare", "fr", "en", "fr~bare", "en~bare"} and (rows := start_rows(page))
    ]
    columns = np.vstack([rows for (rows, _), _ in parts])
    truth = np.concatenate([begins for (_, begins), _ in parts])
    share = [(0.25 if page.name == "bare" else 1.0) for _, page in parts]
    weight = np.concatenate([np.full(len(begins), by) for ((_, begins), _), by in zip(parts, share, strict=True)])
    scale: Array = np.append(columns.std(axis=0) + 0.05, 1.0)
    scaled = np.hstack([columns, np.ones((len(columns), 1))]) / scale
    fitted = logistic(scaled, truth.astype(np.float64), weight, np.full(len(scale), START_SHRINK)) / scale
    return Starts(fitted[:-1], float(fitted[-1]))


def report_starts(pages: Sequence[Example], folds: Sequence[Fitted]) -> None:
    """Precision and recall of comment starts on pages held out."""
    counts: dict[str, Array] = defaultdict(lambda: np.zeros(3))
    for fold in range(FOLDS):
        weights, bias = folds[fold].starts
        for page in pages:
            rows = start_rows(page) if fold_of(page.group) == fold and page.name in {"bare", "fr", "en"} else None
            if rows is not None:
                given = rows[0] @ weights + bias > 0
                counts[page.name] += [float((given & rows[1]).sum()), float(given.sum()), float(rows[1].sum())]
    for name, (hits, given, wanted) in counts.items():
        print(f"starts {name:8} precision {hits / given:.3f} recall {hits / wanted:.3f} F1 {2 * hits / (given + wanted):.3f}")


def fit(pages: Sequence[Example]) -> Fitted:
    """All weights but those of the confidence."""
    return Fitted(fit_boundary(pages, scales(pages)), fit_starts(pages))


def fitted_weights(fitted: Fitted, trust: Array) -> Weights:
    """The weights as the splitter takes them."""
    headed, bare = (Boundary(*np.split(fitted.boundary[kind], [len(LINE_EVIDENCE)])) for kind in (True, False))
    return Weights(headed, bare, trust, fitted.starts)


def main() -> None:
    """Cross-validate, store predictions for the scorer, and write the weights if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--predictions", type=Path, help="a folder for what each page is split into by weights not fitted on it")
    options = parser.parse_args()
    pages = [
        page for name, (path, weight, ours) in FILES.items() for page in examples(options.data / path, name, weight, ours=ours)
    ]
    folds = [fit([page for page in pages if fold_of(page.group) != fold]) for fold in range(FOLDS)]
    verdicts = [verdict(page, *folds[fold_of(page.group)]) for page in pages]
    report(pages, verdicts)
    report_starts(pages, folds)
    if options.predictions:
        by_fold = [fitted_weights(folds[fold], calibrate(pages, verdicts, fold)) for fold in range(FOLDS)]
        predict(pages, by_fold, options.predictions)
    if options.write:
        store(fitted_weights(fit(pages), calibrate(pages, verdicts)))


def report(pages: Sequence[Example], verdicts: Sequence[tuple[bool, Array]]) -> None:
    """Share of exact pages, by kind of page, copies included."""
    results: dict[str, list[bool]] = defaultdict(list)
    for page, (exact, _) in zip(pages, verdicts, strict=True):
        results[page.name].append(exact)
    for name, found in sorted(results.items()):
        print(f"{name:14} pages {len(found):4} exact {np.mean(found):.3f}")


def predict(pages: Sequence[Example], by_fold: Sequence[Weights], folder: Path) -> None:
    """Split each page by weights that were not fitted on it, as lines for ../shared/score/split.py."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (path, _, _) in FILES.items():
        with (folder / Path(path).name).open("w", encoding="utf-8") as lines:
            for page in pages:
                if page.name == name:
                    layout = split_text(page.gold["text"], learned=by_fold[fold_of(page.group)])
                    segments = [{"kind": each.kind, "start": each.start, "end": each.end} for each in layout.segments]
                    answer = {"id": page.gold["id"], "segments": segments, "confidence": layout.confidence}
                    lines.write(json.dumps(answer) + "\n")


def store(weights: Weights) -> None:
    """Write the weights by name."""

    def table(names: Sequence[str], values: Array) -> dict[str, float]:
        return {name: round(float(value), 4) for name, value in zip(names, values, strict=True)}

    data: dict[str, object] = {
        "headed": {"lines": table(LINE_EVIDENCE, weights.headed.lines), "places": table(PLACE_EVIDENCE, weights.headed.places)},
        "bare": {"lines": table(LINE_EVIDENCE, weights.bare.lines), "places": table(PLACE_EVIDENCE, weights.bare.places)},
        "certainty": table(CERTAINTY, weights.certainty),
        "starts": table(START_EVIDENCE, weights.starts.evidence),
        "start_bias": round(weights.starts.bias, 4),
    }
    target = ROOT / "pipeline" / "split" / "weights.json"
    target.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
