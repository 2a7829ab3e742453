"""Raw articles in other JSON than ours: which of their fields is which of ours, written as `url=link, content=body`.

Rules have commas between. Left of `=` stands one of our fields (`publisher.name` and the like for parts); right of it where
its value is found: names with dots between; through a list, from each of its members; `a+b`, one after the other; `a|b`, the
first that is there; `"text"`, this text for every event. Several texts are joined by a line feed in `content`, elsewhere by a
comma. A time may be a number, seconds or milliseconds since 1970. A field without a rule, or whose rule finds nothing, stays as
it is; so an event in our own JSON goes through unchanged. `trafilatura` and `newspaper` stand for the JSON that these two write.

`comments=thread` names a list of comments that stand apart from the article; `comments.text=`, `comments.author=`,
`comments.published_at=` and `comments.replies=` say where the parts are found in each of them. Article and comments then become
one page of HTML (pipeline/apart.py).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self

from pipeline.apart import Apart, page_of
from pipeline.events import Crawler, Publisher, RawArticle

Document = Mapping[str, object]
_PARTS = {"publisher": Publisher, "crawler": Crawler}
_TIMES = {"published_at", "fetched_at"}
_FIELDS = frozenset(
    name
    for own in RawArticle.__struct_fields__
    for name in ([f"{own}.{part}" for part in _PARTS[own].__struct_fields__] if own in _PARTS else [own])
)
_APART = "comments"
_TARGETS = _FIELDS | {_APART, *(f"{_APART}.{part}" for part in Apart._fields)}
_LINES = {"content", "text"}  # what is joined by a line feed
_RULE = re.compile(r'\s*([\w.]+)\s*=\s*("[^"]*"|[^",=]+?)\s*(?:,|$)')
_LATEST_SECONDS = 1e11  # the year 5138; a larger number counts milliseconds
PRESETS = {
    "trafilatura": "url=source|url, content=text+comments, headline=title, author=author, published_at=date, fetched_at=filedate, "
    "publisher.name=source-hostname|sitename, publisher.domain=hostname, language_hint=language",
    "newspaper": "url=url, content=text, headline=title, author=authors, published_at=publish_date, publisher.name=meta_site_name, "
    "language_hint=language|meta_lang",
}


Alternatives = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class FieldMapping:
    """A mapping that was read. `rules`: our field, and alternatives of what is joined, each a path or a constant; `apart`: the same
    for comments that stand apart from the article, by the name of their part, the list itself under the empty name.
    """

    rules: tuple[tuple[str, Alternatives], ...] = ()
    apart: Mapping[str, Alternatives] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a mapping, or the name of a preset; ValueError says what is wrong with it."""
        text = PRESETS.get(text.strip(), text)
        rules: list[tuple[str, Alternatives]] = []
        at = 0
        while text[at:].strip():
            found = _RULE.match(text, at)
            if not found:
                raise ValueError(f"takes rules such as url=link, content=body; number {len(rules) + 1} is none")
            if found[1] not in _TARGETS:
                raise ValueError(f"takes rules for {', '.join(sorted(_TARGETS))}; number {len(rules) + 1} is for none of them")
            rules.append((found[1], _alternatives(found[2])))
            at = found.end()
        apart = {name.partition(".")[2]: each for name, each in rules if name not in _FIELDS}
        if apart and "" not in apart:
            raise ValueError(f"takes rules for parts of {_APART} only beside one for {_APART} itself, such as {_APART}=thread")
        return cls(tuple(rule for rule in rules if rule[0] in _FIELDS), apart)

    def __call__(self, document: Document) -> Document:
        """Give the event in our fields; the document itself where no rule finds anything."""
        found = {name: value for name, rule in self.rules if (value := _value(document, rule, name)) is not None}
        found |= self._page(document, found)
        if not found:
            return document
        ours: dict[str, object] = {name: document[name] for name in RawArticle.__struct_fields__ if name in document}
        for name, value in found.items():
            whole, _, part = name.partition(".")
            before = ours.get(whole)
            ours[whole] = {**(before if isinstance(before, dict) else {}), part: value} if part else value
        return ours

    def _page(self, document: Document, found: Document) -> dict[str, object]:
        """Content and content type with the comments that stand apart; nothing where there are none."""
        content, kind = (found.get(name, document.get(name)) for name in ("content", "content_type"))
        if not self.apart or not isinstance(content, str):
            return {}
        html = "html" in str(kind).lower()
        page = page_of(content, self._comments(document, self.apart[""]), html=html)
        return {"content": page, "content_type": "text/html"} if page else {}

    def _comments(self, value: object, rule: Alternatives) -> tuple[Apart, ...]:
        """The comments of the list that a rule finds in a document, or in a comment."""
        lists = (list(_at(value, path)) for paths in rule for path in paths)
        return tuple(map(self._comment, next(filter(None, lists), [])))

    def _comment(self, value: object) -> Apart:
        if isinstance(value, str):
            return Apart(value, "", "")
        text, author, when = (_value(value, self._part(name), name) for name in ("text", "author", "published_at"))
        return Apart(_text(text), _text(author), _text(when), self._comments(value, self._part("replies")))

    def _part(self, name: str) -> Alternatives:
        return self.apart.get(name, ((name,),))


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


def _value(document: object, rule: Alternatives, name: str) -> object:
    """What the first alternative finds that finds anything, for a field; else None."""
    values = (_joined(document, paths, name) for paths in rule)
    return next((value for value in values if value not in (None, "", [])), None)


def _text(value: object) -> str:
    """A part of a comment; empty for what is no text."""
    return value if isinstance(value, str) else ""


def _joined(document: object, paths: tuple[str, ...], name: str) -> object:
    """The value at the paths: several texts joined, one value as it is."""
    values = [value for path in paths for value in _at(document, path)]
    if name in _TIMES and len(values) == 1 and isinstance(values[0], int | float) and not isinstance(values[0], bool):
        return _moment(values[0])
    if len(values) == 1:
        return values[0]
    if not all(isinstance(value, str) for value in values):
        return values
    return ("\n" if name in _LINES else ", ").join(str(value) for value in values)


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
