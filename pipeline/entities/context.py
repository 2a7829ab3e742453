"""What every finder of candidates looks at: the page, the lexicon, and what the gazetteer says of each word, as plain lists."""

from typing import NamedTuple

from pipeline.entities.gazetteer import Found, Gazetteer, Match
from pipeline.entities.lexicon import Lexicon
from pipeline.entities.tokens import CAPITAL, CAPS, DIGITS, JOINED, LOWER, MIXED, SENTENCE, Page


class Context(NamedTuple):
    """The words of a page, one entry a word."""

    page: Page
    lexicon: Lexicon
    gazetteer: Gazetteer
    country: str | None
    found: Found
    words: list[str]
    starts: list[int]
    ends: list[int]
    # One byte a word: as fast to read as a list, and made at once.
    case: bytes
    gap: bytes
    shout: bytes
    blocked: bytes
    levels: bytes  # how common the word is in small letters
    names: list[Match]  # the known names, but for what is written like an ordinary word

    def surface(self, first: int, last: int) -> str:
        """The text from word `first` up to and including word `last`."""
        return self.page.text[self.starts[first] : self.ends[last]]

    def capital(self, index: int) -> bool:
        """Whether a word's capital says that it is a name: it has one, and its neighbours are not all in capitals."""
        return self.case[index] in (CAPITAL, CAPS, MIXED) and not self.shout[index]

    def small(self, index: int) -> bool:
        """Whether a word is in small letters."""
        return self.case[index] == LOWER

    def number(self, index: int) -> bool:
        """Whether a word is a number."""
        return self.case[index] == DIGITS

    def joined(self, index: int) -> bool:
        """Whether a word can continue the phrase of the word before it."""
        return self.gap[index] == JOINED

    def together(self, first: int, last: int) -> bool:
        """Whether every word after `first` up to `last` can continue the phrase, and none is part of an address or a mask."""
        return self.gap.count(JOINED, first + 1, last + 1) == last - first and self.blocked.find(1, first, last + 1) < 0

    def opens(self, index: int) -> bool:
        """Whether a word begins a sentence, where any word has a capital."""
        return self.gap[index] == SENTENCE

    def elided(self, index: int) -> bool:
        """Whether a word is an article or the like that lost its vowel: l', d', qu'."""
        end = self.ends[index]
        return end - self.starts[index] <= 2 and self.page.folded[end : end + 1] == "'"

    def title(self, index: int) -> bool:
        """Whether the word before is a title, so that this one begins a person's name."""
        return index > 0 and self.joined(index) and self.words[index - 1] in self.lexicon.titles


def look(page: Page, gazetteer: Gazetteer, lexicon: Lexicon, country: str | None) -> Context:
    """Everything about the words of a page, made once."""
    found = gazetteer.look_up(page)
    first, last, _ = found.matches
    names = (first < last) | (page.case[first] != LOWER) | (found.levels[first] == 0)
    return Context(
        page=page,
        lexicon=lexicon,
        gazetteer=gazetteer,
        country=country,
        found=found,
        words=page.words,
        starts=page.starts.tolist(),
        ends=page.ends.tolist(),
        case=page.case.tobytes(),
        gap=page.gap.tobytes(),
        shout=page.shout.tobytes(),
        blocked=page.blocked.tobytes(),
        levels=found.levels.tobytes(),
        names=found.matches.where(names).rows(),
    )
