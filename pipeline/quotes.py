"""Where a comment repeats the article word for word, or nearly.

The article's words are indexed once by runs of four; a comment's runs are looked up and grown as far as both agree, and runs that
follow each other with a few words between them (a typo, a word left out) are one quote.
"""

from collections import defaultdict
from functools import cached_property
from typing import NamedTuple

from pipeline.events import Quote
from pipeline.text import fold, word_bounds, words

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


class _Words:
    """A text, folded, and its words."""

    def __init__(self, text: str) -> None:
        self.folded = fold(text)
        self.words = words(self.folded)
        self.seeds = list(zip(*(self.words[i:] for i in range(_SEED)), strict=False))

    @cached_property
    def spans(self) -> list[tuple[int, int]]:
        """Where the words stand."""
        starts, ends = word_bounds(self.folded)
        return list(zip(starts.tolist(), ends.tolist(), strict=True))


class QuoteIndex:
    """An article's body, prepared once for all comments of the page."""

    def __init__(self, body: str) -> None:
        self._body = _Words(body)
        self._seeds = frozenset(self._body.seeds)

    @cached_property
    def _places(self) -> dict[tuple[str, ...], list[int]]:
        """Where each run of words stands; made only when a comment shares one."""
        places: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
        for place, seed in enumerate(self._body.seeds):
            found = places[seed]
            if len(found) < _PLACES:
                found.append(place)
        return places

    def find(self, text: str) -> tuple[Quote, ...]:
        """The stretches of `text` that repeat the body, in order; they do not overlap in `text`."""
        comment = _Words(text)
        if self._seeds.isdisjoint(comment.seeds):
            return ()
        quotes = (self._quote(comment, group) for group in _grouped(self._runs(comment)))
        return tuple(quote for quote in quotes if quote is not None)

    def _runs(self, comment: _Words) -> list[_Run]:
        """Longest runs of equal words, greedily from the left."""
        runs: list[_Run] = []
        seeds, at = comment.seeds, 0
        while at < len(seeds):
            places = self._places.get(seeds[at], ())
            run = max((self._grown(comment, at, place) for place in places), default=None, key=lambda run: run.end)
            if run is not None:
                runs.append(run)
            at = run.end if run else at + 1
        return runs

    def _grown(self, comment: _Words, start: int, place: int) -> _Run:
        ours, theirs = comment.words, self._body.words
        end = start + _SEED
        while end < len(ours) and end - start + place < len(theirs) and ours[end] == theirs[end - start + place]:
            end += 1
        return _Run(start, end, place - start)

    def _quote(self, comment: _Words, group: list[_Run]) -> Quote | None:
        """The group as code points, with the punctuation around it that both texts share; None when it is too short."""
        first, last = group[0], group[-1]
        start, end = comment.spans[first.start][0], comment.spans[last.end - 1][1]
        article_start = self._body.spans[first.start + first.shift][0]
        article_end = self._body.spans[last.end + last.shift - 1][1]
        if sum(run.end - run.start for run in group) < MIN_WORDS or end - start < MIN_LENGTH:
            return None
        ours, theirs = comment.folded, self._body.folded
        before = _shared(ours[max(0, start - _EDGE) : start][::-1], theirs[max(0, article_start - _EDGE) : article_start][::-1])
        after = _shared(ours[end : end + _EDGE], theirs[article_end : article_end + _EDGE])
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


def _shared(ours: str, theirs: str) -> int:
    """How many code points both begin with, words and outer white space left out."""
    length = 0
    for count, (one, other) in enumerate(zip(ours, theirs, strict=False), start=1):
        if one != other or one.isalnum() or one == "\n":
            break
        if not one.isspace():
            length = count
    return length
