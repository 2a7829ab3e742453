"""How a line is written: what tells a reader's hand from a newsroom's, as numbers."""

import re

import numpy as np
import numpy.typing as npt

from pipeline.split.headers import Kind, Page
from pipeline.split.lines import Sheet, Sign
from pipeline.split.patterns import GREETING, UNACCENTED, WORD_CLASSES
from pipeline.text import URL
from pipeline.texts import Places

# These are tried only where the signs of the characters allow for them (`count_matches`).
SPACING = re.compile(r"[,.'’](?:(?<=,)[^\s\d,\"»”]|(?<=\b[a-zA-Z][’']) \w|(?<= [,.])(?:\s|$)|(?<=[a-zà-ÿ]{2}\.)[A-ZÀ-Þ])")
REPEATED = re.compile(r"[!?.…](?:(?<=[!?])[!?]|(?<=…)|(?<=\.)\.(?:\.|\s|$))")
EMOJI = re.compile("[☀-➿\U0001f300-\U0001faff]")
SMILEY = re.compile(r"[:;<x](?:(?<=[:;])'?-?[)(DPp](?:\W|$)|(?<=\bx)[oO]x|(?<=<)3\b)")
_ADDRESS = re.compile(r"@[^\S\n]?\w|>{1,3} ?\w")
_LIST = re.compile(r"[-•*·–—] ?\w|\d{1,2} ?[).°/-] ?[^\d\n]")
_LIST_SIGNS = "-•*·–—"
NUMBER = re.compile(r"[0-9][\d., ]*[0-9]")
_LOUD = 4  # capitals of a word that is shouted
ACCENT_CHARS = 600  # of a line in which accents are counted

LINE_EVIDENCE = (
    *WORD_CLASSES,
    "capitals",
    "masked_word",
    "exclamation",
    "question",
    "repeated_punctuation",
    "emoji",
    "missing_space",
    "missing_accents",
    "few_accents",
    "lower_case_start",
    "no_final_punctuation",
    "address",
    "greeting",
    "quotation",
    "list_item",
    "url",
    "figures",
    "straight_quotes",
    "curly_quotes",
    "short_line",
    "middle_line",
    "long_line",
    "very_long_line",
    "name_line",
    "header_line",
    "interface_line",
    "section_line",
    "form_line",
    "furniture_line",
)
COLUMN = {name: index for index, name in enumerate(LINE_EVIDENCE)}
_KIND = {
    Kind.HEADER: "header_line",
    Kind.UI: "interface_line",
    Kind.SECTION: "section_line",
    Kind.FORM: "form_line",
    Kind.FURNITURE: "furniture_line",
}
Array = npt.NDArray[np.float64]
_BY_CLASS = np.arange(len(WORD_CLASSES), dtype=np.uint16)
_OF_CLASSES = (1 << len(WORD_CLASSES)) - 1


def describe(page: Page) -> Array:
    """For each line of a page, one number an item of LINE_EVIDENCE: how far the line bears that mark."""
    rows = np.zeros((len(page.lines), len(LINE_EVIDENCE)))
    _count_words(page, rows)
    _count_signs(page.sheet, rows)
    count_matches(page.sheet, rows)
    _measure(page.sheet, rows)
    for line, kind in enumerate(page.kinds):
        if kind is not Kind.TEXT:
            rows[line] = 0.0
            rows[line, COLUMN[_KIND[kind]]] = 1.0
    return rows


def _count_words(page: Page, rows: Array) -> None:
    """How many words of each class a line has, outside quotations; how many without their accents; a greeting that opens it."""
    sheet, texts, bits = page.sheet, page.sheet.texts, page.bits
    known = np.flatnonzero(bits & _OF_CLASSES)
    known = known[_unquoted(sheet, known)]
    ones = np.zeros((known.size + 1, len(WORD_CLASSES)))
    np.cumsum((bits[known, None] >> _BY_CLASS) & 1, axis=0, out=ones[1:])
    rows[:, : len(WORD_CLASSES)] = np.log1p(np.diff(ones[known.searchsorted(texts.firsts)], axis=0))
    plain = np.flatnonzero(bits & UNACCENTED)
    spans = zip((texts.starts[plain] + 1).tolist(), (texts.ends[plain] + 1).tolist(), strict=True)
    bare = [start for start, end in spans if sheet.text[start:end].isascii()]
    rows[:, COLUMN["missing_accents"]] = np.log1p(sheet.counted(np.array(bare, dtype=np.intp)))
    filled = np.flatnonzero(texts.firsts[1:] > texts.firsts[:-1])
    rows[filled, COLUMN["greeting"]] = (bits[texts.firsts[filled]] & GREETING) != 0


