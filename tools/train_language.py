"""Train the language detector's n-gram weights.

    python -m tools.train_language --voices VOICE-WEB/server/data --books NGRAMS/ngrams --verses BIBLE/bibles

One thread and fixed seeds: the same input gives the same weights. Needs the dependency group `train`.
"""

import argparse
import random
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt
from numba import njit
from scipy.optimize import minimize

from pipeline.language import ngrams
from pipeline.language.letters import read
from pipeline.language.model import RANK, Calibration, Model, evidence
from pipeline.language.scoring import FLOOR
from tools import language_corpus as corpus

ROOT = Path(__file__).resolve().parent.parent
BITS = 18
SEED = 20240801
# Classes of few lines, seen more often.
REGIONAL = frozenset(("african", "bm", "pcm", "wo"))


def held_out(text: str) -> bool:
    """Whether a labelled text is kept for the calibration: one in ten, by its own hash."""
    return crc32(text.encode()) % 10 == 0


def build(args: argparse.Namespace) -> tuple[list[corpus.Example], list[corpus.Example]]:
    """Every training example in a fixed random order, and the ones that only the calibration sees."""
    rng = random.Random(SEED)  # noqa: S311 - a seeded shuffle, no secret
    gold = [*corpus.labelled(args.shared), *corpus.pages(args.shared)]
    kept = [pair for pair in gold if held_out(pair[0])]
    core = [pair for pair in gold if not held_out(pair[0])]
    spoken, verses = list(corpus.voices(args.voices)), list(corpus.verses(args.verses))
    core += corpus.sentences(args.shared)
    lists = corpus.frequent([*core, *spoken, *verses], args.books)
    print({tag: len(found) for tag, found in lists.items()}, flush=True)
    core += [*corpus.sampled(spoken, 1200, rng), *corpus.sampled(verses, 700, rng), *corpus.authored(lists, 2500, rng)]
    texts = [*core, *corpus.noise(6000, rng)]
    for text, tag in core:
        copies = 12 if tag in REGIONAL else 6 if tag in corpus.DECIDED else 3
        texts += [(corpus.harder(text, rng), tag) for _ in range(copies)]
    for text, tag in corpus.drawn(lists, args.singles, args.groups, rng):
        texts.append((corpus.harder(text, rng) if rng.random() < 0.3 else text, tag))
    rng.shuffle(texts)
    kept += [(corpus.harder(text, rng), tag) for text, tag in kept] + list(corpus.noise(100, rng))
    return corpus.examples(texts), corpus.examples(kept)


class Packed(NamedTuple):
    """Examples as flat arrays: the rows of each distinct word, the words of each example, its evidence and class."""

    rows: Any
    starts: Any
    words: Any
    bounds: Any
    amounts: Any
    labels: Any


class Fit(NamedTuple):
    """What training changes, float32: `rows` and AdaGrad's sum of squares for each, the output layer likewise, the bias."""

    rows: Any
    squares: Any
    output: Any
    output_squares: Any
    bias: Any


def amounts(examples: list[corpus.Example]) -> npt.NDArray[np.float32]:
    """The evidence of each example."""
    letters = np.array([len("".join(found).replace("'", "")) for found, _ in examples], dtype=np.intp)
    return evidence(letters, np.array([len(found) for found, _ in examples], dtype=np.intp))


def pack(examples: list[corpus.Example], classes: list[str]) -> Packed:
    """Flatten the examples; the n-grams of a distinct word are hashed once."""
    vocabulary: dict[str, int] = {}
    flat = [vocabulary.setdefault(word, len(vocabulary)) for found, _ in examples for word in found]
    rows, starts = [], [0]
    listed = list(vocabulary)
    for first in range(0, len(listed), 10_000):
        reading = read([" ".join(listed[first : first + 10_000])])
        table = np.array(list(ngrams.rows(reading.numbers, BITS)))
        for begin, end in pairwise(reading.begins.tolist()):
            own = table[:, begin:end]
            rows.append(own[own > 0].astype(np.int32))
            starts.append(starts[-1] + len(rows[-1]))
    if len(rows) != len(listed):
        sys.exit("a word of the corpus is not read as one word")
    order = {tag: number for number, tag in enumerate(classes)}
    return Packed(
        rows=np.concatenate(rows),
        starts=np.array(starts, dtype=np.int64),
        words=np.array(flat, dtype=np.int32),
        bounds=np.concatenate(([0], np.cumsum([len(found) for found, _ in examples]))).astype(np.int64),
        amounts=amounts(examples),
        labels=np.array([order[tag] for _, tag in examples], dtype=np.int32),
    )


