"""Which spans are entities, of which type, and how likely: a small network over what every finder and the tagger say of a span.

It is trained on readings of taggers that had not seen the text (tools/train_judge.py), so that its probabilities are those of
pages that nobody has seen.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.entities.candidates import (
    FIRST_WATCHED,
    GAZETTEER,
    MODEL,
    TYPES,
    WATCH_LIST,
    WON,
    Candidates,
    apart,
    candidates,
)
from pipeline.entities.context import Context
from pipeline.entities.model import Reading
from pipeline.entities.network import COLUMNS, SOURCES, Matrix, Network
from pipeline.entities.spans import Flags, Floats, Ints, after, all_within, distinct, least_within, running

# Probability from which a span is kept: F1 on the training pages, cross-validated, is as good at 0.4, recall better at 0.35.
THRESHOLD = 0.35
WITHOUT_CAPITAL = 0.6  # the same for what the tagger alone takes for a name, in small letters, where the writer uses capitals
LAND = 0.5  # how likely a country or capital is at least where its name stands with a capital
LONGER = 0.03  # what each further word of a span is worth against spans that overlap it, up to six
SPANS_AT_ONCE = 1 << 15  # what the network sees of a span takes 1 kB, and a page may hold half a million of them
SENTENCE_WORDS = 80  # a text of fewer words is a sentence rather than a page
_LEAST = 1e-3  # probabilities nearer to 0 or 1 are taken for this
CAPITALS = COLUMNS - 1  # the column that says how common capitals are around a span


class Spans(NamedTuple):
    """The different spans of a pool of candidates, in order, and which of them each candidate has."""

    first: Ints
    last: Ints
    of: Ints


def spans_of(pool: Candidates) -> Spans:
    """The different spans of candidates."""
    first, last = pool.first, pool.last
    examples, of = distinct((first << 32) | (last - first))
    return Spans(first[examples], last[examples], of)


def _odds(likely: npt.NDArray[np.floating]) -> Matrix:
    """Probabilities on a scale that suits a network."""
    bounded = np.minimum(np.maximum(likely, _LEAST), 1 - _LEAST)
    odds: Matrix = (np.log(bounded / (1 - bounded)) / 3).astype(np.float32)
    return odds


def _bits(numbers: Ints) -> npt.NDArray[np.uint8]:
    """The lowest sixteen bits of each, a row a number."""
    return np.unpackbits(numbers.astype("<u2").view(np.uint8).reshape(-1, 2), axis=1, bitorder="little")


def _words(context: Context, reading: Reading, asked: Ints) -> Matrix:
    """What is seen of single words, a row each."""
    page, found, entry = context.page, context.found, context.page.entry
    size = len(page.vocabulary)
    counts = np.empty((3, size))  # of the same word: all, those that are names by their capital, those in small letters
    counts[0] = np.bincount(entry, minlength=size)
    counts[1] = np.bincount(entry, context.capital & ~context.opens, minlength=size)
    counts[2] = np.bincount(entry, context.small, minlength=size)
    times, named, small = counts[:, entry[asked]]
    flags = (context.small, page.shout, context.opens, context.titled, context.capital, page.raised)
    words = np.empty((len(asked), 54), dtype=np.float32)
    words[:, :7] = _odds(reading.tags[asked])
    words[:, 7:23] = _bits(context.lists[asked])
    words[:, 23:39] = _bits(np.maximum(found.covering[asked] - 1, 0))
    for place, flag in enumerate(flags):
        words[:, 39 + place] = flag[asked]
    words[:, 45:49] = np.minimum(found.parts[asked], 6) / 6
    words[:, 49] = found.levels[asked] / 3
    words[:, 50] = np.minimum(context.lengths[asked], 12) / 12
    words[:, 51], words[:, 52], words[:, 53] = np.log(times) / 3, named / times, small / times
    return words


def _least(reading: Reading, spans: Spans) -> Matrix:
    """For each type, how likely the least likely word is part of a name of it; and, but for the first word, goes on in one."""
    least = np.empty((6, len(spans.first)))
    least[:3] = least_within(reading.likely, spans.first, spans.last)
    least[3:] = least_within(reading.tags.T[2::2], np.minimum(spans.first + 1, spans.last), spans.last)
    least[3:, spans.first == spans.last] = 1
    return _odds(least).T


def _renown(context: Context, items: Ints) -> Matrix:
    """How well known items are, from 0 to 1; what the user watches is known to everybody."""
    listed, watched = (items >= 0) & (items < FIRST_WATCHED), items >= FIRST_WATCHED
    renown: Matrix = (context.gazetteer.priors[np.where(listed, items, 0)] * listed + 255 * watched).astype(np.float32)
    renown /= 255
    return renown


def _capitals(context: Context, words: Ints) -> Matrix:
    """How common capitals are in the field of each word, 1 where a tenth of it has one: does the writer use them?"""
    page = context.page
    bounds = page.field_words()
    sums = running(np.array((context.capital & ~context.opens, context.small))).take(bounds, axis=1)
    named, small = sums[:, 1:] - sums[:, :-1]
    share: Matrix = np.minimum(10 * (named + 0.1) / (named + small + 2), 1).astype(np.float32)
    return share[bounds[:-1].searchsorted(words, side="right") - 1]


def _around(context: Context, reading: Reading, spans: Spans) -> Matrix:
    """What is seen of the first and the last word of each span, and of those before and behind it that it could run on to."""
    first, last, _ = spans
    none = len(context.page.starts)
    around = np.empty((len(first), 4), dtype=np.int64)
    around[:, 0], around[:, 1] = first, last
    around[:, 2] = np.where(context.joined[first], first - 1, none)
    around[:, 3] = np.where(after(context.joined)[last], last + 1, none)
    place = np.zeros(none + 1, dtype=np.int64)
    place[around] = 1
    place[none] = 0
    asked = place.nonzero()[0]
    place[asked] = np.arange(1, len(asked) + 1)
    words = np.zeros((len(asked) + 1, 54), dtype=np.float32)
    words[1:] = _words(context, reading, asked)
    return words.take(place[around].reshape(-1), axis=0).reshape(len(first), 4 * 54)


def features(context: Context, reading: Reading, pool: Candidates, spans: Spans) -> Matrix:
    """What the network sees of each span: its first and last word, those around it, what each finder says of it as each type."""
    first, last, of = spans
    seen = np.zeros((len(first), COLUMNS), dtype=np.float32)
    seen[:, : 4 * 54] = _around(context, reading, spans)
    rest = seen[:, 4 * 54 :]
    rank = pool.score.argsort(kind="stable")  # of several scores the last and greatest stands
    source, said = (pool.evidence[rank] >> np.arange(SOURCES)[:, None] & 1).nonzero()
    said = rank[said]
    rest[of[said], source * len(TYPES) + pool.type[said]] = pool.score[said]
    rest = rest[:, SOURCES * len(TYPES) :]
    length = last - first
    rest[:, :6] = _least(reading, spans)
    rest[np.arange(len(first)), 6 + np.minimum(length, 3)] = 1
    rest[:, 10] = np.minimum(length, 7) / 5
    rest[of[rank], 11] = _renown(context, pool.item[rank])
    pages = context.page.pages
    rest[:, 12] = (np.bincount(pages) < SENTENCE_WORDS)[pages[first]]
    seen[:, CAPITALS] = _capitals(context, first)
    return seen


def _parts(pool: Candidates, spans: Spans) -> Iterator[tuple[Candidates, Spans]]:
    """The spans with their candidates, SPANS_AT_ONCE at a time."""
    if len(spans.first) <= SPANS_AT_ONCE:
        yield pool, spans
        return
    for start in range(0, len(spans.first), SPANS_AT_ONCE):
        end = start + SPANS_AT_ONCE
        inside = np.flatnonzero((spans.of >= start) & (spans.of < end))
        yield pool.take(inside), Spans(spans.first[start:end], spans.last[start:end], spans.of[inside] - start)


def _outcomes(context: Context, reading: Reading, pool: Candidates, spans: Spans, network: Network) -> tuple[Matrix, Matrix]:
    """How likely each outcome is, a row a span, and how common capitals are around each; in parts, for the sake of memory."""
    likely, capitals = [], []
    for some, part in _parts(pool, spans):
        seen = features(context, reading, some, part)
        likely.append(network.probabilities(seen))
        capitals.append(seen[:, CAPITALS].copy())
    return np.concatenate(likely), np.concatenate(capitals)


def judge(context: Context, reading: Reading, pool: Candidates, network: Network) -> Candidates:
    """The entities of a page: of the spans that overlap the likeliest, what the user watches before all others, in order."""
    if not len(pool.score):
        return pool
    spans = spans_of(pool)
    likely, capitals = _outcomes(context, reading, pool, spans, network)
    likely = likely[:, 1:]
    kind = likely.argmax(axis=1)
    score = likely[np.arange(len(kind)), kind].astype(np.float64)
    lands = _lands(context, pool)
    lands = lands[score[spans.of[lands]] < LAND]
    kind[spans.of[lands]], score[spans.of[lands]] = pool.type[lands], LAND
    watched = np.flatnonzero(pool.evidence & WATCH_LIST)
    kind[spans.of[watched]], score[spans.of[watched]] = pool.type[watched], 1 + WON
    least = np.where(_odd(context, pool, spans, capitals >= 1), WITHOUT_CAPITAL, THRESHOLD)
    chosen = np.sort(choose(spans.first, spans.last, score, least))
    return _described(pool, spans, chosen, kind[chosen], np.minimum(score[chosen], 1))


def choose(first: Ints, last: Ints, score: Floats, least: Floats) -> Ints:
    """The spans that are kept, the likeliest and longest first: those with the `least` score, none over another."""
    order = np.lexsort((first, -(score + LONGER * np.minimum(last - first, 6))))
    order = order[(score >= least)[order]]
    return order[apart(first[order].tolist(), last[order].tolist())]


def _lands(context: Context, pool: Candidates) -> Ints:
    """The candidates that are a country or a capital by a name that the gazetteer knows, with a capital letter."""
    known, item = context.gazetteer, pool.item
    named = np.flatnonzero((pool.evidence & GAZETTEER > 0) & (item >= 0) & (item < FIRST_WATCHED) & context.capital[pool.first])
    meant: Flags = known.of_kind("country", "capital")[known.kinds[item[named]]] & (pool.type[named] == TYPES.index("LOC"))
    return named[meant]


def _odd(context: Context, pool: Candidates, spans: Spans, capitals: Flags) -> Flags:
    """The spans in small letters that the tagger alone proposes, in a field whose writer uses `capitals`."""
    others: Flags = np.bincount(spans.of, pool.evidence & ~MODEL, len(spans.first)) > 0
    return all_within(context.small, spans.first, spans.last) & ~others & capitals


def _described(pool: Candidates, spans: Spans, chosen: Ints, kind: Ints, score: Floats) -> Candidates:
    """The chosen spans with the evidence, item and canonical name that candidates for the same span and type give them."""
    place = np.full(len(spans.first), -1)
    place[chosen] = np.arange(len(chosen))
    of = place[spans.of]
    kept = candidates(spans.first[chosen], spans.last[chosen], kind, score, 0)
    inside = np.flatnonzero(of >= 0)
    agreed = inside[pool.type[inside] == kind[of[inside]]]
    np.bitwise_or.at(kept.evidence, of[agreed], pool.evidence[agreed])
    silent = inside[kept.evidence[of[inside]] == 0]  # candidates of another type alone
    np.bitwise_or.at(kept.evidence, of[silent], pool.evidence[silent])
    # The last one stands: the gazetteer looked at this very mention, the page's memory knows what another one meant.
    own = (pool.evidence[agreed] & (GAZETTEER | WATCH_LIST)) > 0
    agreed = agreed[np.lexsort((pool.score[agreed], own))]
    named, known = agreed[pool.name_first[agreed] >= 0], agreed[pool.item[agreed] >= 0]
    kept.name_first[of[named]], kept.name_last[of[named]] = pool.name_first[named], pool.name_last[named]
    kept.item[of[known]] = pool.item[known]
    linked = of[known[(pool.evidence[known] & (GAZETTEER | WATCH_LIST)) > 0]]
    kept.name_first[linked] = kept.name_last[linked] = -1
    return kept
