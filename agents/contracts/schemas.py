"""JSON Schema (draft 2020-12) of each event, made by msgspec from pipeline/events.py.

What is not in a Python type is added here: that a raw article's address is http or https, that its content is not blank, and that
a rule has something to look for. The reader of raw articles takes more than its schema says (a media type with parameters, a date
without a time); the schema says what a producer should write. No schema closes an object: a reader ignores what it does not know.
"""

import inspect
from typing import Any

import msgspec

from pipeline.events import Alert, Article, Comment, Message, RawArticle, WatchRule

Schema = dict[str, Any]

EVENTS: dict[str, type[Message]] = {
    "raw-article": RawArticle,
    "article": Article,
    "comment": Comment,
    "alert": Alert,
    "watch-rule": WatchRule,
}
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_VISIBLE = "\\S"  # at least one character that is not white space


def components(template: str) -> dict[str, Schema]:
    """Every struct that an event is made of, by its name; `template` is how a reference to `{name}` is written."""
    _, structs = msgspec.json.schema_components(EVENTS.values(), ref_template=template)
    made: dict[str, Schema] = msgspec.json.decode(msgspec.json.encode(structs))  # a default that is a tuple is a list in JSON
    for each in made.values():
        each["description"] = inspect.cleandoc(each["description"])
    raw, rule = made["RawArticle"]["properties"], made["WatchRule"]
    raw["url"] |= {"pattern": "^[Hh][Tt][Tt][Pp][Ss]?://"}
    raw["content"] |= {"pattern": _VISIBLE}
    rule["properties"]["id"] |= {"pattern": _VISIBLE}
    rule["anyOf"] = [
        {"required": ["query"], "properties": {"query": {"type": "string", "pattern": _VISIBLE}}},
        {"required": ["entities"], "properties": {"entities": {"type": "array", "contains": {"pattern": _VISIBLE}}}},
    ]
    return made


def schema(name: str) -> Schema:
    """The schema of one event, whole in itself; `name` is one of EVENTS. It is named after the `ce_type` of version 1."""
    made = components("#/$defs/{name}")
    own = EVENTS[name].__name__
    used = _reached(own, made)
    head = {"$schema": _DIALECT, "$id": f"urn:vigie:{name}:v1"}
    return head | made[own] | {"$defs": {each: made[each] for each in sorted(used)}}


def _reached(name: str, made: dict[str, Schema]) -> set[str]:
    """Names of the structs that a struct refers to, itself left out."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for other in _references(made[waiting.pop()]):
            if other not in found:
                found.add(other)
                waiting.append(other)
    return found


def _references(value: object) -> list[str]:
    if isinstance(value, list):
        return [name for each in value for name in _references(each)]
    if not isinstance(value, dict):
        return []
    here = [value["$ref"].rpartition("/")[2]] if "$ref" in value else []
    return here + [name for each in value.values() for name in _references(each)]
