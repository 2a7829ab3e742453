"""Words and phrases found in a text: one automaton over the phrases of every rule.

A text is searched in a plain form, " word word word ", in which every word is folded and anything else between two words is one
space. A phrase in the same form, " assimi goita ", is then found only as whole words, whatever stands between them: a line feed, an
apostrophe ("l'AES" holds " aes "), a hyphen. Without its last space it is a prefix: " mali" finds "maliens".
"""

import re
from bisect import bisect_left
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import TypeVar

from ahocorasick_rs import AhoCorasick

from pipeline.text import fold
from pipeline.text import words as ascii_words

Item = TypeVar("Item", bound=Hashable)

# Inside a word: combining accents, soft hyphens and zero-width characters, which a reader does not see.
_ACCENTS = "\u0300-\u036f"
_UNSEEN = _ACCENTS + "\u00ad\u200b-\u200d\u2060\ufeff"
_WORD = re.compile(rf"[^\W_]+(?:[{_UNSEEN}]+[^\W_]+)*[{_ACCENTS}]*")
_EXPAND = {"œ": "oe", "æ": "ae", "ß": "ss", "ﬁ": "fi", "ﬂ": "fl"}
_ODD = re.compile(f"[{_UNSEEN}{''.join(_EXPAND)}]")


def _plain_word(match: re.Match[str]) -> str:
    return _EXPAND.get(match.group(), "")


@dataclass(frozen=True, slots=True)
class Words:
    """A text as words: `plain` form, where each word's space stands in it (`starts`), and each word's span in the text."""

    plain: str
    starts: list[int]
    spans: list[tuple[int, int]]


def words(text: str) -> Words:
    """Cut a text into folded words."""
    folded = fold(text)
    spans = [match.span() for match in _WORD.finditer(folded)]
    plain = " ".join([folded[start:end] for start, end in spans])
    if _ODD.search(plain):
        plain = _ODD.sub(_plain_word, plain)
    starts = list(accumulate((len(word) + 1 for word in plain.split(" ")), initial=0))[:-1] if spans else []
    return Words(plain=f" {plain} ", starts=starts, spans=spans)


@lru_cache(maxsize=8192)
def key(name: str) -> str:
    """A name's folded words, joined by spaces: names with one key are the same name. Empty if it holds no letter or digit."""
    return words(name).plain.strip()


def keys_of(names: Sequence[str]) -> list[str]:
    """The key of each name: the same as `key` gives, for many names at once."""
    folded = fold("\n".join(names)).split("\n")
    if len(folded) != len(names):  # one holds a line feed
        return [key(name) for name in names]
    return [" ".join(ascii_words(line)) if line.isascii() else key(name) for name, line in zip(names, folded, strict=True)]


def ends_in_word(text: str) -> bool:
    """Tell whether the last code point of a text belongs to a word."""
    spans = words(text).spans
    return bool(spans) and spans[-1][1] == len(text)


class Automaton:
    """Finds many phrases, each in plain form (" assimi goita ", " mali"), in one pass over a text. Immutable."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._phrases = sorted(set(phrases))
        self._lengths = [len(phrase.split()) for phrase in self._phrases]
        self._automaton = AhoCorasick(self._phrases) if self._phrases else None

    def find(self, text: Words) -> Iterator[tuple[str, int, int]]:
        """Yield each phrase found, with its first word's index and how many words it has; a phrase's finds come in text order.

        Phrases may overlap. The plain form holds letters, digits and spaces alone, so no lone surrogate reaches the library.
        """
        if self._automaton is None:
            return
        for index, start, _ in self._automaton.find_matches_as_indexes(text.plain, overlapping=True):
            yield self._phrases[index], bisect_left(text.starts, start), self._lengths[index]


def windows(places: Sequence[tuple[int, Item]], needed: Mapping[Item, int], distance: int) -> Iterator[tuple[int, int]]:
    """The shortest stretches of words that hold every needed word (so many times), in any order, with at most `distance` others.

    `places` are the indexes of the needed words in the text, in order. Yields the indexes of the first and last word; linear.
    """
    missing, slack = sum(needed.values()), dict(needed)
    left, last = 0, -1
    for place, word in places:
        missing -= slack[word] > 0
        slack[word] -= 1
        while slack[places[left][1]] < 0:
            slack[places[left][1]] += 1
            left += 1
        if missing == 0 and left > last:
            last, first = left, places[left][0]
            if place - first + 1 - sum(needed.values()) <= distance:
                yield first, place
