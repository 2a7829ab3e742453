"""Names in a text that may be one sentence or a whole page: a page is cut first, as `process` cuts it."""

import msgspec

from pipeline.entities import Tagger
from pipeline.events import Entity
from pipeline.split.plain import split_text


def tag_text(tagger: Tagger, text: str, *, country: str | None = None, language: str | None = None) -> list[Entity]:
    """The entities of a text, their offsets into it.

    In a text of several lines, those of author and date, "Reply" and lists of links are left out: who is named there has written
    something, and is not written about. Each comment is read as one, with what the article teaches.
    """
    parts = [(0, len(text))]
    if "\n" in text.strip():
        segments = split_text(text).segments
        parts = [(each.start, each.end) for each in segments if each.kind != "chrome"] or parts
    fields = [text[start:end] for start, end in parts]
    found = tagger.tag(["", *fields], country=country, languages=(language,) if language else ())
    return [
        msgspec.structs.replace(each, start=start + each.start, end=start + each.end)
        for (start, _), entities in zip(parts, found[1:], strict=True)
        for each in entities
    ]
