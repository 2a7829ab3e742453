"""Where a comment repeats the article word for word, or nearly.

Runs of four words that comments share with the article are found for the whole page at once, by their hashes, and grown as far as
both agree; runs that follow each other with a few words between them (a typo, a word left out) are one quote. Words with the same
64-bit hash are taken for the same word.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from pipeline.events import Quote
from pipeline.texts import Places, Texts, runs

MIN_WORDS = 6
MIN_LENGTH = 40  # code points; shorter repeats are phrases that anyone would use
_SEED = 4  # words
_PLACES = 4  # of one run in the article that are tried; keeps the cost linear on "ha ha ha"
_GAP = 3  # words that may differ within a quote
_EDGE = 8  # code points of shared punctuation at either end


class _Run(NamedTuple):
    """Words `start` to `end` of the comment equal words `start + shift` to `end + shift` of the article."""

    start: int
    end: int
    shift: int


class _Words(NamedTuple):
    """A text, folded, the hashes of its words, and where they start and end in it."""

    folded: str
    hashes: list[int]
    starts: list[int]
    ends: list[int]

    @staticmethod
    def of(texts: Texts, number: int) -> "_Words":
        """The words of one of the texts."""
        words, offset = slice(*texts.firsts[number : number + 2]), texts.bounds[number]
        starts, ends = texts.starts[words] - offset, texts.ends[words] - offset
        return _Words(texts.folded[number], texts.hashes[words].tolist(), starts.tolist(), ends.tolist())


class _Seeds(NamedTuple):
    """Runs of four words that a comment shares with the article: `starts` in the comment; in the article, `order[low:high]`."""

    starts: Places
    low: Places
    high: Places
    order: Places


def find_quotes(texts: Texts) -> list[tuple[Quote, ...]]:
    """For each text but the first, which is the article's body: its stretches that repeat the body, in order, none over another."""
    quotes: list[tuple[Quote, ...]] = [()] * (len(texts.folded) - 1)
    body: _Words | None = None
    for number, seeds in _seeds(texts):
        body = body or _Words.of(texts, 0)
        comment = _Words.of(texts, number)
        found = (_quote(comment, body, group) for group in _grouped(_longest(comment, body, seeds)))
        quotes[number - 1] = tuple(quote for quote in found if quote is not None)
    return quotes


def _seeds(texts: Texts) -> Iterator[tuple[int, _Seeds]]:
    """The texts that share runs of four words with the first one, by number, and those runs."""
    seeds, first = runs(texts.hashes, _SEED), int(texts.firsts[1])
    theirs, ours = seeds[: max(0, first - _SEED + 1)], seeds[first:]
    if not theirs.size or not ours.size:
        return
    order = theirs.argsort(kind="stable")
    ordered = theirs[order]
    low = ordered.searchsorted(ours)
    found = np.flatnonzero(ordered.take(low, mode="clip") == ours)
    low, high = low[found], ordered.searchsorted(ours[found], side="right")
    found += first
    # A run that goes on into the next text is none.
    lasts = texts.firsts[1:] - _SEED + 1
    bounds = zip(found.searchsorted(texts.firsts[:-1]).tolist(), found.searchsorted(lasts).tolist(), strict=True)
    for number, (begin, end) in enumerate(bounds):
        if number and begin < end:
            part = slice(begin, end)
            yield number, _Seeds(found[part] - texts.firsts[number], low[part], high[part], order)


def _longest(comment: _Words, body: _Words, seeds: _Seeds) -> list[_Run]:
    """Longest runs of equal words, greedily from the left."""
    found: list[_Run] = []
    at = 0
    for start, low, high in zip(seeds.starts.tolist(), seeds.low.tolist(), seeds.high.tolist(), strict=True):
        if start >= at:
            places = seeds.order[low : min(high, low + _PLACES)].tolist()
            run = max((_grown(comment.hashes, body.hashes, start, place) for place in places), key=lambda run: run.end)
            found.append(run)
            at = run.end
    return found


def _grown(ours: Sequence[int], theirs: Sequence[int], start: int, place: int) -> _Run:
    end = start + _SEED
    while end < len(ours) and end - start + place < len(theirs) and ours[end] == theirs[end - start + place]:
        end += 1
    return _Run(start, end, place - start)


def _quote(comment: _Words, body: _Words, group: list[_Run]) -> Quote | None:
    """The group as code points, with the punctuation around it that both texts share; None when it is too short."""
    first, last = group[0], group[-1]
    start, end = comment.starts[first.start], comment.ends[last.end - 1]
    article_start = body.starts[first.start + first.shift]
    article_end = body.ends[last.end + last.shift - 1]
    if sum(run.end - run.start for run in group) < MIN_WORDS or end - start < MIN_LENGTH:
        return None
    ours, theirs = comment.folded, body.folded
    before = _common(ours[max(0, start - _EDGE) : start][::-1], theirs[max(0, article_start - _EDGE) : article_start][::-1])
    after = _common(ours[end : end + _EDGE], theirs[article_end : article_end + _EDGE])
    return Quote(start=start - before, end=end + after, article_start=article_start - before, article_end=article_end + after)


def _grouped(runs: list[_Run]) -> list[list[_Run]]:
    """Runs that continue each other, in the comment and in the article, with at most a few words between them."""
    groups: list[list[_Run]] = []
    for run in runs:
        last = groups[-1][-1] if groups else None
        ours = run.start - last.end if last else _GAP + 1
        theirs = ours + run.shift - last.shift if last else _GAP + 1
        if ours <= _GAP and 0 <= theirs <= _GAP:
            groups[-1].append(run)
        else:
            groups.append([run])
    return groups


def _common(ours: str, theirs: str) -> int:
    """How many code points both begin with, words and outer white space left out."""
    length = 0
    for count, (one, other) in enumerate(zip(ours, theirs, strict=False), start=1):
        if one != other or one.isalnum() or one == "\n":
            break
        if not one.isspace():
            length = count
    return length
