"""Train pipeline/entities/tagger.bin: a conditional random field over hashed features, by AdaGrad.

usage: python tools/train_tagger.py [--data ../shared/data] [--out pipeline/entities/tagger.bin] [--epochs 5] [--fold K/N]

Texts: sahel/train_* (pages, counted three times), entities/*_train and wikigold, btc; each also in capitals or in small letters, so
that case is a help and no crutch. Nothing that is measured on is read. --fold leaves every N-th page and sentence out, from the
K-th on, for cross-validation; --without leaves a file out. One thread, fixed seed: the same input gives the same bytes.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.entities import chain, features, gazetteer, lexicon, tokens
from pipeline.entities.model import TAGS, Weights, breaks, pack, quantise
from pipeline.events import EntityType

ROOT = Path(__file__).resolve().parent.parent
CONLL = ("winer_fr_train", "wnut17_en_train", "wikigold_en", "btc_en")
BATCH = 2000  # words a step
EPOCHS, RATE = 5, 0.1  # cross-validated F1 was best after five; averaging the weights changed it by less than 0.1
FORBIDDEN = -30.0
# How many features a step does not see: names in new pages are mostly words that were never seen before, so that the words
# themselves must not explain everything.
DROPPED, WORD_DROPPED = 0.3, 0.7
# Taken from every score of "no name" at the end: in a page that nobody has seen a name is missed more easily than invented.
LEANING = 0.6
DECAY = 0.03  # how much of a weight is taken back each time that it is changed, against the gradient


class Text(NamedTuple):
    """A text with its gold spans."""

    text: str
    spans: list[tuple[int, int, EntityType]]
    weight: float


class Example(NamedTuple):
    """What training needs of a text."""

    buckets: npt.NDArray[np.int32]
    breaks: npt.NDArray[np.bool_]
    tags: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float32]  # how much each word counts


def read_conll(path: Path) -> Iterator[Text]:
    """Sentences, their words joined by single spaces."""
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        rows = [line.split("\t")[:2] for line in block.splitlines() if line.strip()]
        spans: list[list[Any]] = []
        offset = 0
        for place, (word, tag) in enumerate(rows):
            before = rows[place - 1][1] if place else "O"
            if tag.startswith("I-") and before[2:] == tag[2:] and spans:
                spans[-1][1] = offset + len(word)
            elif tag != "O":
                spans.append([offset, offset + len(word), tag[2:]])
            offset += len(word) + 1
        if rows:
            kept = [(start, end, kind) for start, end, kind in spans if kind in ("PER", "ORG", "LOC")]
            yield Text(" ".join(word for word, _ in rows), kept, 1.0)


def read_pages(path: Path, weight: float) -> Iterator[Text]:
    """Pages of sahel."""
    for line in path.read_text(encoding="utf-8").splitlines():
        page = json.loads(line)
        yield Text(page["text"], [(e["start"], e["end"], e["type"]) for e in page["entities"]], weight)


def recase(text: Text, case: str) -> Text:
    """A text in capitals or in small letters, as long as before."""
    change = str.upper if case == "upper" else str.lower
    changed = "".join(new if len(new := change(char)) == 1 else char for char in text.text)
    return text._replace(text=changed, weight=text.weight * 0.5)


def copies(texts: list[Text], random: np.random.Generator) -> Iterator[Text]:
    """Each text, and for two in three a copy in capitals or in small letters; pages get both."""
    for text in texts:
        yield text
        draw = random.random()
        if draw < 0.4 or text.weight > 1:
            yield recase(text, "upper")
        if draw > 0.7 or text.weight > 1:
            yield recase(text, "lower")


def example(text: Text, names: gazetteer.Gazetteer) -> Example:
    """A text as features and tags."""
    page = tokens.read([text.text])
    tags = np.zeros(len(page.starts), dtype=np.int64)
    for start, end, kind in text.spans:
        first, last = np.searchsorted(page.ends, start, side="right"), np.searchsorted(page.starts, end, side="left")
        tags[first:last] = TAGS.index(f"I-{kind}")
        tags[first : first + (first < last)] = TAGS.index(f"B-{kind}")
    found = features.buckets(page, names.look_up(page), lexicon.lexicon().bits_of(page))
    return Example(found.T, breaks(page), tags, np.full(len(tags), text.weight, dtype=np.float32))


def batches(examples: list[Example], random: np.random.Generator) -> Iterator[Example]:
    """Examples put together to some BATCH words, in random order."""
    held: list[Example] = []
    for place in random.permutation(len(examples)):
        held.append(examples[place])
        if sum(len(e.tags) for e in held) >= BATCH:
            yield together(held)
            held = []
    if held:
        yield together(held)


def together(examples: list[Example]) -> Example:
    """Several examples as one."""
    buckets, starts, tags, weights = zip(*examples, strict=True)
    return Example(np.concatenate(buckets), np.concatenate(starts), np.concatenate(tags), np.concatenate(weights))


class Trainer:
    """Weights with what AdaGrad remembers of each."""

    def __init__(self, rate: float, random: np.random.Generator, width: int) -> None:
        self.rate, self.random, self.decay = rate, random, DECAY
        self.keep = np.array([1 - (WORD_DROPPED if place in features.WORDS else DROPPED) for place in range(width)])
        self.weights = np.zeros((1 << features.BITS, len(TAGS)), dtype=np.float32)
        self.moves = np.zeros((len(TAGS) + 1, len(TAGS)), dtype=np.float32)
        self.forbidden = np.array([[not allowed(a, b) for b in TAGS] for a in (*TAGS, "O")])
        self.moves[self.forbidden] = FORBIDDEN
        self.seen = np.full_like(self.weights, 1e-2)
        self.seen_moves = np.full_like(self.moves, 1e-2)

    def step(self, batch: Example) -> float:
        """One step down the gradient; the loss that was there before."""
        where = chain.layout(batch.breaks)
        seen = self.random.random(batch.buckets.shape) < self.keep
        scale = (seen / self.keep).astype(np.float32)
        scores = np.einsum("wft,wf->wt", self.weights[batch.buckets], scale)
        likely, ahead, behind = chain.marginals(scores, where, self.moves)
        gold = np.eye(len(TAGS), dtype=np.float32)[batch.tags]
        self._update(batch.buckets, seen, scale, (likely - gold) * batch.weights[:, None])
        self._update_moves(batch, where, ahead, behind)
        return float(-(np.log(likely[np.arange(len(gold)), batch.tags] + 1e-9) * batch.weights).mean())

    def _update(
        self,
        buckets: npt.NDArray[np.int32],
        seen: npt.NDArray[np.bool_],
        scale: npt.NDArray[np.float32],
        gradient: npt.NDArray[np.float32],
    ) -> None:
        word, feature = np.nonzero(seen)
        flat = buckets[word, feature]
        order = np.argsort(flat, kind="stable")
        keys, first = np.unique(flat[order], return_index=True)
        parts = gradient[word[order]] * scale[word[order], feature[order]][:, None]
        sums = np.add.reduceat(parts, first, axis=0) + self.decay * self.weights[keys]
        self.seen[keys] += sums * sums
        self.weights[keys] -= self.rate * sums / np.sqrt(self.seen[keys])

    def _update_moves(self, batch: Example, where: chain.Layout, ahead: chain.Scores, behind: chain.Scores) -> None:
        later = np.nonzero(where.column > 0)[0]
        pairs = ahead[later - 1][:, :, None] * np.exp(self.moves[:-1]) * behind[later][:, None]
        pairs /= pairs.sum(axis=(1, 2), keepdims=True)
        pairs[np.arange(len(later)), batch.tags[later - 1], batch.tags[later]] -= 1
        gradient = np.zeros_like(self.moves)
        gradient[:-1] = (pairs * batch.weights[later][:, None, None]).sum(axis=0)
        gradient[self.forbidden] = 0
        self.seen_moves += gradient * gradient
        self.moves -= self.rate * gradient / np.sqrt(self.seen_moves)


def allowed(before: str, tag: str) -> bool:
    """Whether a tag can follow another: the inside of a name follows its beginning or inside alone."""
    return not tag.startswith("I-") or before[2:] == tag[2:]


def load(data: Path, without: list[str] | None = None) -> tuple[list[Text], list[Text]]:
    """The texts to train on: pages, and sentences."""
    pages = [page for tongue in ("fr", "en") for page in read_pages(data / f"sahel/train_{tongue}.jsonl", 3.0)]
    kept = [name for name in CONLL if name not in (without or ())]
    return pages, [text for name in kept for text in read_conll(data / f"entities/{name}.conll")]


def but(texts: tuple[list[Text], list[Text]], part: int, parts: int) -> list[Text]:
    """All of the texts but every `parts`-th page and sentence, from the `part`-th on; 0 parts leave none out."""
    return [text for some in texts for place, text in enumerate(some) if not parts or place % parts != part]


def fit(texts: list[Text], epochs: int = EPOCHS, rate: float = RATE) -> Weights:
    """Train on texts, and say how the loss went."""
    random, names = np.random.default_rng(7), gazetteer.load()
    examples = [example(text, names) for text in copies(texts, random)]
    print(f"{len(examples)} texts, {sum(len(e.tags) for e in examples)} words", flush=True)
    trainer = Trainer(rate, random, examples[0].buckets.shape[1])
    for epoch in range(epochs):
        losses = [trainer.step(batch) for batch in batches(examples, random)]
        trainer.rate = rate * (1 - 0.8 * (epoch + 1) / epochs)
        print(f"epoch {epoch + 1}: loss {sum(losses) / len(losses):.4f}", flush=True)
    trainer.moves[:, 0] -= LEANING
    return quantise(trainer.weights, trainer.moves)


def main() -> None:
    """Train, and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--out", type=Path, default=ROOT / "pipeline/entities/tagger.bin")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--fold", default="0/0")
    parser.add_argument("--without", nargs="*", default=[])
    options = parser.parse_args()
    part, parts = map(int, options.fold.split("/"))
    packed = pack(fit(but(load(options.data, options.without), part, parts), options.epochs, options.rate))
    options.out.write_bytes(packed)
    print(f"{len(packed) / 1e6:.2f} MB in {options.out.name}")


if __name__ == "__main__":
    main()
