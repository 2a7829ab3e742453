"""A page cut into words, with what a tagger asks of each: where it stands, its case, what is before it, a hash of its folded form.

Everything here is computed for the whole page at once, in arrays, so that the cost is linear and small. A word's hash is a
polynomial over its folded code points modulo 2**64, mixed (the finalizer of SplitMix64, Steele, Lea and Flood 2014); a phrase's is
another polynomial, over its words' hashes. `hash_phrase` is the plain reference of both.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.entities.spans import Flags, Ints, covered, distinct, further_words, running, steps
from pipeline.text import WORD, CodePoints, code_points, fold, fold_codes, from_code_points, masked, urls, word_bounds_of
from pipeline.texts import BASE, INVERSE, Hashes, mix, powers

_BMP = 0x10000
_PHRASE = 0xD6E8FEB86659FD93
_PAGE = 0xA24BAED4963EE407  # odd: what sets the words of pages that are read together apart
_MASK = (1 << 64) - 1
FIELD = "\n\n"  # stands between the fields of a page

# Classes of a word's case.
LOWER, CAPITAL, CAPS, MIXED, DIGITS = range(5)
# What stands between a word and the one before it.
JOINED, OPEN, SENTENCE = range(3)  # same phrase possible; a comma and the like; a new sentence


class Page(NamedTuple):
    """The words of a page, or of several read together: `text` is their fields joined by FIELD; arrays hold a value a word."""

    text: str
    folded: str
    fields: tuple[int, ...]  # where each field starts in `text`
    starts: Ints
    ends: Ints
    pages: Ints  # the number of the page that each word is of
    hashes: Hashes
    own: Hashes  # the same where there is one page; words of different pages have different ones
    case: npt.NDArray[np.int8]
    raised: Flags  # its letters are all capitals, and there is one
    gap: npt.NDArray[np.int8]  # JOINED, OPEN or SENTENCE, before the word
    shout: Flags  # in a stretch written in capitals, where case says nothing
    blocked: Flags  # part of an address or of a masked word
    sums: Hashes  # running sums over `folded`: `hash_spans` makes the hash of any piece of a word from them
    vocabulary: Hashes  # the hashes of the different words of each page
    examples: Ints  # a word for each of them
    entry: Ints  # the place of each word among them

    def field_words(self) -> Ints:
        """The first word of each field, and the number of words."""
        return np.append(self.starts.searchsorted(self.fields), len(self.starts))

    def word(self, place: int) -> str:
        """A word as it is folded."""
        return self.folded[self.starts[place] : self.ends[place]]

    def surface(self, first: int, last: int) -> str:
        """The text from word `first` up to and including word `last`."""
        return self.text[self.starts[first] : self.ends[last]]


def extend(phrases: Hashes, words: Hashes) -> Hashes:
    """Hashes of phrases, each with one more word."""
    return phrases * np.uint64(_PHRASE) + words


def phrases(page: Page, first: Ints, last: Ints) -> tuple[Hashes, list[Hashes]]:
    """The hashes of phrases, made of `Page.own`, and of all their beginnings."""
    hashes, begun = page.own[first], []
    for going, word in further_words(first, last):
        begun.append(hashes[going])
        hashes[going] = extend(hashes[going], page.own[word])
    return hashes, begun


def hash_phrase(words: Sequence[str]) -> int:
    """Hash of a phrase of folded words: what `read` and `extend` compute in arrays, one code point at a time."""

    def spread(value: int) -> int:
        value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
        return value ^ (value >> 31)

    phrase = 0
    for count, word in enumerate(words):
        value, power = 0, 1
        for char in word:
            value = (value + (ord(char) + 1) * power) & _MASK
            power = (power * BASE) & _MASK
        phrase = (phrase * _PHRASE + spread(value)) & _MASK if count else spread(value)
    return phrase


def split_words(name: str) -> list[str]:
    """The folded words of a name, as they are found in a page."""
    return WORD.findall(fold(name))


class _Classes(NamedTuple):
    digit: Flags
    letters: Ints  # 1 for a capital, _OTHER for a small letter
    between: Ints  # 1 for what ends a sentence, _OTHER for what joins words


_OTHER = 1 << 32
_JOINERS = " '&/-\u00a0\u202f"
_STOPS = ".!?…\n:;•|"


@cache
def _classes() -> _Classes:
    """Which code points of the Basic Multilingual Plane are what; made at first use."""
    chars = [chr(code) for code in range(_BMP)]
    categories = {"Lu": 1, "Lt": 1, "Ll": _OTHER}
    digit = np.array([char.isdigit() for char in chars])
    letters = np.array([categories.get(unicodedata.category(char), 0) for char in chars], dtype=np.int64)
    between = np.zeros(_BMP, dtype=np.int64)
    between[[ord(char) for char in _STOPS]] = 1
    between[[ord(char) for char in _JOINERS]] = _OTHER
    return _Classes(digit, letters, between)


def _bounded(codes: CodePoints) -> CodePoints:
    """Code points, those beyond the Basic Multilingual Plane as U+FFFF, which is no character."""
    return np.minimum(codes, _BMP - 1)


def _running(folded: CodePoints) -> Hashes:
    """Sums from which the hash of any stretch of the text follows."""
    terms = (folded.astype(np.uint64) + np.uint64(1)) * powers(len(folded), BASE)
    return np.concatenate((np.zeros(1, dtype=np.uint64), np.cumsum(terms, dtype=np.uint64)))


def hash_spans(sums: Hashes, starts: Ints, ends: Ints) -> Hashes:
    """The hashes of stretches of a text, from `Page.sums`."""
    return mix((sums[ends] - sums[starts]) * powers(len(sums), INVERSE)[starts])


def _counts(marks: Ints, starts: Ints, ends: Ints) -> tuple[Ints, Ints]:
    """How many marks of each of two kinds stand in each stretch: `marks` holds 1 for the one, _OTHER for the other."""
    sums = running(marks)
    counts = sums[ends] - sums[starts]
    return counts & (_OTHER - 1), counts >> 32


def _case(codes: CodePoints, starts: Ints, ends: Ints) -> tuple[npt.NDArray[np.int8], Flags]:
    """The class of each word's case, and whether all its letters are capitals."""
    kinds = _classes()
    uppers, lowers = _counts(kinds.letters.take(codes), starts, ends)
    first, none = codes[starts], lowers == 0
    case = np.where((uppers >= 2) & none, np.int8(CAPS), np.int8(MIXED))
    case[(uppers == 1) & (kinds.letters[first] == 1)] = CAPITAL
    case[uppers == 0] = LOWER
    case[(uppers + lowers == 0) & kinds.digit[first]] = DIGITS
    return case, (uppers > 0) & none


