"""How a line is written: what tells a reader's hand from a newsroom's, as numbers."""

import re
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt

from pipeline.split.headers import CLIP, Distinct, Kind
from pipeline.split.lines import Sheet
from pipeline.split.patterns import WORD_CLASSES, Patterns
from pipeline.text import URL
from pipeline.text import words as words_of

# These begin with one of a few characters, which a search skips to; what else must stand before those is looked back at.
_QUOTED = re.compile(r'"[^"]*"?')
_CAPITALS = re.compile(r"[A-ZÀ-ÖØ-Þ](?<!\w.)[A-ZÀ-ÖØ-Þ]{3,}\b")
_SPACING = re.compile(r"[,.'’](?:(?<=,)[^\s\d,\"»”]|(?<=\b[a-zA-Z][’']) \w|(?<= [,.])(?:\s|$)|(?<=[a-zà-ÿ]{2}\.)[A-ZÀ-Þ])")
_REPEATED = re.compile(r"[!?.…](?:(?<=[!?])[!?]|(?<=…)|(?<=\.)\.(?:\.|\s|$))")
_EMOJI = re.compile("[☀-➿\U0001f300-\U0001faff]")
_SYMBOLS = 0x2600  # the first of them
_SMILEY = re.compile(r"[:;<x](?:(?<=[:;])'?-?[)(DPp](?:\W|$)|(?<=\bx)[oO]x|(?<=<)3\b)")
_ADDRESS = re.compile(r"\n(?:@[^\S\n]?\w|>{1,3} ?\w)")
_LIST = re.compile(r"\n(?:[-•*·–—] ?\w|\d{1,2} ?[).°/-] ?[^\d\n])")
_NUMBER = re.compile(r"[0-9][\d.,  ]*[0-9]")

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


def describe(page: Distinct, known: Patterns) -> Array:
    """For each different line of a page, one number an item of LINE_EVIDENCE: how far the line bears that mark."""
    rows = np.zeros((len(page.texts), len(LINE_EVIDENCE)))
    texts = [text[:CLIP] for text in page.texts]
    folded = [text[:CLIP] for text in page.folded]
    _count_classes(page, folded, known, rows)
    _count_signs(texts, rows)
    _count_matches(texts, folded, rows)
    rows[:, COLUMN["missing_accents"]] = np.log1p(
        [_unaccented(*line, known) for line in zip(texts, folded, page.words, strict=True)]
    )
    for line, found in enumerate(page.words):
        if found and found[0] in known.greeting:
            rows[line, COLUMN["greeting"]] = 1.0
    _measure(texts, page.words, rows)
    for line, kind in enumerate(page.kinds):
        if kind is not Kind.TEXT:
            rows[line] = 0.0
            rows[line, COLUMN[_KIND[kind]]] = 1.0
    return rows


def _count_classes(page: Distinct, folded: Sequence[str], known: Patterns, rows: Array) -> None:
    """How many words of each class a line has, outside quotations."""
    classes = known.classes
    places: list[int] = []
    width = rows.shape[1]
    for line, (text, found) in enumerate(zip(folded, page.words, strict=True)):
        own = found if '"' not in text else words_of(_QUOTED.sub(" ", text))
        places += [line * width + index for word in own if word in classes for index in classes[word]]
    counts = np.bincount(np.array(places, dtype=np.intp), minlength=rows.size).reshape(rows.shape)
    of_words = slice(0, len(WORD_CLASSES))
    rows[:, of_words] = np.log1p(counts[:, of_words])


def _count_signs(texts: Sequence[str], rows: Array) -> None:
    """Signs that a line has anywhere, begins with or ends with."""
    rows[:, COLUMN["exclamation"]] = np.minimum([text.count("!") for text in texts], 3) / 2
    rows[:, COLUMN["question"]] = np.minimum([text.count("?") for text in texts], 2) / 2
    tests: tuple[tuple[str, Callable[[str], bool]], ...] = (
        ("lower_case_start", lambda text: text[0].islower()),
        ("quotation", lambda text: text[0] in "«“\"„‘'"),
        ("straight_quotes", lambda text: "'" in text or '"' in text),
        ("curly_quotes", lambda text: "’" in text or "“" in text or "«" in text),
    )
    for name, test in tests:
        rows[:, COLUMN[name]] = [test(text) for text in texts]


def _count_matches(texts: Sequence[str], folded: Sequence[str], rows: Array) -> None:
    """What patterns find on the lines."""
    sheet = Sheet(texts)
    found: tuple[tuple[str, Iterable[int]], ...] = (
        ("repeated_punctuation", sheet.having(_REPEATED)),
        ("emoji", sheet.having(_SMILEY)),
        ("emoji", sheet.beyond(_SYMBOLS, _EMOJI)),
        ("missing_space", sheet.having(_SPACING)),
        ("address", sheet.having(_ADDRESS)),
        ("list_item", sheet.having(_LIST)),
        ("masked_word", (line for line, text in enumerate(texts) if "***" in text)),
        ("url", (line for line, text in enumerate(folded) if ("http" in text or "www." in text) and URL.search(texts[line]))),
    )
    for name, lines in found:
        for line in lines:
            rows[line, COLUMN[name]] = 1.0
    rows[:, COLUMN["figures"]] = np.log1p(np.bincount(sheet.having(_NUMBER), minlength=len(texts)))
    rows[:, COLUMN["capitals"]] = np.bincount(sheet.having(_CAPITALS), minlength=len(texts))


def _measure(texts: Sequence[str], words: Sequence[list[str]], rows: Array) -> None:
    """What goes by the number of words on a line."""
    size = np.array([len(found) for found in words])
    shouted = np.array([text.isupper() for text in texts]) & (size >= 3)
    capitals = rows[:, COLUMN["capitals"]]
    rows[:, COLUMN["capitals"]] = np.where(shouted, 1.0, 0.5 * ((capitals * 4 > size) & (size >= 3)))
    rows[:, COLUMN["no_final_punctuation"]] = np.array([text[-1].isalnum() for text in texts]) & (size > 4)
    rows[:, COLUMN["short_line"]] = size <= 6
    rows[:, COLUMN["middle_line"]] = (size > 6) & (size <= 20)
    rows[:, COLUMN["long_line"]] = (size > 45) & (size <= 90)
    rows[:, COLUMN["very_long_line"]] = size > 90


def _unaccented(text: str, folded: str, words: list[str], known: Patterns) -> int:
    """How many words stand without the accents that they are spelled with."""
    if "İ" in text:  # two code points in lower case, the second no letter: it ends a word
        return sum(word in known.unaccented for word in words_of(text.lower()))
    count = 0
    for word in known.unaccented.intersection(words):
        at = folded.find(word)
        while at >= 0:
            end = at + len(word)
            count += text[at:end].lower() == word and not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum())
            at = folded.find(word, end)
    return count
