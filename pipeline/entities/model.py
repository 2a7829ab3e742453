"""Candidates from the statistical tagger: a linear chain over hashed features, with the probability of each span."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.entities import artefacts, chain, features
from pipeline.entities.candidates import MODEL, PER, Candidates, Floats, candidates
from pipeline.entities.context import Context
from pipeline.entities.lexicon import DEMONYM, HONORIFIC, LINK, NEVER, PARTICLE
from pipeline.entities.spans import Flags, Ints, further_words
from pipeline.entities.tokens import JOINED, Page
from pipeline.texts import Hashes

VERSION = 2
DOUBT = 0.15  # what "no name" counts where spans are looked for that are likely enough to be judged
BLOCK = 512  # words that are scored at once
TAGS = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC")


class Weights(NamedTuple):
    """What was learnt: for each bucket eight int8 in a uint64 (a score a tag, the last unused), what one of them is worth for each
    tag, and the scores of moves between tags (last row: the first tag).
    """

    rows: Hashes
    scales: chain.Scores
    moves: chain.Scores

    def score(self, buckets: npt.NDArray[np.int32]) -> chain.Scores:
        """The scores of words, given their features' buckets (one row a feature)."""
        count = buckets.shape[1]
        sums = np.empty((count, 8), dtype=np.int16)  # a feature weighs 127 at most
        for start in range(0, count, BLOCK):
            small = self.rows.take(buckets[:, start : start + BLOCK]).view(np.int8)
            np.add.reduce(small, axis=0, dtype=np.int16, out=sums[start : start + BLOCK].reshape(-1))
        scores: chain.Scores = sums[:, : len(TAGS)] * self.scales
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
    before = np.concatenate(([True], page.blocked[:-1])) if len(page.blocked) else page.blocked
    broken: npt.NDArray[np.bool_] = (page.gap != JOINED) | page.blocked | before
    return broken


class Reading(NamedTuple):
    """What the model says of a page."""

    spans: Candidates
    doubtful: Candidates  # what the spans are if "no name" counts little
    tags: chain.Scores  # a row a word: how likely each of TAGS is
    likely: Floats  # a row a type: how likely each word is part of a name of it

    def opinion(self, first: Ints, last: Ints, kind: Ints) -> Floats:
        """How likely the least likely word of each span is part of a name of the span's type."""
        least = self.likely[kind, first]
        for going, word in further_words(first, last):
            least[going] = np.minimum(least[going], self.likely[kind[going], word])
        return least


def read(context: Context, weights: Weights) -> Reading:
    """The spans of the likeliest tags, each with the probability of its least likely word's tag."""
    buckets = features.buckets(context.page, context.found, context.lists)
    likely = chain.marginals(weights.score(buckets), chain.layout(breaks(context.page)), weights.moves)[0]
    by_type = (likely[:, 1::2] + likely[:, 2::2]).T.astype(np.float64)
    doubted = likely.copy()
    doubted[:, 0] *= DOUBT
    return Reading(*_spans(context, likely, doubted), likely, by_type)


def _spans(context: Context, likely: chain.Scores, doubted: chain.Scores) -> tuple[Candidates, Candidates]:
    """The likeliest tags as spans, and what else would be one if they were taken as doubted."""
    count = len(likely)
    tags = np.concatenate((likely.argmax(axis=1), doubted.argmax(axis=1)))
    place = np.flatnonzero((tags > 0) & ~np.concatenate((context.page.blocked, context.page.blocked)))
    tag, word = tags[place], place % count if count else place
    kind = (tag - 1) // 2
    # An inside without a beginning begins; the first word of a page, where the second reading starts, follows nothing.
    follows = (tag % 2 == 0) & context.joined[word]
    follows[:1] = False
    follows[1:] &= (place[1:] == place[:-1] + 1) & (kind[1:] == kind[:-1])
    begins = np.flatnonzero(~follows)
    ends = np.append(begins[1:], len(word)) - 1 if len(begins) else begins
    score = likely[word, tag].astype(np.float64)
    least = np.minimum.reduceat(score, begins) if len(begins) else score
    spans = candidates(word[begins], word[ends], kind[begins], least, MODEL)
    likeliest = place[begins] < count
    key = (spans.first << 34) | ((spans.last - spans.first) << 2) | spans.type
    named = _bare(context, spans)
    return spans.take(named & likeliest), spans.take(named & ~likeliest & ~np.isin(key, key[likeliest]))


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
