"""JSON Schema (draft 2020-12) of each event, made by msgspec from pipeline/events.py.

What is not in a Python type is added here: that a raw article's address is http or https, that its content is not blank, and that
a rule has something to look for. The reader of raw articles takes more than its schema says (a media type with parameters, a date
without a time); the schema says what a producer should write. No schema closes an object: a reader ignores what it does not know.
"""

import inspect
from collections.abc import Iterable
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


def components(template: str, events: Iterable[type[Message]] = EVENTS.values()) -> dict[str, Schema]:
    """Every struct that events are made of, by its name; `template` is how a reference to `{name}` is written."""
    _, structs = msgspec.json.schema_components(events, ref_template=template)
    made: dict[str, Schema] = msgspec.json.decode(msgspec.json.encode(structs))  # a default that is a tuple is a list in JSON
    for each in made.values():
        each["description"] = inspect.cleandoc(each["description"])
    if raw := made.get("RawArticle"):
        raw["properties"]["url"] |= {"pattern": "^[Hh][Tt][Tt][Pp][Ss]?://"}
        raw["properties"]["content"] |= {"pattern": _VISIBLE}
    if rule := made.get("WatchRule"):
        rule["properties"]["id"] |= {"pattern": _VISIBLE}
        rule["anyOf"] = [
            {"required": ["query"], "properties": {"query": {"type": "string", "pattern": _VISIBLE}}},
            {"required": ["entities"], "properties": {"entities": {"type": "array", "contains": {"pattern": _VISIBLE}}}},
        ]
    return made


def schema(name: str) -> Schema:
    """The schema of one event, whole in itself; `name` is one of EVENTS. It is named after the `ce_type` of version 1."""
    made = components("#/$defs/{name}", [EVENTS[name]])
    own = made.pop(EVENTS[name].__name__)
    head = {"$schema": _DIALECT, "$id": f"urn:vigie:{name}:v1"}
    return head | own | {"$defs": dict(sorted(made.items()))}
