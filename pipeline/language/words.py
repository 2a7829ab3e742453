"""A text as the words that say what language it is in: no addresses, handles, masks, numbers, pictures."""

import re
import unicodedata

# Enough of a text to tell its language for sure; the rest of a long one costs nothing.
HEAD = 20_000

# Addresses, mail addresses, host names, handles, character references, masked words: what carries no language. Each stands behind
# what a text must hold to have one, since most have none. No pattern can start in the middle of its own match or runs past a
# bound, so the scans are linear.
_NOISE = (
    (re.compile("://|www\\.", re.IGNORECASE), re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)),
    (re.compile("@"), re.compile(r"(?<![\w.-])[\w.-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,4}")),
    (
        re.compile(r"\.[bcfghimnopstu]\w", re.IGNORECASE),
        re.compile(
            r"(?<![\w.-])[\w-]{1,64}(?:\.[\w-]{1,64}){0,3}"
            r"\.(?:com|org|net|info|fr|ml|sn|ci|ng|gh|uk|bf|ne|tg|bj|cm|html?|php)\b(?:/\S*)?",
            re.IGNORECASE,
        ),
    ),
    (re.compile("@"), re.compile(r"@\w+")),
    (re.compile("&"), re.compile(r"&#?\w{1,8};")),
    (re.compile(r"\*\*"), re.compile(r"(?<![^\W_])[^\W_]*\*{2,}(?:[^\W_]|\*)*")),
)
# A word keeps the apostrophe that ends it ("l'", "don'"): it says more than the letters before it.
_WORD = re.compile(r"[0-9]{0,8}[^\W\d_][^\W_]*'?")
_LOOK_ALIKES = str.maketrans("асеорхуіјѕԁһӏκοαν", "aceopxyijsdhlkoav")
_NOT_LATIN = re.compile(r"[\u0370-\u1dff\u2c00-\ua71f\ua800-\U0010ffff]")
_LATIN = re.compile(r"[a-z\u00df-\u024f]")


def words(text: str) -> list[str]:
    """The words of the head of `text`, in lower case, with Latin letters where a copy guard put Cyrillic or Greek ones."""
    head = text[:HEAD]
    ascii_only = head.isascii()
    if not ascii_only:
        head = head.replace("’", "'").replace("‘", "'").replace("ʼ", "'").replace("´", "'")
        if not unicodedata.is_normalized("NFKC", head):
            head = unicodedata.normalize("NFKC", head)[:HEAD]
    for hint, noise in _NOISE:
        if hint.search(head):
            head = noise.sub(" ", head)
    head = head.lower()
    found = _WORD.findall(head.replace("`", "'"))
    if ascii_only or not _NOT_LATIN.search(head):
        return found
    return [word.translate(_LOOK_ALIKES) if _LATIN.search(word) else word for word in found]


def latin(found: list[str]) -> list[str]:
    """Those of some lower-case words whose every letter is Latin (IPA letters such as ɔ and ɛ included)."""
    if _NOT_LATIN.search("".join(found)):
        return [word for word in found if not _NOT_LATIN.search(word)]
    return found
