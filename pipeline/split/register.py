"""How a line is written: what tells a reader's hand from a newsroom's, as numbers."""

import re
from math import log1p

from pipeline.split.headers import CLIP, Kind
from pipeline.split.lines import Line
from pipeline.split.patterns import WORD_CLASSES, Patterns
from pipeline.text import MASKED, URL
from pipeline.text import words as words_of

# These begin with one of a few characters, which a search skips to; what else must stand before those is looked back at.
_QUOTED = re.compile(r'"[^"]*"?')
_CAPITALS = re.compile(r"[A-ZÀ-ÖØ-Þ](?<!\w.)[A-ZÀ-ÖØ-Þ]{3,}\b")
_SPACING = re.compile(r"[,.'’](?:(?<=,)[^\s\d,\"»”]|(?<=\b[a-zA-Z][’']) \w|(?<= [,.])(?:\s|$)|(?<=[a-zà-ÿ]{2}\.)[A-ZÀ-Þ])")
_REPEATED = re.compile(r"[!?.…](?:(?<=[!?])[!?]|(?<=…)|(?<=\.)\.(?:\.|\s|$))")
_EMOJI = re.compile("[\U0001f300-\U0001faff☀-➿❤:;<x](?:(?<=[^:;<x])|(?<=[:;])'?-?[)(DPp](?:\\W|$)|(?<=\\bx)[oO]x|(?<=<)3\\b)")
_ADDRESS = re.compile(r"@\s?\w|>{1,3} ?\w")
_LIST = re.compile(r"[-•*·–—] ?\w|\d{1,2} ?[).°/-] ?\D")
_NUMBER = re.compile(r"\d[\d.,  ]*\d")

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
_INDEX = {name: index for index, name in enumerate(LINE_EVIDENCE)}
MARKS = slice(_INDEX["capitals"], _INDEX["very_long_line"] + 1)
_KIND = {
    Kind.HEADER: "header_line",
    Kind.UI: "interface_line",
    Kind.SECTION: "section_line",
    Kind.FORM: "form_line",
    Kind.FURNITURE: "furniture_line",
}


def describe(line: Line, words: list[str], kind: Kind, known: Patterns) -> list[float]:
    """One number an item of LINE_EVIDENCE: how far a line, of these (folded) words, bears that mark."""
    values = [0.0] * len(LINE_EVIDENCE)
    if kind is not Kind.TEXT:
        values[_INDEX[_KIND[kind]]] = 1.0
        return values
    text, folded = line.text[:CLIP], line.folded[:CLIP]
    counted = words if '"' not in folded else words_of(_QUOTED.sub(" ", folded))
    for classes in filter(None, map(known.classes.get, counted)):
        for index in classes:
            values[index] += 1.0
    values[: len(WORD_CLASSES)] = map(log1p, values[: len(WORD_CLASSES)])
    values[MARKS] = marks(text, folded, words, known).values()
    return values


def marks(text: str, folded: str, words: list[str], known: Patterns) -> dict[str, float]:
    """The items of LINE_EVIDENCE between the classes of words and the kinds of lines, in its order."""
    size = len(words)
    capitals = len(_CAPITALS.findall(text))
    shouted = text.isupper() and size >= 3
    return {
        "capitals": 1.0 if shouted else 0.5 * (capitals * 4 > size >= 3),
        "masked_word": "***" in text and MASKED.search(text) is not None,
        "exclamation": min(text.count("!"), 3) / 2,
        "question": min(text.count("?"), 2) / 2,
        "repeated_punctuation": _REPEATED.search(text) is not None,
        "emoji": _EMOJI.search(text) is not None,
        "missing_space": _SPACING.search(text) is not None,
        "missing_accents": _unaccented(text, folded, words, known),
        "few_accents": 0.0,  # against the rest of the page: evidence.py
        "lower_case_start": text[0].islower(),
        "no_final_punctuation": text[-1].isalnum() and size > 4,
        "address": _ADDRESS.match(text) is not None,
        "greeting": bool(words) and words[0] in known.greeting,
        "quotation": text[0] in "«“\"„‘'",
        "list_item": _LIST.match(text) is not None,
        "url": ("http" in folded or "www." in folded) and URL.search(text) is not None,
        "figures": log1p(len(_NUMBER.findall(text))),
        "straight_quotes": "'" in text or '"' in text,
        "curly_quotes": "’" in text or "“" in text or "«" in text,
        "short_line": size <= 6,
        "middle_line": 6 < size <= 20,
        "long_line": 45 < size <= 90,
        "very_long_line": size > 90,
    }


def _unaccented(text: str, folded: str, words: list[str], known: Patterns) -> float:
    """How many words stand without the accents that they are spelled with."""
    if "İ" in text:  # two code points in lower case, the second no letter: it ends a word
        return log1p(sum(word in known.unaccented for word in words_of(text.lower())))
    count = 0
    for word in known.unaccented.intersection(words):
        at = folded.find(word)
        while at >= 0:
            end = at + len(word)
            count += text[at:end].lower() == word and not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum())
            at = folded.find(word, end)
    return log1p(count)
