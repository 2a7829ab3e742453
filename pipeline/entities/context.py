"""What every finder of candidates looks at: the page, the lexicon, and what the gazetteer says of each word, as plain lists."""

from typing import NamedTuple

from pipeline.entities.gazetteer import Gazetteer, Match, Matches
from pipeline.entities.lexicon import Lexicon
from pipeline.entities.tokens import CAPITAL, CAPS, DIGITS, JOINED, LOWER, MIXED, SENTENCE, Page


class Context(NamedTuple):
    """The words of a page, one list entry a word."""

    page: Page
    lexicon: Lexicon
    gazetteer: Gazetteer
    country: str | None
    words: list[str]
    case: list[int]
    gap: list[int]
    shout: list[bool]
    blocked: list[bool]
    levels: list[int]  # how common the word is in small letters
    parts: list[list[int]]  # what names it is part of
    names: list[Match]  # `matches`, one by one
    matches: Matches

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

    def opens(self, index: int) -> bool:
        """Whether a word begins a sentence, where any word has a capital."""
        return self.gap[index] == SENTENCE

    def elided(self, index: int) -> bool:
        """Whether a word is an article or the like that lost its vowel: l', d', qu'."""
        end = self.page.ends[index]
        return end - self.page.starts[index] <= 2 and self.page.folded[end : end + 1] == "'"

    def title(self, index: int) -> bool:
        """Whether the word before is a title, so that this one begins a person's name."""
        return index > 0 and self.joined(index) and self.words[index - 1] in self.lexicon.titles


def look(page: Page, gazetteer: Gazetteer, lexicon: Lexicon, country: str | None) -> Context:
    """Everything about the words of a page, made once."""
    matches = gazetteer.matches(page)
    folded, starts, ends = page.folded, page.starts.tolist(), page.ends.tolist()
    return Context(
        page=page,
        lexicon=lexicon,
        gazetteer=gazetteer,
        country=country,
        words=[folded[start:end] for start, end in zip(starts, ends, strict=True)],
        case=page.case.tolist(),
        gap=page.gap.tolist(),
        shout=page.shout.tolist(),
        blocked=page.blocked.tolist(),
        levels=gazetteer.levels(page).tolist(),
        parts=gazetteer.parts(page).tolist(),
        names=matches.rows(),
        matches=matches,
    )
