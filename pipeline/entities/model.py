"""Candidates from the statistical tagger: a linear chain over hashed features, with the probability of each span."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.entities import artefacts, chain, features
from pipeline.entities.candidates import MODEL, PER, Candidates, candidates
from pipeline.entities.context import Context
from pipeline.entities.lexicon import DEMONYM, HONORIFIC, LINK, NEVER, PARTICLE
from pipeline.entities.spans import Flags, Floats, Ints, least_within, steps
from pipeline.entities.tokens import JOINED, Page
from pipeline.texts import Hashes

VERSION = 2
DOUBT = 0.15  # what "no name" counts where spans are looked for that are likely enough to be judged
TAGS = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC")


class Weights(NamedTuple):
    """What was learnt: for each bucket eight int8 in a uint64 (a score a tag, the last unused), what one of them is worth for each
    tag, and the scores of moves between tags (last row: the first tag).
    """

    rows: Hashes
    scales: chain.Scores
    moves: chain.Scores

    def score(self, blocks: Iterable[Ints]) -> chain.Scores:
        """The scores of words, given their features' buckets, some words after the other (one row a feature)."""
        sums = []
        for buckets in blocks:
            small = self.rows.take(buckets, mode="clip").view(np.int8)
            sums.append(np.add.reduce(small, axis=0, dtype=np.int16).reshape(-1, 8))  # a feature weighs 127 at most
        scores: chain.Scores = np.concatenate(sums)[:, : len(TAGS)] * self.scales
        return scores


def quantise(scores: npt.NDArray[np.float32], moves: chain.Scores) -> Weights:
    """Weights from plain ones, a row a bucket."""
    scales = (np.maximum(np.abs(scores).max(axis=0), 1e-6) / 127).astype("<f4")
    return Weights(_rows(np.round(scores / scales).astype(np.int8)), scales, moves)


def _rows(small: npt.NDArray[np.int8]) -> Hashes:
    wide = np.zeros((len(small), 8), dtype=np.int8)
    wide[:, : len(TAGS)] = small
    return wide.view(np.uint64)[:, 0]


class Artefact(artefacts.Artefact, frozen=True, kw_only=True):
    """The file before compression: weights as int8 times a scale a tag, moves as float32."""

    bits: int
    scales: bytes
    buckets: bytes
    moves: bytes


_FILE = artefacts.Shipped("tagger.bin", Artefact, "tools/train_tagger.py")


def pack(weights: Weights) -> bytes:
    """The file for these weights."""
    artefact = Artefact(
        version=VERSION,
        bits=features.BITS,
        scales=weights.scales.astype("<f4").tobytes(),
        buckets=weights.rows.view(np.int8).reshape(-1, 8)[:, : len(TAGS)].T.tobytes(),  # a tag's together compress better
        moves=weights.moves.astype("<f4").tobytes(),
    )
    return artefacts.pack(artefact)


def unpack(packed: bytes) -> Weights:
    """Read what `pack` wrote; InvalidModel if it is damaged or of another version."""
    artefact = _FILE.unpack(packed, VERSION, bits=features.BITS)
    small = np.frombuffer(artefact.buckets, dtype=np.int8).reshape(len(TAGS), -1).T
    scales = np.frombuffer(artefact.scales, dtype="<f4")
    moves = np.frombuffer(artefact.moves, dtype="<f4").reshape(len(TAGS) + 1, len(TAGS))
    return Weights(_rows(small), scales.astype(np.float32), moves.astype(np.float32))


def load() -> Weights:
    """The weights that are shipped."""
    return unpack(_FILE.read())


def breaks(page: Page) -> npt.NDArray[np.bool_]:
    """Which words cannot continue a name that the word before them is part of."""
    broken: npt.NDArray[np.bool_] = (page.gap != JOINED) | page.blocked
    broken[1:] |= page.blocked[:-1]
    broken[:1] = True
    return broken


class Reading(NamedTuple):
    """What the model says of a page."""

    spans: Candidates
    doubtful: Candidates  # what the spans are if "no name" counts little
    tags: chain.Scores  # a row a word: how likely each of TAGS is
    likely: Floats  # a row a type: how likely each word is part of a name of it

    def opinion(self, first: Ints, last: Ints, kind: Ints) -> Floats:
        """How likely the least likely word of each span is part of a name of the span's type."""
        return least_within(self.likely, first, last)[kind, np.arange(len(kind))]


def read(context: Context, weights: Weights) -> Reading:
    """The spans of the likeliest tags, each with the probability of its least likely word's tag."""
    scores = weights.score(features.blocks(context.page, context.found, context.lists))
    scores = scores.take(features.spread(context.page), axis=0)
    likely = chain.marginals(scores, chain.layout(breaks(context.page)), weights.moves)[0]
    by_type = (likely[:, 1::2] + likely[:, 2::2]).T.astype(np.float64)
    return Reading(*_spans(context, likely), likely, by_type)


def _spans(context: Context, likely: chain.Scores) -> tuple[Candidates, Candidates]:
    """The likeliest tags as spans, and what else would be one if "no name" counted as much less as DOUBT says."""
    none, named = likely.T[0], likely.T[1:]
    best = named.max(axis=0)
    words = ((best > none * np.float32(DOUBT)) & ~context.page.blocked).nonzero()[0]
    tags = named.take(words, axis=1).argmax(axis=0) + 1
    likeliest = (best[words] > none[words]).nonzero()[0]
    # The two readings, one after the other: the second begins with a word that is not the next of the first one's last.
    word, tag = (np.concatenate((column[likeliest], column)) for column in (words, tags))
    kind = (tag - 1) // 2
    follows = (tag % 2 == 0) & context.joined[word]  # an inside without a beginning begins
    follows[:1] = False
    follows[1:] &= (word[1:] == word[:-1] + 1) & (kind[1:] == kind[:-1])
    begins = (~follows).nonzero()[0]
    ends = begins + steps(begins, len(word)) - 1
    score = likely[word, tag].astype(np.float64)
    least = np.minimum.reduceat(score, begins) if len(begins) else score
    spans = candidates(word[begins], word[ends], kind[begins], least, MODEL)
    split = begins.searchsorted(len(likeliest))
    return _apart(spans, _bare(context, spans), int(split))


def _apart(spans: Candidates, named: Flags, split: int) -> tuple[Candidates, Candidates]:
    """The spans before `split`, and those behind it that are not among them; both without those that are not `named`."""
    key = ((spans.first << 34) | ((spans.last - spans.first) << 2) | spans.type).tolist()
    seen = set(key[:split])
    new = np.array([each not in seen for each in key[split:]], dtype=np.bool_)
    places = named.nonzero()[0]
    middle = places.searchsorted(split)
    behind = places[middle:]
    return spans.take(places[:middle]), spans.take(behind[new[behind - split]])


def _bare(context: Context, spans: Candidates) -> Flags:
    """Take "Mr" before a person and "de" at the ends off the spans; which of them are names, and no peoples."""
    first, last, lists = spans.first, spans.last, context.lists
    small = context.small
    going = np.arange(len(first))
    while len(going):
        word = first[going]
        titled = (spans.type[going] == PER) & (lists[word] & HONORIFIC > 0)
        going = going[(word < last[going]) & (titled | (small[word] & (lists[word] & LINK > 0)))]
        first[going] += 1
    going = np.arange(len(first))
    while len(going):
        word = last[going]
        going = going[(first[going] < word) & small[word] & (lists[word] & PARTICLE > 0)]
        last[going] -= 1
    named: Flags = (first < last) | (lists[first] & (DEMONYM | NEVER) == 0)
    return named
