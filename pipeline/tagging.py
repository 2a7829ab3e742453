"""Names in a text that may be one sentence or a whole page: a page is cut first, as `process` cuts it."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from pipeline.entities import Tagger
from pipeline.entities.tagger import Fields
from pipeline.events import Entity
from pipeline.split.plain import split_text


class Asked(NamedTuple):
    """A text, the country of its publisher (ISO 3166-1 alpha-2) and its language, where they are known."""

    text: str
    country: str | None = None
    language: str | None = None


def tag_text(tagger: Tagger, text: str, *, country: str | None = None, language: str | None = None) -> list[Entity]:
    """The entities of a text, their offsets into it.

    In a text of several lines, those of author and date, "Reply" and lists of links are left out: who is named there has written
    something, and is not written about. Each comment is read as one, with what the article teaches.
    """
    return tag_texts(tagger, [Asked(text, country, language)])[0]


def tag_texts(tagger: Tagger, asked: Sequence[Asked]) -> list[list[Entity]]:
    """The entities of several texts, each as `tag_text` finds them; of sentences ten times as many a second as one by one."""
    parts = [_parts(text) for text, _, _ in asked]
    pages = [
        Fields(["", *(text[start:end] for start, end in some)], country, (language,) if language else ())
        for (text, country, language), some in zip(asked, parts, strict=True)
    ]
    return [_placed(some, found[1:]) for some, found in zip(parts, tagger.tag_pages(pages), strict=True)]


def _parts(text: str) -> list[tuple[int, int]]:
    """Where article and comments stand in a text."""
    whole = [(0, len(text))]
    if "\n" not in text.strip():
        return whole
    return [(each.start, each.end) for each in split_text(text).segments if each.kind != "chrome"] or whole


def _placed(parts: Sequence[tuple[int, int]], found: Sequence[Sequence[Entity]]) -> list[Entity]:
    """Entities of parts of a text with offsets into the text."""
    return [
        msgspec.structs.replace(each, start=start + each.start, end=start + each.end)
        for (start, _), entities in zip(parts, found, strict=True)
        for each in entities
    ]
