"""A text as the words that say what language it is in: no addresses, handles, masks, numbers, pictures."""

import re
import unicodedata

# Enough of a text to tell its language for sure; the rest of a long one costs nothing.
HEAD = 20_000

# Addresses, host names, mail addresses, handles, character references, masked words: what carries no language.
# No alternative can start in the middle of its own match or runs past a bound, so the scan is linear.
_NOISE = re.compile(
    r"(?:https?://|www\.)\S+"
    r"|(?<![\w.-])[\w.-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,4}"
    r"|(?<![\w.-])[\w-]{1,64}(?:\.[\w-]{1,64}){0,3}\.(?:com|org|net|info|fr|ml|sn|ci|ng|gh|uk|bf|ne|tg|bj|cm|html?|php)\b(?:/\S*)?"
    r"|@\w+"
    r"|&#?\w{1,8};"
    r"|(?<![^\W_])[^\W_]*\*{2,}(?:[^\W_]|\*)*",
    re.IGNORECASE,
)
_DOT_INSIDE = re.compile(r"\.\w")
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
    if "@" in head or "**" in head or "&" in head or "://" in head or _DOT_INSIDE.search(head):
        head = _NOISE.sub(" ", head)
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
