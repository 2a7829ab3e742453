"""Whether a change of a JSON Schema is FULL: readers of either version can read what writers of the other write.

FULL_TRANSITIVE is that against every earlier version. The terms are Confluent Schema Registry's
(https://docs.confluent.io/platform/current/schema-registry/fundamentals/schema-evolution.html); what they mean for JSON Schema
depends on who reads. Here a writer writes the fields that its schema declares and no others, and a reader ignores a field that it
does not know (a tolerant reader). So a new optional field is compatible, although JSON Schema's open objects would allow old data
to hold anything under its name; and a new value of an enum is not, because a reader of before need not know it.

A keyword that is not understood must be the same on both sides: what cannot be judged is not called compatible.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

Schema = dict[str, Any]
Direction = Literal["backward", "forward", "note"]

_ANNOTATIONS = frozenset(
    ("title", "description", "default", "examples", "$comment", "$schema", "$id", "$defs", "definitions", "deprecated", "readOnly",
     "writeOnly")
)  # fmt: skip
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_JUDGED = frozenset(
    ("$ref", "type", "enum", "const", "properties", "required", "additionalProperties", "items", *_LOWER, *_UPPER)
)  # fmt: skip
_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array", dict: "object", type(None): "null"}
_ALL_TYPES = frozenset(("string", "boolean", "number", "array", "object", "null"))


class UnresolvedError(ValueError):
    """A `$ref` that leads nowhere within its file."""

    def __init__(self, reference: str) -> None:
        super().__init__(f"{reference!r} is not in the same file; put what it refers to under $defs")


@dataclass(frozen=True)
class Finding:
    """One place (`path`, `$` being the whole event) where two versions differ.

    `backward`: readers of the new version fail on old events; `forward`: readers of the old version fail on new ones; `note`: no
    reader fails, but the meaning may have changed.
    """

    direction: Direction
    path: str
    message: str


def compare(old: Schema, new: Schema) -> list[Finding]:
    """What breaks, or should be thought about, when `old` is followed by `new`; FULL where nothing but notes is found."""
    backward = [Finding("backward", path, message) for path, message in _Reading(new, old).faults()]
    forward = [Finding("forward", path, message) for path, message in _Reading(old, new).faults()]
    return [*backward, *forward, *(Finding("note", path, message) for path, message in _Reading(old, new).notes())]


Faults = Iterator[tuple[str, str]]


class _Reading:
    """A reader with one schema before the events of a writer with another.

    Inside itself a schema is taken to fit: it is being judged.
    """

    def __init__(self, reader: Schema, writer: Schema) -> None:
        self._reader, self._writer = reader, writer
        self._open: set[tuple[str, str]] = set()

    def faults(self) -> Faults:
        """Where the reader fails: path and why."""
        yield from self._fits(self._reader, self._writer, "$")

    def notes(self) -> Faults:
        """Optional fields that the writer no longer has, and defaults that have changed."""
        yield from self._changed(self._reader, self._writer, "$")

    def _inside(self, reader: Any, writer: Any, walk: Callable[[], Faults]) -> Faults:
        """Walk a pair of schemas, but not within itself."""
        pair = (_name(reader), _name(writer))
        if pair in self._open:
            return
        if all(pair):
            self._open.add(pair)
        yield from list(walk())
        self._open.discard(pair)

    def _fits(self, reader: Any, writer: Any, path: str) -> Faults:
        return self._inside(reader, writer, lambda: self._each(reader, writer, path))

    def _each(self, reader: Any, writer: Any, path: str) -> Faults:
        """Each alternative of the writer must fit one of the reader's; the faults are those against the nearest."""
        choices = _alternatives(reader, self._reader)
        for each in _alternatives(writer, self._writer):
            yield from min((list(self._one(choice, each, path)) for choice in choices), key=len)

    def _one(self, reader: Schema, writer: Schema, path: str) -> Faults:
        given, taken = _types(writer), _types(reader)
        if unread := sorted(given - taken):
            yield path, f"{' or '.join(unread)} is written, {' or '.join(sorted(taken)) or 'nothing'} is read"
            return
        yield from _values(reader, writer, path)
        yield from _bounds(reader, writer, path)
        if "object" in given:
            yield from self._object(reader, writer, path)
        if "array" in given and "items" in reader:
            yield from self._fits(reader["items"], writer.get("items", {}), f"{path}[]")
        for keyword in sorted(reader.keys() - _JUDGED - _ANNOTATIONS):
            if reader[keyword] != writer.get(keyword):
                yield path, f"`{keyword}` differs, and is not judged; keep it as it was"

    def _object(self, reader: Schema, writer: Schema, path: str) -> Faults:
        known, written = reader.get("properties", {}), writer.get("properties", {})
        for name in sorted(set(reader.get("required", ())) - set(writer.get("required", ()))):
            yield f"{path}.{name}", "is required by the reader, and the writer may leave it out"
        rest = reader.get("additionalProperties", True)
        for name, value in written.items():
            if name in known:
                yield from self._fits(known[name], value, f"{path}.{name}")
            elif rest is False:
                yield f"{path}.{name}", "is not known to the reader, who refuses unknown fields"
            elif rest is not True:
                yield from self._fits(rest, value, f"{path}.{name}")
        others = writer.get("additionalProperties", not written)
        if others is not False and rest is not True:
            yield from self._fits(rest, others, f"{path}.*")
        if isinstance(others, dict):
            for name in known.keys() - written.keys():
                yield from self._fits(known[name], others, f"{path}.{name}")

    def _changed(self, old: Any, new: Any, path: str) -> Faults:
        return self._inside(old, new, lambda: self._compared(old, new, path))

    def _compared(self, old: Any, new: Any, path: str) -> Faults:
        for before, after in zip(_alternatives(old, self._reader), _alternatives(new, self._writer), strict=False):
            for name, value in before.get("properties", {}).items():
                now, place = after.get("properties", {}).get(name), f"{path}.{name}"
                if now is None:
                    yield place, "is gone; a later field of this name must be of the same type"
                    continue
                was, means = _default(value), _default(now)
                if was != means:
                    yield place, f"its default was {was} and is {means}: what an absent field means changes"
                yield from self._changed(value, now, place)
            if "items" in before and "items" in after:
                yield from self._changed(before["items"], after["items"], f"{path}[]")


