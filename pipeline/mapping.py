"""Raw articles in other JSON than ours: which of their fields is which of ours, written as `url=link, content=body+comments.text`.

Rules have commas between. Left of `=` stands one of our fields (`publisher.name` and the like for parts); right of it where
its value is found: names with dots between; through a list, from each of its members; `a+b`, one after the other; `a|b`, the
first that is there; `"text"`, this text for every event. Several texts are joined by a line feed in `content`, elsewhere by a
comma. A time may be a number, seconds or milliseconds since 1970. A field without a rule, or whose rule finds nothing, stays as
it is; so an event in our own JSON goes through unchanged. `trafilatura` and `newspaper` stand for the JSON that these two write.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from pipeline.events import Crawler, Publisher, RawArticle

Document = Mapping[str, object]
_PARTS = {"publisher": Publisher, "crawler": Crawler}
_TIMES = {"published_at", "fetched_at"}
_FIELDS = frozenset(
    name
    for field in RawArticle.__struct_fields__
    for name in ([f"{field}.{part}" for part in _PARTS[field].__struct_fields__] if field in _PARTS else [field])
)
_RULE = re.compile(r'\s*([\w.]+)\s*=\s*("[^"]*"|[^",=]+?)\s*(?:,|$)')
_LATEST_SECONDS = 1e11  # the year 5138; a larger number counts milliseconds
PRESETS = {
    "trafilatura": "url=source|url, content=text+comments, headline=title, author=author, published_at=date, fetched_at=filedate, "
    "publisher.name=source-hostname|sitename, publisher.domain=hostname, language_hint=language",
    "newspaper": "url=url, content=text, headline=title, author=authors, published_at=publish_date, publisher.name=meta_site_name, "
    "language_hint=language|meta_lang",
}


@dataclass(frozen=True)
class FieldMapping:
    """A mapping that was read. `rules`: our field, and alternatives of what is joined, each a path or a constant."""

    rules: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a mapping, or the name of a preset; ValueError says what is wrong with it."""
        text = PRESETS.get(text.strip(), text)
        rules: list[tuple[str, tuple[tuple[str, ...], ...]]] = []
        at = 0
        while text[at:].strip():
            found = _RULE.match(text, at)
            if not found:
                raise ValueError(f"takes rules such as url=link, content=body+comments.text; number {len(rules) + 1} is none")
            if found[1] not in _FIELDS:
                raise ValueError(f"takes rules for {', '.join(sorted(_FIELDS))}; number {len(rules) + 1} is for none of them")
            rules.append((found[1], _alternatives(found[2])))
            at = found.end()
        return cls(tuple(rules))

    def __call__(self, document: Document) -> Document:
        """Give the event in our fields; the document itself where no rule finds anything."""
        found = {}
        for field, alternatives in self.rules:
            values = (_joined(document, paths, field) for paths in alternatives)
            value = next((value for value in values if value not in (None, "", [])), None)
            if value is not None:
                found[field] = value
        if not found:
            return document
        ours: dict[str, object] = {name: document[name] for name in RawArticle.__struct_fields__ if name in document}
        for field, value in found.items():
            whole, _, part = field.partition(".")
            before = ours.get(whole)
            ours[whole] = {**(before if isinstance(before, dict) else {}), part: value} if part else value
        return ours


OURS = FieldMapping()  # events in our own fields


def written_by(document: Document) -> str:
    """Name the preset whose tool wrote a document, by its fields; empty where none did, or where it is in our fields."""
    if "content" in document or not isinstance(document.get("text"), str):
        return ""
    if {"source", "raw_text"} & document.keys():
        return "trafilatura"
    return "newspaper" if "url" in document and {"authors", "meta_lang", "canonical_link"} & document.keys() else ""


def _alternatives(text: str) -> tuple[tuple[str, ...], ...]:
    if text.startswith('"'):
        return ((text,),)
    alternatives = tuple(tuple(path.strip() for path in one.split("+")) for one in text.split("|"))
    if not all(path for paths in alternatives for path in paths):
        raise ValueError("takes rules with a name before and after each + and |")
    return alternatives


def _joined(document: Document, paths: tuple[str, ...], field: str) -> object:
    """The value at the paths: several texts joined, one value as it is."""
    values = [value for path in paths for value in _at(document, path)]
    if field in _TIMES and len(values) == 1 and isinstance(values[0], int | float) and not isinstance(values[0], bool):
        return _moment(values[0])
    if len(values) == 1:
        return values[0]
    if not all(isinstance(value, str) for value in values):
        return values
    return ("\n" if field == "content" else ", ").join(str(value) for value in values)


def _at(value: object, path: str) -> Iterator[object]:
    """What is found at a path; nothing for null and the empty text."""
    if path.startswith('"'):
        yield path[1:-1]
    elif isinstance(value, list):
        for each in value:
            yield from _at(each, path)
    elif not path:
        if value not in (None, ""):
            yield value
    elif isinstance(value, dict):
        if path in value:  # a name with a dot in it
            yield from _at(value[path], "")
        else:
            name, _, rest = path.partition(".")
            yield from _at(value.get(name), rest)


def _moment(number: float) -> object:
    """RFC 3339 of a number of seconds or milliseconds; the number itself where it is no time."""
    try:
        seconds = number / 1000 if abs(number) > _LATEST_SECONDS else number
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return number
