"""Candidates from the statistical tagger: a linear chain over hashed features, with the probability of each span."""

import zlib
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
        """The scores of words, given their features' buckets (one row a word)."""
        small = np.ascontiguousarray(self.rows[buckets.T]).view(np.int8).reshape(buckets.shape[1], -1, 8)
        scores: chain.Scores = small.sum(axis=0, dtype=np.int32)[:, : len(TAGS)] * self.scales
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
    likely: list[list[float]]  # a row a word: how likely it is part of a name of each type

    def opinion(self, first: int, last: int, kind: EntityType) -> float:
        """How likely the least likely word of a span is part of a name of a type."""
        column = _TYPES.index(kind)
        if first == last:
            return self.likely[first][column]
        return min(row[column] for row in self.likely[first : last + 1])


def read(context: Context, weights: Weights) -> Reading:
    """The spans of the likeliest tags, each with the probability of its least likely word's tag."""
    page = context.page
    if not len(page.starts):
        return Reading([], [])
    where = chain.layout(breaks(page))
    buckets = features.buckets(page, context.matches, context.gazetteer, context.lexicon)
    scores = weights.score(buckets)
    likely = chain.marginals(chain.spread(scores, where), where.active, weights.moves)[0][where.column, where.row]
    bare = (_bare(context, span) for span in _spans(context, likely))
    return Reading([span for span in bare if span], (likely[:, 1::2] + likely[:, 2::2]).tolist())


def _spans(context: Context, likely: chain.Scores) -> list[Candidate]:
    """The likeliest tags as candidates; an inside without a beginning begins."""
    tags, sure = likely.argmax(axis=1), likely.max(axis=1)
    found: list[Candidate] = []
    for word in np.nonzero(tags)[0].tolist():
        tag, score = int(tags[word]), float(sure[word])
        kind = _TYPES[(tag - 1) // 2]
        follows = found and found[-1].last == word - 1 and context.joined(word) and found[-1].type == kind
        if context.blocked[word]:
            continue
        if follows and tag % 2 == 0:
            found[-1] = found[-1]._replace(last=word, score=min(found[-1].score, score))
        else:
            found.append(Candidate(word, word, kind, score, EVIDENCE))
    return found


def _bare(context: Context, span: Candidate) -> Candidate | None:
    """A span without "Mr" before a person, without "de" at its ends; nothing if it is a people or no name at all."""
    first, last, lexicon = span.first, span.last, context.lexicon
    while first < last and _outside(context, span, first):
        first += 1
    while first < last and context.small(last) and context.words[last] in lexicon.particles:
        last -= 1
    if first == last and (context.words[first] in lexicon.demonyms or context.words[first] in lexicon.never):
        return None
    return span._replace(first=first, last=last)


def _outside(context: Context, span: Candidate, word: int) -> bool:
    """Whether the first word of a span belongs before it."""
    text = context.words[word]
    titled = span.type == "PER" and text in context.lexicon.honorifics
    return titled or (context.small(word) and text in context.lexicon.links)
