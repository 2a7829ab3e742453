"""Train the language detector's n-gram weights.

    python -m tools.train_language --words FREQUENCYWORDS/content/2018 --verses BIBLE/bibles [--out pipeline/language]

One thread and fixed seeds: the same input gives the same weights. Needs the dependency group `train`.
"""

import argparse
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt
from numba import njit
from scipy.optimize import minimize

from pipeline.language import ngrams
from pipeline.language.detector import FLOOR
from pipeline.language.model import Calibration, Model
from tools import language_corpus as corpus

ROOT = Path(__file__).resolve().parent.parent
BITS = 17
SEED = 20240801
# Classes of few lines, seen more often.
REGIONAL = frozenset(("african", "bm", "wo"))


def held_out(text: str) -> bool:
    """Whether a labelled text is kept for the calibration: one in ten, by its own hash."""
    return crc32(text.encode()) % 10 == 0


def build(args: argparse.Namespace) -> tuple[list[corpus.Example], list[corpus.Example]]:
    """Every training example in a fixed random order, and the ones that only the calibration sees."""
    rng = random.Random(SEED)  # noqa: S311 - a seeded shuffle, no secret
    lists = corpus.frequent(args.words)
    gold = [*corpus.labelled(args.shared), *corpus.pages(args.shared)]
    kept = [pair for pair in gold if held_out(pair[0])]
    core = [pair for pair in gold if not held_out(pair[0])]
    core += [*corpus.sentences(args.shared), *corpus.verses(args.verses, 700, rng), *corpus.authored(lists, 1500, rng)]
    texts = [*core, *corpus.noise(6000, rng)]
    for text, tag in core:
        copies = 12 if tag in REGIONAL else 6 if tag in corpus.DECIDED else 3
        texts += [(corpus.harder(text, rng), tag) for _ in range(copies)]
    for text, tag in corpus.drawn(lists, args.singles, args.groups, rng):
        texts.append((corpus.harder(text, rng) if rng.random() < 0.3 else text, tag))
    rng.shuffle(texts)
    kept += [(corpus.harder(text, rng), tag) for text, tag in kept] + list(corpus.noise(100, rng))
    return _examples(texts), _examples(kept)


def _examples(texts: list[tuple[str, str]]) -> list[corpus.Example]:
    return [found for text, tag in texts if (found := corpus.example(text, tag))]


class Packed(NamedTuple):
    """Examples as flat arrays: the rows of each distinct word, the words of each example, its class."""

    rows: Any
    starts: Any
    words: Any
    bounds: Any
    labels: Any


class Fit(NamedTuple):
    """What training changes, float32: weights (rows x classes), bias, and AdaGrad's sum of squares for each row."""

    weights: Any
    bias: Any
    squares: Any


def pack(examples: list[corpus.Example], classes: list[str]) -> Packed:
    """Flatten the examples; the n-grams of a distinct word are hashed once."""
    vocabulary: dict[str, int] = {}
    flat = [vocabulary.setdefault(word, len(vocabulary)) for found, _ in examples for word in found]
    rows, starts = [], [0]
    listed = list(vocabulary)
    for first in range(0, len(listed), 10_000):
        chunk = listed[first : first + 10_000]
        table, begins = ngrams.rows(chunk, BITS)
        bounds = [*begins.tolist(), len(table)]
        for number, word in enumerate(chunk):
            own = table[bounds[number] : bounds[number + 1]]
            rows.append(np.append(own[own > 0], ngrams.word_row(word, BITS)).astype(np.int32))
            starts.append(starts[-1] + len(rows[-1]))
    order = {tag: number for number, tag in enumerate(classes)}
    return Packed(
        rows=np.concatenate(rows),
        starts=np.array(starts, dtype=np.int64),
        words=np.array(flat, dtype=np.int32),
        bounds=np.concatenate(([0], np.cumsum([len(found) for found, _ in examples]))).astype(np.int64),
        labels=np.array([order[tag] for _, tag in examples], dtype=np.int32),
    )


@njit(cache=False)  # type: ignore[untyped-decorator]  # numba has no types
def epoch(data: Packed, fit: Fit, order: Any, rate: float, decay: float) -> float:  # noqa: ANN401 - numba has no types
    """One pass of AdaGrad over a softmax whose input is a text's rows, scaled by 1 / sqrt(their number); returns the loss."""
    total = 0.0
    scores = np.empty(fit.weights.shape[1], dtype=np.float32)
    for number in order:
        scores[:] = 0
        count = 0
        for place in range(data.bounds[number], data.bounds[number + 1]):
            word = data.words[place]
            for slot in range(data.starts[word], data.starts[word + 1]):
                scores += fit.weights[data.rows[slot]]
                count += 1
        scale = np.float32(1 / np.sqrt(count))
        gradient = scores * scale + fit.bias
        gradient = np.exp(gradient - gradient.max())
        gradient /= gradient.sum()
        label = data.labels[number]
        total -= np.log(max(gradient[label], 1e-9))
        gradient[label] -= 1
        for column in range(len(gradient)):
            fit.bias[column] -= np.float32(rate * 0.02) * gradient[column]
        gradient *= scale
        norm = (gradient * gradient).sum()
        for place in range(data.bounds[number], data.bounds[number + 1]):
            word = data.words[place]
            for slot in range(data.starts[word], data.starts[word + 1]):
                row = data.rows[slot]
                fit.squares[row] += norm
                step = np.float32(rate / np.sqrt(fit.squares[row] + 1e-6))
                own = fit.weights[row]
                for column in range(len(gradient)):
                    own[column] -= step * (gradient[column] + decay * own[column])
    return total / len(order)