def _gap(codes: CodePoints, plain: CodePoints, starts: Ints, ends: Ints, case: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
    """What stands before each word."""
    if not len(starts):
        return np.empty(0, dtype=np.int8)
    before = np.empty_like(ends)
    before[0], before[1:] = 0, ends[:-1]
    width = starts - before
    stopped, joining = _counts(_classes().between.take(plain), before, starts)
    gap = np.where((joining == width) & (width <= 3), np.int8(JOINED), np.int8(OPEN))
    dashed = starts.searchsorted(((codes == ord("–")) | (codes == ord("—"))).nonzero()[0])
    gap[dashed[dashed < len(gap)]] = OPEN  # "Kénitra–Marrakech": folded it looks like a hyphen
    # "J. Diouf", "St. Louis", "U.S.": a full stop after a short capitalised word ends nothing.
    stops = ((stopped > 0) & (before > 0)).nonzero()[0]
    word, end = stops - 1, before[stops]
    short = (end - starts[word] <= 2) & (case[word] != LOWER) & (plain[end] == ord("."))
    short &= (width[stops] <= 2) & (stopped[stops] == 1) & (joining[stops] == width[stops] - 1)
    gap[stopped > 0] = SENTENCE
    gap[stops[short]] = JOINED
    gap[0] = SENTENCE
    return gap


def _shout(case: npt.NDArray[np.int8], gap: npt.NDArray[np.int8], lengths: Ints) -> Flags:
    """Which words stand in a sentence of three or more words in capitals that make up seven in ten of its letters."""
    if not len(case):
        return np.zeros(0, dtype=np.bool_)
    sentence, caps = (gap == SENTENCE).nonzero()[0], case == CAPS
    letters, loud = lengths * (case != DIGITS), lengths * (caps | ((lengths == 1) & (case == CAPITAL)))
    count = np.add.reduceat(caps, sentence, dtype=np.int64)
    shouted = (np.add.reduceat(loud, sentence) * 10 >= np.add.reduceat(letters, sentence) * 7) & (count >= 3)
    return shouted.repeat(steps(sentence, len(case)))


def _pieces_with(text: str, mark: str) -> Iterator[tuple[int, int]]:
    """Where the pieces between spaces stand that hold a mark."""
    end, found = 0, text.find(mark)
    while found >= 0:
        start = text.rfind(" ", end, found) + 1 or end
        end = text.find(" ", found)
        end = len(text) if end < 0 else end
        yield start, end
        found = text.find(mark, end)


def _blocked(text: str, folded: str, starts: Ints, ends: Ints) -> Flags:
    """Which words belong to an address or a masked word."""
    # Neither holds a space, and to look for them everywhere is slow: only in the pieces that hold what each must have.
    spans = [
        (first + start, first + end)
        for search, mark in ((urls, "://"), (urls, "www."), (masked, "***"))
        for first, last in _pieces_with(folded, mark)
        for start, end in search(text[first:last])
    ]
    if not spans:
        return np.zeros(len(starts), dtype=np.bool_)
    places = np.array(spans)
    first, end = np.searchsorted(ends, places[:, 0], side="right"), np.searchsorted(starts, places[:, 1])
    return covered(first, end, len(starts))


def look_up(table: Hashes, wanted: Hashes) -> tuple[Ints, Flags]:
    """Where each hash stands in a sorted table that is not empty, and whether it does."""
    place = table.searchsorted(wanted)
    np.minimum(place, len(table) - 1, out=place)
    return place, table[place] == wanted


def read(texts: Sequence[str], pages: Sequence[int] = (0,)) -> Page:
    """Cut fields into words; linear in their length, and any string will do.

    They are those of one page, or of several, one after the other: `pages` says with which field each of these begins.
    """
    text, bounds = FIELD.join(texts), [0, *accumulate(len(field) + len(FIELD) for field in texts)]
    codes = code_points(text)
    folded = fold_codes(codes)
    letters = from_code_points(folded)
    codes, plain = _bounded(codes), _bounded(folded)
    starts, ends = word_bounds_of(plain)
    case, raised = _case(codes, starts, ends)
    gap = _gap(codes, plain, starts, ends, case)
    sums = _running(plain)
    hashes = hash_spans(sums, starts, ends)
    numbers = np.searchsorted([bounds[first] for first in pages[1:]], starts, side="right")
    own = hashes + numbers.astype(np.uint64) * np.uint64(_PAGE) if len(pages) > 1 else hashes
    examples, entry = distinct(own)
    return Page(
        text=text,
        folded=letters,
        fields=tuple(bounds[:-1]),
        starts=starts,
        ends=ends,
        pages=numbers,
        hashes=hashes,
        own=own,
        case=case,
        raised=raised,
        gap=gap,
        shout=_shout(case, gap, ends - starts),
        blocked=_blocked(text, letters, starts, ends),
        sums=sums,
        vocabulary=hashes[examples],
        examples=examples,
        entry=entry,
    )