def _unquoted(sheet: Sheet, words: Places) -> npt.NDArray[np.bool_]:
    """Which of these words stand outside quotation marks: the first mark of a line opens, the next closes."""
    marks, texts = sheet.places(Sign.QUOTE) - 1, sheet.texts
    before = marks.searchsorted(texts.starts[words]) - marks.searchsorted(texts.bounds)[texts.number(words)]
    return np.asarray(before % 2 == 0)


def _count_signs(sheet: Sheet, rows: Array) -> None:
    """Signs that a line has anywhere, begins with or ends with."""
    rows[:, COLUMN["exclamation"]] = np.minimum(sheet.count(Sign.EXCLAMATION), 3) / 2
    rows[:, COLUMN["question"]] = np.minimum(sheet.count(Sign.QUESTION), 2) / 2
    rows[:, COLUMN["straight_quotes"]] = sheet.count(Sign.STRAIGHT) > 0
    rows[:, COLUMN["curly_quotes"]] = sheet.count(Sign.CURLY) > 0
    rows[:, COLUMN["lower_case_start"]] = [sign.islower() for sign in sheet.first]
    rows[:, COLUMN["quotation"]] = [sign in "«“\"„‘'" for sign in sheet.first]
    for line, (sign, text, folded) in enumerate(zip(sheet.first, sheet.texts.texts, sheet.texts.folded, strict=True)):
        if "***" in text:
            rows[line, COLUMN["masked_word"]] = 1.0
        if ("http" in folded or "www." in folded) and URL.search(text):
            rows[line, COLUMN["url"]] = 1.0
        if sign in "@>" and _ADDRESS.match(text):
            rows[line, COLUMN["address"]] = 1.0
        if (sign in _LIST_SIGNS or sign.isdecimal()) and _LIST.match(text):
            rows[line, COLUMN["list_item"]] = 1.0


def count_matches(sheet: Sheet, rows: Array) -> None:
    """What patterns find on the lines."""
    signs, stops, pauses = sheet.signs, sheet.places(Sign.STOP), sheet.places(Sign.PAUSE)
    stops = stops[((signs[stops + 1] & Sign.STOP) | (signs[stops] & Sign.ELLIPSIS)) != 0]
    after, before = (signs[pauses + step] & Sign.BLANK != 0 for step in (1, -1))
    pauses = pauses[before | (after == (signs[pauses] & Sign.APOSTROPHE != 0))]
    found: tuple[tuple[str, Places, re.Pattern[str]], ...] = (
        ("repeated_punctuation", stops, REPEATED),
        ("missing_space", pauses, SPACING),
        ("emoji", sheet.places(Sign.FACE), SMILEY),
        ("emoji", sheet.rare, EMOJI),
    )
    for name, places, pattern in found:
        rows[sheet.matched(places, pattern), COLUMN[name]] = 1.0
    figured = np.flatnonzero(sheet.count(Sign.FIGURE) > 1)
    rows[figured, COLUMN["figures"]] = np.log1p([len(NUMBER.findall(sheet.texts.texts[line])) for line in figured.tolist()])
    rows[:, COLUMN["capitals"]] = sheet.counted(_shouted(sheet))
    accents = sheet.places(Sign.ACCENT)
    rows[:, COLUMN["few_accents"]] = sheet.counted(accents[accents - sheet.texts.bounds[sheet.on(accents)] <= ACCENT_CHARS])


def _shouted(sheet: Sheet) -> Places:
    """Where the words of capitals alone begin, but for short ones."""
    capital = (sheet.signs & Sign.CAPITAL) != 0
    edges = np.flatnonzero(capital[1:] != capital[:-1]) + 1
    starts, ends = edges[::2], edges[1::2]
    whole = ((sheet.signs[starts - 1] | sheet.signs[ends]) & Sign.WORD) == 0
    return np.asarray(starts[whole & (ends - starts >= _LOUD)])


def _measure(sheet: Sheet, rows: Array) -> None:
    """What goes by the number of words on a line."""
    texts, size = sheet.texts.texts, np.diff(sheet.texts.firsts)
    shouted = np.array([text.isupper() for text in texts]) & (size >= 3)
    capitals = rows[:, COLUMN["capitals"]]
    rows[:, COLUMN["capitals"]] = np.where(shouted, 1.0, 0.5 * ((capitals * 4 > size) & (size >= 3)))
    rows[:, COLUMN["no_final_punctuation"]] = np.array([text[-1].isalnum() for text in texts]) & (size > 4)
    rows[:, COLUMN["short_line"]] = size <= 6
    rows[:, COLUMN["middle_line"]] = (size > 6) & (size <= 20)
    rows[:, COLUMN["long_line"]] = (size > 45) & (size <= 90)
    rows[:, COLUMN["very_long_line"]] = size > 90
