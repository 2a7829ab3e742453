"""Pseudonyms for the authors of comments: a keyed hash in place of each name, the same for one name under one key.

BLAKE2b in its keyed mode (RFC 7693, 2.9), 128 bits in hex. Without the key a name can neither be read nor tried out; whoever has
the key can try names, so it belongs with the other secrets.
"""

import re
from collections.abc import Sequence
from hashlib import blake2b

import msgspec

from pipeline.events import Author
from pipeline.text import fold

_BYTES = 16
_KEY_BYTES = 64  # what BLAKE2b takes; a longer key is hashed first
_BLOCK = "█"
_CALL = re.compile(r"@[^\s@]+(?:[^\S\n]+[^\s@]+){0,5}")  # a name of six words at most
_CALLED_WORD = re.compile(r"\S+")
_ENDS = ".,;:!?)]}»\"'…"


def pseudonym(name: str, key: str) -> str:
    """Return the name that stands for a name: case, accents and spaces aside, one name has one pseudonym under a key."""
    secret = key.encode()
    if len(secret) > _KEY_BYTES:
        secret = blake2b(secret).digest()
    return blake2b(" ".join(fold(name).split()).encode(), key=secret, digest_size=_BYTES).hexdigest()


def conceal(texts: Sequence[str], authors: Sequence[Author | None], key: str) -> tuple[list[str], list[Author | None]]:
    """Replace the authors of a page's comments by pseudonyms, and blacken their names in the texts; no offset moves.

    In the texts: the last line where it is the signature, and the names after "@" that are an author's on this page. A name
    that a reader mentions in passing stays.
    """
    names = {" ".join(fold(author.name).split()) for author in authors if author}
    hidden: list[str] = []
    for text, author in zip(texts, authors, strict=True):
        shown = _without_calls(text, names) if "@" in text else text
        hidden.append(_without_signature(shown, author) if author and author.source == "sign_off" else shown)
    return hidden, [msgspec.structs.replace(each, name=pseudonym(each.name, key)) if each else None for each in authors]


def _without_signature(text: str, author: Author) -> str:
    last = text.rfind("\n") + 1
    start = text.find(author.name, last)
    return text if start < 0 else _blackened(text, start, start + len(author.name))


def _without_calls(text: str, names: set[str]) -> str:
    """Blacken the longest author's name after each "@"."""

    def hidden(call: "re.Match[str]") -> str:
        words = list(_CALLED_WORD.finditer(call[0], 1))
        for last in reversed(words):
            end = last.start() + len(last[0].rstrip(_ENDS))
            if " ".join(fold(call[0][1:end]).split()) in names:
                return _blackened(call[0], 1, end)
        return call[0]

    return _CALL.sub(hidden, text)


def _blackened(text: str, start: int, end: int) -> str:
    return text[:start] + "".join(char if char.isspace() else _BLOCK for char in text[start:end]) + text[end:]