def _default(schema: Any) -> str:
    return repr(schema["default"]) if isinstance(schema, dict) and "default" in schema else "none"


def _name(schema: Any) -> str:
    return schema.get("$ref", "") if isinstance(schema, dict) else ""


def _resolve(schema: Any, root: Schema) -> Schema:
    """The schema that a reference stands for, with what is written beside it; True is anything, False nothing."""
    if isinstance(schema, bool):
        return {} if schema else {"enum": []}
    reference = schema.get("$ref")
    if reference is None:
        return dict(schema)
    found: Any = root
    try:
        for part in reference.removeprefix("#").split("/"):
            if part:
                found = found[part.replace("~1", "/").replace("~0", "~")]
    except (KeyError, TypeError):
        raise UnresolvedError(reference) from None
    return _resolve(found, root) | {name: value for name, value in schema.items() if name != "$ref"}


def _alternatives(schema: Any, root: Schema) -> list[Schema]:
    """The branches of an anyOf or oneOf that stands alone, and the types of a list of types; otherwise the schema itself."""
    whole = _resolve(schema, root)
    for keyword in ("anyOf", "oneOf"):
        if keyword in whole and not whole.keys() - _ANNOTATIONS - {keyword}:
            return [branch for each in whole[keyword] for branch in _alternatives(each, root)]
    if isinstance(whole.get("type"), list):
        return [whole | {"type": each} for each in whole["type"]]
    return [whole]


def _types(schema: Schema) -> set[str]:
    """The JSON types that a schema allows; an integer is a number too."""
    if "type" in schema:
        found = {schema["type"]}
    elif (values := _listed(schema)) is not None:
        found = {_TYPES[type(value)] for value in values}
    else:
        found = set(_ALL_TYPES)
    return found | {"integer"} if "number" in found else found


def _listed(schema: Schema) -> list[Any] | None:
    """The values that a schema lists, where it does."""
    if "const" in schema:
        return [schema["const"]]
    values: list[Any] | None = schema.get("enum")
    return values


def _values(reader: Schema, writer: Schema, path: str) -> Faults:
    read, written = _listed(reader), _listed(writer)
    if read is None:
        return
    if written is None:
        yield path, "any value is written, and the reader knows only some"
    elif unknown := [value for value in written if not any(value == each and type(value) is type(each) for each in read)]:
        yield path, f"{', '.join(map(repr, unknown))} is written, and unknown to the reader"


def _bounds(reader: Schema, writer: Schema, path: str) -> Faults:
    for keywords, sign in ((_LOWER, 1), (_UPPER, -1)):
        for keyword in keywords:
            if keyword in reader and (keyword not in writer or sign * writer[keyword] < sign * reader[keyword]):
                yield path, f"`{keyword}` is {reader[keyword]} for the reader, {writer.get(keyword, 'absent')} for the writer"
