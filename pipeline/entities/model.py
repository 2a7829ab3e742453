"""Candidates from the statistical tagger: a linear chain over hashed features, with the probability of each span."""

import zlib
from collections.abc import Iterator
from importlib.resources import files
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from pipeline.entities import chain, features
from pipeline.entities.candidates import Candidate
from pipeline.entities.context import Context
from pipeline.entities.tokens import JOINED, Hashes, Page
from pipeline.errors import InvalidModel
from pipeline.events import EntityType

EVIDENCE = ("model",)
VERSION = 1
BLOCK = 512  # words that are scored at once
TAGS = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC")
_TYPES: tuple[EntityType, ...] = ("PER", "ORG", "LOC")
_BUILD = "build it with tools/train_tagger.py"


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


class Artefact(msgspec.Struct, frozen=True, kw_only=True):
    """The file before compression: weights as int8 times a scale a tag, moves as float32."""

    version: int
    bits: int
    scales: bytes
    buckets: bytes
    moves: bytes


def pack(weights: Weights) -> bytes:
    """The file for these weights."""
    artefact = Artefact(
        version=VERSION,
        bits=features.BITS,
        scales=weights.scales.astype("<f4").tobytes(),
        buckets=weights.rows.view(np.int8).reshape(-1, 8)[:, : len(TAGS)].T.tobytes(),  # a tag's together compress better
        moves=weights.moves.astype("<f4").tobytes(),
    )
    return zlib.compress(msgspec.msgpack.encode(artefact), 9)


def unpack(packed: bytes) -> Weights:
    """Read what `pack` wrote; InvalidModel if it is damaged or of another version."""
    try:
        artefact = msgspec.msgpack.decode(zlib.decompress(packed), type=Artefact)
    except (zlib.error, msgspec.DecodeError) as error:
        message = f"pipeline/entities/tagger.bin is damaged ({error}); {_BUILD}"
        raise InvalidModel(message) from error
    if (artefact.version, artefact.bits) != (VERSION, features.BITS):
        message = f"pipeline/entities/tagger.bin has version {artefact.version}, wanted {VERSION}; {_BUILD}"
        raise InvalidModel(message)
    small = np.frombuffer(artefact.buckets, dtype=np.int8).reshape(len(TAGS), -1).T
    scales = np.frombuffer(artefact.scales, dtype="<f4")
    moves = np.frombuffer(artefact.moves, dtype="<f4").reshape(len(TAGS) + 1, len(TAGS))
    return Weights(_rows(small), scales.astype(np.float32), moves.astype(np.float32))


def load() -> Weights:
    """The weights that are shipped."""
    source = files(__package__ or "pipeline.entities").joinpath("tagger.bin")
    if not source.is_file():
        message = f"pipeline/entities/tagger.bin is missing; {_BUILD}"
        raise InvalidModel(message)
    return unpack(source.read_bytes())


def breaks(page: Page) -> npt.NDArray[np.bool_]:
    """Which words cannot continue a name that the word before them is part of."""
    before = np.concatenate(([True], page.blocked[:-1])) if len(page.blocked) else page.blocked
    broken: npt.NDArray[np.bool_] = (page.gap != JOINED) | page.blocked | before
    return broken


class Reading(NamedTuple):
    """What the model says of a page."""

    candidates: list[Candidate]
    likely: dict[EntityType, list[float]]  # how likely each word is part of a name of a type

    def opinion(self, first: int, last: int, kind: EntityType) -> float:
        """How likely the least likely word of a span is part of a name of a type."""
        likely = self.likely[kind]
        return likely[first] if first == last else min(likely[first : last + 1])


def read(context: Context, weights: Weights) -> Reading:
    """The spans of the likeliest tags, each with the probability of its least likely word's tag."""
    buckets = features.buckets(context.page, context.found, context.lexicon)
    likely = chain.marginals(weights.score(buckets), chain.layout(breaks(context.page)), weights.moves)[0]
    bare = (_bare(context, *span) for span in _spans(context, likely))
    parts = zip(_TYPES, (likely[:, 1::2] + likely[:, 2::2]).T.tolist(), strict=True)
    return Reading([span for span in bare if span], dict(parts))


def _spans(context: Context, likely: chain.Scores) -> Iterator[tuple[int, int, EntityType, float]]:
    """The likeliest tags as spans: first word, last word, type, probability. An inside without a beginning begins."""
    tags = likely.argmax(axis=1)
    named = np.flatnonzero((tags > 0) & ~context.page.blocked)
    span = None
    for word, tag, score in zip(named.tolist(), tags[named].tolist(), likely[named].max(axis=1).tolist(), strict=True):
        kind = _TYPES[(tag - 1) // 2]
        if span and tag % 2 == 0 and span[1] == word - 1 and span[2] == kind and context.joined(word):
            span = span[0], word, kind, min(span[3], score)
        else:
            if span:
                yield span
            span = word, word, kind, score
    if span:
        yield span


def _bare(context: Context, first: int, last: int, kind: EntityType, score: float) -> Candidate | None:
    """A span without "Mr" before a person, without "de" at its ends; nothing if it is a people or no name at all."""
    words, lexicon = context.words, context.lexicon
    while first < last and _outside(context, kind, first):
        first += 1
    while first < last and context.small(last) and words[last] in lexicon.particles:
        last -= 1
    if first == last and (words[first] in lexicon.demonyms or words[first] in lexicon.never):
        return None
    return Candidate(first, last, kind, score, EVIDENCE)


def _outside(context: Context, kind: EntityType, word: int) -> bool:
    """Whether the first word of a span belongs before it."""
    text = context.words[word]
    titled = kind == "PER" and text in context.lexicon.honorifics
    return titled or (context.small(word) and text in context.lexicon.links)
