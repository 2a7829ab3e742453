"""What every finder of candidates looks at: the page, what the gazetteer says of its words, and the lists that they are in."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pipeline.entities.gazetteer import Found, Gazetteer, Matches
from pipeline.entities.lexicon import TITLE, Lexicon
from pipeline.entities.spans import Flags, Ints
from pipeline.entities.tokens import DIGITS, JOINED, LOWER, SENTENCE, Page


class Context(NamedTuple):
    """The words of a page, in arrays of one value a word."""

    page: Page
    gazetteer: Gazetteer
    countries: Sequence[str | None]  # the publisher's, one a page
    found: Found
    names: Matches  # the known names by first word, but for what is written like an ordinary word
    lists: Ints  # the lists that a word is in, as bits of `lexicon`
    lengths: Ints  # in letters
    small: Flags  # in small letters
    capital: Flags  # it has a capital, and its neighbours are not all in capitals: a name
    joined: Flags  # it can continue the phrase of the word before it
    opens: Flags  # it begins a sentence, where any word has a capital
    common: Flags  # running text has it in small letters
    titled: Flags  # the word before is a title, so that this one begins a person's name

    def listed(self, lists: int) -> Flags:
        """Which words are in one of some lists."""
        return (self.lists & lists) > 0

    def elided(self, words: Ints) -> Flags:
        """Which of some words are an article or the like that lost its vowel: l', d', qu'."""
        ends, answer = self.page.ends[words], self.lengths[words] <= 2
        short = np.flatnonzero(answer)
        folded = self.page.folded
        answer[short] = [folded[end : end + 1] == "'" for end in ends[short].tolist()]
        return answer


def shift(flags: Flags) -> Flags:
    """What holds of the word before each; nothing of the first one's."""
    before = np.zeros_like(flags)
    before[1:] = flags[:-1]
    return before


def look(page: Page, gazetteer: Gazetteer, lexicon: Lexicon, *countries: str | None) -> Context:
    """Everything about the words of a page, or of several, made once; `countries` are their publishers'."""
    found, lists = gazetteer.look_up(page), lexicon.bits_of(page)
    small, common, joined = page.case == LOWER, found.levels > 0, page.gap == JOINED
    first, last, _ = found.matches
    names = found.matches.where((first < last) | ~small[first] | ~common[first])
    return Context(
        page=page,
        gazetteer=gazetteer,
        countries=countries,
        found=found,
        names=names.where(np.lexsort((names.last, names.first))),
        lists=lists,
        lengths=page.ends - page.starts,
        small=small,
        capital=~small & (page.case != DIGITS) & ~page.shout,
        joined=joined,
        opens=page.gap == SENTENCE,
        common=common,
        titled=joined & shift((lists & TITLE) > 0),
    )