def train(packed: Packed, classes: int, args: argparse.Namespace) -> Fit:
    """Weights and bias after args.epochs passes; row 0 stays 0."""
    size = 1 << BITS
    fit = Fit(np.zeros((size, classes), dtype=np.float32), np.zeros(classes, dtype=np.float32), np.zeros(size, dtype=np.float32))
    rng = np.random.default_rng(SEED)
    for number in range(args.epochs):
        order = rng.permutation(len(packed.labels))
        loss = epoch(packed, fit, order, np.float32(args.rate * (1 - number / args.epochs)), np.float32(args.decay))
        print(f"epoch {number + 1}/{args.epochs}: loss {loss:.4f}", flush=True)
    fit.weights[0] = 0
    return fit


def quantised(weights: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int8], float]:
    """Weights as int8 and their scale; the largest in ten thousand are clipped."""
    scale = float(np.quantile(np.abs(weights[weights != 0]), 0.9999)) / 127
    return np.clip(np.rint(weights / scale), -127, 127).astype(np.int8), scale


def calibrate(model: Model, kept: list[corpus.Example]) -> Calibration:
    """Fit the four numbers that make the probabilities honest, every class of the decision weighing the same."""
    columns = [model.classes.index(tag) for tag in corpus.DECIDED]
    logs, bits, labels = [], [], []
    for found, tag in kept:
        scores, grams, _ = model.score(list(found))
        powers = np.exp(scores - scores.max())
        own = powers[columns] / powers.sum()
        logs.append(np.log(np.append(own, max(1 - own.sum(), 0)) + FLOOR))
        bits.append(np.log2(grams))
        labels.append(corpus.DECIDED.index(tag) if tag in corpus.DECIDED else len(corpus.DECIDED))
    known, size, label = np.array(logs), np.array(bits)[:, None], np.array(labels)
    balance = 1 / np.bincount(label)[label]

    def loss(fit: Sequence[float]) -> float:
        values = known * (fit[0] + fit[1] * size)
        values[:, -1:] += fit[2] + fit[3] * size
        values -= values.max(axis=1, keepdims=True)
        chosen = values[np.arange(len(label)), label] - np.log(np.exp(values).sum(axis=1))
        return float(-(chosen * balance).sum())

    fit = minimize(loss, (1.0, 0.0, 0.0, 0.0), method="Nelder-Mead", options={"maxiter": 2000})
    print(f"calibration on {len(kept)} held-out texts: loss {loss((1, 0, 0, 0)):.4f} -> {fit.fun:.4f}")
    return Calibration(*(round(float(value), 4) for value in fit.x))


def save(folder: Path, model: Model) -> None:
    """Write weights.npy and model.toml."""
    np.save(folder / "weights.npy", model.weights)
    lines = ["# Written by tools/train_language.py beside weights.npy; MODEL_CARD.md tells what it is.", f"scale = {model.scale!r}"]
    lines.append(f"classes = {json.dumps(list(model.classes))}")
    lines.append(f"bias = {[round(float(value), 5) for value in model.bias]}")
    lines += ["", "[calibration]", *(f"{name} = {value}" for name, value in model.calibration._asdict().items())]
    (folder / "model.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    """Build the corpus, train, quantise, calibrate, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--words", type=Path, required=True)
    parser.add_argument("--verses", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=ROOT / "pipeline/language")
    parser.add_argument("--singles", type=int, default=3000)
    parser.add_argument("--groups", type=int, default=2000)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--rate", type=float, default=0.3)
    parser.add_argument("--decay", type=float, default=1e-5)
    args = parser.parse_args()
    examples, kept = build(args)
    classes = [*corpus.DECIDED, *sorted({tag for _, tag in examples} - set(corpus.DECIDED))]
    print(f"{len(examples)} examples, {len(classes)} classes: {' '.join(classes)}", flush=True)
    packed = pack(examples, classes)
    print(f"{len(packed.starts) - 1} words, {len(packed.rows)} rows", flush=True)
    fit = train(packed, len(classes), args)
    table, scale = quantised(fit.weights)
    model = Model(table, scale, fit.bias, tuple(classes), Calibration(1, 0, 0, 0), "")
    model.calibration = calibrate(model, kept)
    save(args.out, model)
    print(f"wrote {args.out}/weights.npy: {table.nbytes / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
