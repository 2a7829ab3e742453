"""A text as the words that say what language it is in: no addresses, handles, masks, numbers, pictures."""

import re
import unicodedata

# Enough of a text to tell its language for sure; the rest of a long one costs nothing.
HEAD = 20_000
# A word is judged by its beginning; nothing in a living language is longer.
LONGEST = 40

# Addresses, host names, mail addresses, handles, character references, masked words: what carries no language.
# Every alternative starts at a character that cannot follow itself in the middle of a match, so the scan is linear.
_NOISE = re.compile(
    r"(?:https?://|www\.)\S+"
    r"|(?<![\w.-])[\w.-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,4}"
    r"|(?<![\w.-])[\w-]{1,64}(?:\.[\w-]{1,64}){0,3}\.(?:com|org|net|info|fr|ml|sn|ci|ng|gh|uk|bf|ne|tg|bj|cm|html?|php)\b(?:/\S*)?"
    r"|@\w+"
    r"|&#?\w{1,8};"
    r"|(?<![^\W_])[^\W_]*\*{2,}(?:[^\W_]|\*)*",
    re.IGNORECASE,
)
_NOISE_MARKS = re.compile(r"://|www\.|@|\*\*|&|\.\w", re.IGNORECASE)
# A word keeps the apostrophe that ends it ("l'", "don'"): it says more than the letters before it.
_WORD = re.compile(r"[0-9]{0,8}[^\W\d_][^\W_]*'?")
_QUOTES = str.maketrans("’‘ʼ`´", "'''''")
_REPEATS = re.compile(r"(\w)\1{2,}")
_LOOK_ALIKES = str.maketrans("асеорхуіјѕԁһӏκοαν", "aceopxyijsdhlkoav")
_NOT_LATIN = re.compile(r"[\u0370-\u1dff\u2c00-\ua71f\ua800-\U0010ffff]")
_LATIN = re.compile(r"[a-z\u00df-\u024f]")


def is_latin(word: str) -> bool:
    """Whether every letter of a lower-case word is Latin (IPA letters such as ɔ and ɛ included)."""
    return word.isascii() or _NOT_LATIN.search(word) is None


def _mend(word: str) -> str:
    """A word of Latin letters in which a copy guard put Cyrillic or Greek ones, as it reads."""
    return word.translate(_LOOK_ALIKES) if _LATIN.search(word) and not is_latin(word) else word


def words(text: str) -> list[str]:
    """The words of the head of `text`, in lower case, each at most LONGEST characters; repeats of a letter are cut to two."""
    head = text[:HEAD]
    ascii_only = head.isascii()
    if not ascii_only:
        head = unicodedata.normalize("NFKC", head[:HEAD].translate(_QUOTES))
    if _NOISE_MARKS.search(head):
        head = _NOISE.sub(" ", head)
    head = _REPEATS.sub(r"\1\1", head.lower())
    found = _WORD.findall(head)
    if not ascii_only:
        found = [_mend(word) for word in found]
    return found if len(head) <= LONGEST else [word[:LONGEST] for word in found]
