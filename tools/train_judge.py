"""Train pipeline/entities/judge.bin: which spans are entities, from what taggers say of texts that they were not trained on.

usage: OMP_NUM_THREADS=1 python tools/train_judge.py [--data ../shared/data] [--out pipeline/entities/judge.bin] [--folds FOLDER]

Five taggers are trained, each without a fifth of the texts of tools/train_tagger.py, and read what they have not seen: pages as
they are, in capitals and in small letters; every second sentence, most as they are. FOLDER keeps the five; those that are there
already are not trained again. First each fifth is judged by a network of the others, and F1 and calibration are printed; then one
of all is written. Nothing that is measured on is read. One thread, fixed seed: the same input gives the same bytes.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pipeline.entities import gazetteer, model
from pipeline.entities.candidates import TYPES, nothing
from pipeline.entities.context import look
from pipeline.entities.gazetteer import Gazetteer
from pipeline.entities.judge import THRESHOLD, choose, features, spans_of
from pipeline.entities.lexicon import lexicon
from pipeline.entities.merge import pool
from pipeline.entities.model import Weights, read
from pipeline.entities.network import COLUMNS, Matrix, Network, pack
from pipeline.entities.spans import Ints
from pipeline.entities.tokens import read as read_words
from tools.train_tagger import ROOT, Text, but, fit, load, recase

FOLDS = 5
HIDDEN, OUTCOMES = 32, len(TYPES) + 1
EPOCHS, RATE, DECAY, BATCH = 24, 3e-3, 1e-4, 512
CASES = ("as is", "as is", "upper", "lower")  # of sentences, in turn
MOMENTS = (0.9, 0.999, 1e-8)


class Judged(NamedTuple):
    """A text's spans as the network sees them, with what is right: 0, or the type's place in TYPES + 1."""

    name: str
    fold: int
    features: Matrix
    first: Ints
    last: Ints
    gold: Ints
    wanted: int  # gold entities, found or not
    weight: float


def texts_of(pages: list[Text], sentences: list[Text]) -> Iterator[tuple[str, int, Text]]:
    """What is judged, with the name of its set and its fold."""
    for place, page in enumerate(pages):
        for case in ("as is", "upper", "lower"):
            yield f"pages, {case}", place % FOLDS, page if case == "as is" else recase(page, case)
    for place, sentence in enumerate(sentences):
        if place // FOLDS % 2 == 0:
            case = CASES[place // FOLDS // 2 % len(CASES)]
            yield f"sentences, {case}", place % FOLDS, sentence if case == "as is" else recase(sentence, case)


def judged(name: str, fold: int, text: Text, weights: Weights, names: Gazetteer) -> Judged | None:
    """A text read by a tagger that has not seen it; None where it has no word."""
    page = read_words([text.text])
    if not len(page.starts):
        return None
    context = look(page, names, lexicon(), None)
    reading = read(context, weights)
    found = pool(context, reading, nothing())
    spans = spans_of(found)
    right = {(start, end): TYPES.index(kind) + 1 for start, end, kind in text.spans}
    places = zip(page.starts[spans.first].tolist(), page.ends[spans.last].tolist(), strict=True)
    gold = np.array([right.get(place, 0) for place in places], dtype=np.int64)
    return Judged(name, fold, features(context, reading, found, spans), spans.first, spans.last, gold, len(text.spans), text.weight)


def train(some: Sequence[Judged], seed: int = 1) -> Network:
    """A network, by Adam (Kingma and Ba 2015) on the cross-entropy."""
    random = np.random.default_rng(seed)
    seen = np.concatenate([each.features for each in some])
    gold = np.eye(OUTCOMES, dtype=np.float32)[np.concatenate([each.gold for each in some])]
    weight = np.concatenate([np.full(len(each.gold), each.weight, dtype=np.float32) for each in some])[:, None]
    inner = np.zeros((COLUMNS, HIDDEN + OUTCOMES), dtype=np.float32)
    inner[:, :HIDDEN] = random.normal(0, np.sqrt(2 / COLUMNS), (COLUMNS, HIDDEN))
    outer = random.normal(0, 0.1, (HIDDEN, OUTCOMES)).astype(np.float32)
    network = Network(inner, outer, np.zeros(HIDDEN + OUTCOMES, dtype=np.float32), np.zeros(OUTCOMES, dtype=np.float32))
    adam = Adam(network)
    total = EPOCHS * -(-len(gold) // BATCH)
    for _ in range(EPOCHS):
        order = random.permutation(len(gold))
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            adam.step(gradient(network, seen[batch], gold[batch], weight[batch]), RATE * (1 - adam.steps / total))
    return network


def gradient(network: Network, seen: Matrix, gold: Matrix, weight: Matrix) -> Network:
    """The slopes of the loss of a batch."""
    error = (network.probabilities(seen) - gold) * weight / len(gold)
    sums = seen.dot(network.inner[:, :HIDDEN]) + network.inner_bias[:HIDDEN]
    back = np.concatenate((error.dot(network.outer.T) * (sums > 0), error), axis=1)
    return Network(seen.T.dot(back), np.maximum(sums, 0).T.dot(error), back.sum(axis=0), error.sum(axis=0))


class Adam:
    """What Adam remembers of each weight."""

    def __init__(self, network: Network) -> None:
        self.steps = 0
        self._each = [(weights, np.zeros_like(weights), np.zeros_like(weights)) for weights in network]

    def step(self, slopes: Network, rate: float) -> None:
        """One step down the slopes, in place."""
        slow, slower, least = MOMENTS
        self.steps += 1
        rate *= np.sqrt(1 - slower**self.steps) / (1 - slow**self.steps)
        for (weights, mean, square), given in zip(self._each, slopes, strict=True):
            slope = given + DECAY * weights
            np.add(mean, (1 - slow) * (slope - mean), out=mean)
            np.add(square, (1 - slower) * (slope * slope - square), out=square)
            np.subtract(weights, (rate * mean / (np.sqrt(square) + least)).astype(np.float32), out=weights)


def report(some: Sequence[Judged]) -> None:
    """Judge each fold by a network of the others; print F1 a set, and how far confidence is from the share that is right."""
    counts: dict[str, list[int]] = {}
    sure: list[float] = []
    true: list[bool] = []
    for fold in range(FOLDS):
        network = train([each for each in some if each.fold != fold])
        for each in some:
            if each.fold == fold:
                kept, likely, right = decided(each, network)
                row = counts.setdefault(each.name, [0, 0, 0])
                for place, number in enumerate((int(right.sum()), len(kept), each.wanted)):
                    row[place] += number
                sure += likely.tolist()
                true += right.tolist()
    for name, (hits, given, wanted) in sorted(counts.items()):
        print(f"{name}: F1 {200 * hits / (given + wanted):.1f}")
    bins = np.minimum((np.array(sure) * 10).astype(int), 9)
    for place in range(10):
        inside = bins == place
        if inside.any():
            print(f"confidence {np.array(sure)[inside].mean():.3f}: right {np.array(true)[inside].mean():.3f} of {inside.sum()}")


def decided(each: Judged, network: Network) -> tuple[Ints, Matrix, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """The spans of a text that are kept, how likely each is, and which are right."""
    likely = network.probabilities(each.features)[:, 1:]
    kind, score = likely.argmax(axis=1), likely.max(axis=1)
    kept = choose(each.first, each.last, score.astype(np.float64), np.full(len(score), THRESHOLD))
    return kept, score[kept], each.gold[kept] == kind[kept] + 1


def main() -> None:
    """Train, and say how well it went."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--out", type=Path, default=ROOT / "pipeline/entities/judge.bin")
    parser.add_argument("--folds", type=Path, default=ROOT / ".cache/taggers")
    options = parser.parse_args()
    texts, names = load(options.data), gazetteer.load()
    options.folds.mkdir(parents=True, exist_ok=True)
    weights = []
    for fold in range(FOLDS):
        path = options.folds / f"{fold}.bin"
        if not path.is_file():
            path.write_bytes(model.pack(fit(but(texts, fold, FOLDS))))
        weights.append(model.unpack(path.read_bytes()))
    rows = (judged(name, fold, text, weights[fold], names) for name, fold, text in texts_of(*texts))
    some = [row for row in rows if row]
    report(some)
    options.out.write_bytes(pack(train(some)))
    print(f"{options.out.stat().st_size / 1e3:.0f} kB in {options.out.name}")


if __name__ == "__main__":
    main()
