"""A text without what carries no language: addresses, handles, masked words. Nothing changes its place."""

import re
import unicodedata
from collections.abc import Sequence

# Of a longer text four stretches are read, spread over it: enough to tell its language, at a cost that is bounded.
LONG = 2_048
_STRETCHES = 4

# Addresses, mail addresses, host names, handles, character references, masked words: each by what it must hold and all that
# follows (patterns that begin with a plain character are found fast), and the characters, beside letters and figures, that go back
# from there to where it starts (None: it starts there).
_NOISE = (
    (re.compile(r"://\S+"), ""),
    (re.compile(r"www\.\S+"), ""),
    (re.compile(r"@[\w-]{1,64}(?:\.[\w-]{1,64}){1,4}"), ".-_"),
    (re.compile(r"\.(?i:com|org|net|info|fr|ml|sn|ci|ng|gh|uk|bf|ne|tg|bj|cm|html?|php)\b(?:/\S*)?"), ".-_"),
    (re.compile(r"@\w+"), None),
    (re.compile(r"&#?\w{1,8};"), None),
    (re.compile(r"\*\*+(?:[^\W_]|\*)*"), ""),
)
_WORD = re.compile("[\\w\u0300-\u036f]+")
_MARK = re.compile("[\u0300-\u036f]")


def _composed(match: re.Match[str]) -> str:
    """A word with its letters and accents in one, and spaces behind for what that saves."""
    return _MARK.sub("", unicodedata.normalize("NFC", match[0])).ljust(len(match[0]))


def shortened(text: str, size: int) -> str:
    """About `size` characters of a longer text: four stretches, spread over it."""
    if len(text) <= size:
        return text
    stretch = size // _STRETCHES
    step = (len(text) - stretch) // (_STRETCHES - 1)
    return "\n".join(text[start : start + stretch] for start in range(0, _STRETCHES * step, step))


def _without(text: str, noise: re.Pattern[str], joints: str | None) -> str:
    """`text` with spaces for what `noise` finds and, where there are `joints`, for what leads to it."""
    parts: list[str] = []
    done = 0
    for match in noise.finditer(text):
        start = match.start()
        while joints is not None and start > done and (text[start - 1].isalnum() or text[start - 1] in joints):
            start -= 1
        parts += (text[done:start], " " * (match.end() - start))
        done = match.end()
    return "".join((*parts, text[done:]))


def cleaned(texts: Sequence[str]) -> list[str]:
    """Texts (of those longer than LONG, stretches) with spaces for what carries no language, each as long as before."""
    ready = [text if len(text) <= LONG else shortened(text, LONG) for text in texts]
    joined = "\n".join(ready)
    if not unicodedata.is_normalized("NFC", joined):
        ready = [text if unicodedata.is_normalized("NFC", text) else _WORD.sub(_composed, text) for text in ready]
    for noise, joints in _NOISE:
        if noise.search(joined):
            ready = [_without(text, noise, joints) if noise.search(text) else text for text in ready]
    return ready
