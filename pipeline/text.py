"""Text as every stage sees it: folded one code point to one, cut into words, with masks and URLs marked."""

import re
import unicodedata
from functools import cache

import numpy as np
import numpy.typing as npt

_BMP = 0x10000
_SHORT = 300  # code points below which str.translate is faster than numpy
_QUOTES = dict.fromkeys("’‘ʼ‛′`´", "'") | dict.fromkeys("“”„‟«»″", '"') | dict.fromkeys("‐‑‒–—―−", "-")
# Letters that Unicode does not decompose to a base letter, and Cyrillic and Greek look-alikes (copy protection).
_LETTERS = dict(zip("øđłŧħıŀасеорхуіјѕԁһӏο", "odlthilaceopxyijsdhlo", strict=True))


CodePoints = npt.NDArray[np.uint32]


def code_points(text: str) -> CodePoints:
    """The code points of any string, lone surrogates too, as numbers."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def from_code_points(codes: CodePoints) -> str:
    """The string that has these code points."""
    return codes.tobytes().decode("utf-32-le", "surrogatepass")


def _fold_char(char: str) -> str:
    """One code point, folded: lower case, no accent, plain quotes and hyphens, white space as a space."""
    if char.isspace():
        return char if char == "\n" else " "
    char = _QUOTES.get(char, char)
    lowered = char.lower()
    char = lowered if len(lowered) == 1 else lowered[0]
    char = unicodedata.normalize("NFD", char)[0]
    return _LETTERS.get(char, char)


@cache
def _fold_string() -> str:
    """Folded characters of the Basic Multilingual Plane, by code point; made at first use (about 60 ms)."""
    return "".join(chr(code) if 0xD800 <= code < 0xE000 else _fold_char(chr(code)) for code in range(_BMP))


@cache
def _fold_table() -> CodePoints:
    """The same as numbers, for long texts."""
    return code_points(_fold_string())


def fold(text: str) -> str:
    """Fold case, accents, quotes, hyphens and look-alike letters; `len(fold(text)) == len(text)`, so offsets still hold.

    Line feeds are kept, other white space becomes a space; code points beyond the Basic Multilingual Plane are left alone.
    """
    return text.translate(_fold_string()) if len(text) < _SHORT else from_code_points(fold_codes(code_points(text)))


def fold_codes(codes: CodePoints) -> CodePoints:
    """`fold` of a text given as code points."""
    folded = _fold_table().take(codes, mode="clip")
    if codes.size and codes.max() >= _BMP:
        beyond = codes >= _BMP
        folded[beyond] = codes[beyond]
    return folded


# A word: letters and digits, with marks that combine; an elision ("l'", "qu'") and a hyphen end it.
WORD = re.compile(r"[^\W_]+")


@cache
def _spaced() -> bytes:
    """ASCII characters by code, with a space for each that is no part of a word."""
    return bytes(code if chr(code).isalnum() else 0x20 for code in range(128)) + bytes(128)


def words(text: str) -> list[str]:
    """The words of `text`: what WORD finds, faster where all is ASCII, as most of folded French and English is."""
    return text.encode().translate(_spaced()).decode().split() if text.isascii() else WORD.findall(text)


@cache
def alphanumeric() -> npt.NDArray[np.bool_]:
    """Which code points of the Basic Multilingual Plane are letters or figures, and a last one for those beyond; about 5 ms."""
    return np.array([*(chr(code).isalnum() for code in range(_BMP)), False])


def word_bounds_of(codes: CodePoints) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Where the words of a text, given as code points, start and end: the spans of what WORD finds."""
    inside = np.zeros(codes.size + 2, dtype=bool)
    inside[1:-1] = alphanumeric().take(codes, mode="clip")
    if codes.size and codes.max() >= _BMP:
        beyond = np.flatnonzero(codes >= _BMP)
        inside[beyond + 1] = [chr(code).isalnum() for code in codes[beyond].tolist()]
    changes = np.flatnonzero(inside[1:] != inside[:-1])
    return changes[::2].copy(), changes[1::2].copy()  # in one piece: what follows reads them often


# A word that a moderator masked: "******", "u*****", "q******", "*****les". A lone pair of stars is emphasis, not a mask.
_MASK = re.compile(r"\*{3,}[^\W_*]*(?:\*+[^\W_*]*)*")  # from the first star on
URL = re.compile(r"(?:https?://|www\.)[^\s<>\"«»“”]+", re.IGNORECASE)
_URL_TAIL = ".,;:!?)]}'’…"  # a closing apostrophe belongs to the text, not to the address


def urls(text: str) -> list[tuple[int, int]]:
    """Where addresses stand in `text`, without the punctuation that follows them."""
    if not ("://" in text or "w." in text or "W." in text):
        return []
    return [(match.start(), match.start() + len(match.group().rstrip(_URL_TAIL))) for match in URL.finditer(text)]


def masked(text: str) -> list[tuple[int, int]]:
    """Where masked words stand in `text`: letters and figures around three stars or more, looked for by the stars."""
    found: list[tuple[int, int]] = []
    done = 0
    for match in _MASK.finditer(text) if "***" in text else ():
        start = match.start()
        while start > done and text[start - 1].isalnum():
            start -= 1
        done = match.end()
        found.append((start, done))
    return found