@njit(cache=False, fastmath=True)  # type: ignore[untyped-decorator]  # numba has no types
def epoch(data: Packed, fit: Fit, order: Any, rate: float, decay: float) -> float:  # noqa: ANN401 - numba has no types
    """One pass of AdaGrad over the softmax of a text's rows, summed, scaled by 1 / sqrt(their number); returns the loss."""
    total = 0.0
    rank, classes = fit.output.shape
    hidden = np.empty(rank, dtype=np.float32)
    for number in order:
        hidden[:] = 0
        for place in range(data.bounds[number], data.bounds[number + 1]):
            word = data.words[place]
            for slot in range(data.starts[word], data.starts[word + 1]):
                own = fit.rows[data.rows[slot]]
                for line in range(rank):
                    hidden[line] += own[line]
        scale = np.float32(1 / np.sqrt(data.amounts[number]))
        hidden *= scale
        gradient = hidden @ fit.output + fit.bias
        gradient = np.exp(gradient - gradient.max())
        gradient /= gradient.sum()
        label = data.labels[number]
        total -= np.log(max(gradient[label], 1e-9))
        gradient[label] -= 1
        back = (fit.output @ gradient) * scale
        for line in range(rank):
            fit.output_squares[line] += hidden[line] ** 2 * (gradient * gradient).sum() / classes
            step = np.float32(rate / np.sqrt(fit.output_squares[line] + 1e-6))
            fit.output[line] -= step * hidden[line] * gradient
        fit.bias[:] -= np.float32(rate * 0.02) * gradient
        norm = (back * back).mean()
        for place in range(data.bounds[number], data.bounds[number + 1]):
            word = data.words[place]
            for slot in range(data.starts[word], data.starts[word + 1]):
                row = data.rows[slot]
                fit.squares[row] += norm
                step = np.float32(rate / np.sqrt(fit.squares[row] + 1e-6))
                own = fit.rows[row]
                for line in range(rank):
                    own[line] -= step * (back[line] + decay * own[line])
    return total / len(order)


def train(packed: Packed, classes: int, args: argparse.Namespace) -> Fit:
    """Weights and bias after args.epochs passes; row 0 stays 0."""
    size = 1 << BITS
    rng = np.random.default_rng(SEED)
    fit = Fit(
        rows=np.zeros((size, RANK), dtype=np.float32),
        squares=np.zeros(size, dtype=np.float32),
        output=rng.normal(0, RANK**-0.5, (RANK, classes)).astype(np.float32),
        output_squares=np.ones(RANK, dtype=np.float32),
        bias=np.zeros(classes, dtype=np.float32),
    )
    for number in range(args.epochs):
        order = rng.permutation(len(packed.labels))
        loss = epoch(packed, fit, order, np.float32(args.rate * (1 - number / args.epochs)), np.float32(args.decay))
        print(f"epoch {number + 1}/{args.epochs}: loss {loss:.4f}", flush=True)
    fit.rows[0] = 0
    return fit


def quantised(rows: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int8], float]:
    """Rows as int8, and what one unit is worth; the largest in ten thousand values are clipped."""
    unit = float(np.quantile(np.abs(rows[rows != 0]), 0.9999)) / 127
    return np.clip(np.rint(rows / unit), -127, 127).astype(np.int8), unit


def calibrate(model: Model, kept: list[corpus.Example]) -> Calibration:
    """Fit the four numbers that make the probabilities honest, every class of the decision weighing the same."""
    columns = [model.classes.index(tag) for tag in corpus.DECIDED]
    reading = read([" ".join(found) for found, _ in kept])
    evidences = amounts(kept)
    scores = model.scores(model.sums(reading.numbers, reading.begins[reading.firsts[:-1]]), evidences)
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    own = powers[:, columns] / powers.sum(axis=1, keepdims=True)
    known = np.log(np.column_stack((own, np.maximum(1 - own.sum(axis=1), 0))) + FLOOR)
    size = np.log2(evidences)[:, None]
    label = np.array([corpus.DECIDED.index(tag) if tag in corpus.DECIDED else len(corpus.DECIDED) for _, tag in kept])
    balance = 1 / np.bincount(label)[label]

    def loss(fit: Sequence[float]) -> float:
        values = known * (fit[0] + fit[1] * size)
        values[:, -1:] += fit[2] + fit[3] * size
        values -= values.max(axis=1, keepdims=True)
        chosen = values[np.arange(len(label)), label] - np.log(np.exp(values).sum(axis=1))
        return float(-(chosen * balance).sum())

    fit = minimize(loss, (1.0, 0.0, 0.0, 0.0), method="Nelder-Mead", options={"maxiter": 2000})
    print(f"calibration on {len(kept)} held-out texts: loss {loss((1, 0, 0, 0)):.4f} -> {fit.fun:.4f}: {fit.x.round(3)}")
    return Calibration(*map(float, fit.x))


def main() -> None:
    """Build the corpus, train, quantise, calibrate, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--voices", type=Path, required=True)
    parser.add_argument("--books", type=Path, required=True)
    parser.add_argument("--verses", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=ROOT / "pipeline/language")
    parser.add_argument("--singles", type=int, default=2500)
    parser.add_argument("--groups", type=int, default=2000)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--rate", type=float, default=0.3)
    parser.add_argument("--decay", type=float, default=1e-5)
    args = parser.parse_args()
    examples, kept = build(args)
    classes = [*corpus.DECIDED, *sorted({tag for _, tag in examples} - set(corpus.DECIDED))]
    print(f"{len(examples)} examples, {len(classes)} classes: {' '.join(classes)}", flush=True)
    packed = pack(examples, classes)
    print(f"{len(packed.starts) - 1} words, {len(packed.rows)} rows", flush=True)
    fit = train(packed, len(classes), args)
    rows, unit = quantised(fit.rows)
    model = Model(rows, fit.output * np.float32(unit), fit.bias, tuple(classes), Calibration(1, 0, 0, 0), "")
    calibration = calibrate(model, kept)
    target = args.out / "weights.npz"
    np.savez(target, rows=rows, output=model.output, bias=model.bias, classes=np.array(classes), calibration=np.array(calibration))
    print(f"wrote {target}: {target.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
