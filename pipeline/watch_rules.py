"""Watch rules as users write them: JSON on the topic watch-rules, TOML in a file."""

import difflib
import tomllib
from collections.abc import Mapping

import msgspec
import orjson

from pipeline.errors import InvalidRule
from pipeline.events import WatchRule

_FIELDS = WatchRule.__struct_fields__


def decode_rule(value: bytes) -> WatchRule:
    """A rule from its JSON; InvalidRule says what to mend. Unknown fields are ignored, null stands for a field left out."""
    try:
        document = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        message = f"the rule is not JSON (line {error.lineno}, column {error.colno}); write one JSON object"
        raise InvalidRule(message) from None
    if not isinstance(document, dict):
        raise InvalidRule("the rule must be a JSON object with `id` and `query` or `entities`")
    return _rule(document, "the rule")


def rules_from_toml(text: str) -> tuple[WatchRule, ...]:
    """The rules of a TOML file, one `[[rules]]` table each; InvalidRule names the table and the field.

    People write this file, so a field that no rule has is an error here: it is a slip of the pen that would change what fires.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = f"the rules file is not TOML: {error}"
        raise InvalidRule(message) from None
    tables = document.get("rules", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise InvalidRule("`rules` must be tables; write [[rules]] above each rule")
    if unknown := set(document) - {"rules"}:
        message = f"the rules file has `{min(unknown)}` outside of a rule; put it below a [[rules]] line"
        raise InvalidRule(message)
    rules: dict[str, WatchRule] = {}
    for number, table in enumerate(tables, start=1):
        where = f"[[rules]] table {number}"
        _check_names(table, where)
        rule = _rule(table, where)
        if rule.id in rules:
            message = f"{where}: `id` {rule.id!r} is taken by an earlier table; give each rule its own"
            raise InvalidRule(message)
        rules[rule.id] = rule
    return tuple(rules.values())


def _check_names(table: Mapping[str, object], where: str) -> None:
    for name in table:
        if name not in _FIELDS:
            near = difflib.get_close_matches(name, _FIELDS, n=1)
            hint = f"did you mean `{near[0]}`?" if near else f"a rule has {', '.join(_FIELDS)}"
            message = f"{where}: no field is called `{name}`; {hint}"
            raise InvalidRule(message)


def _rule(document: Mapping[str, object], where: str) -> WatchRule:
    given = {name: value for name, value in document.items() if value is not None}
    if "id" not in given:
        message = f"{where}: `id` is missing; give the rule a name of its own"
        raise InvalidRule(message)
    try:
        rule = msgspec.convert(given, WatchRule)
    except msgspec.ValidationError as error:
        problem, _, path = str(error).partition(" - at `$.")
        message = f"{where}: `{path.rstrip('`')}`: {problem[:1].lower()}{problem[1:]}"
        raise InvalidRule(message) from None
    if not rule.id.strip():
        message = f"{where}: `id` is empty; give the rule a name of its own"
        raise InvalidRule(message)
    if not (rule.query or "").strip() and not any(entity.strip() for entity in rule.entities):
        message = f"{where}: `query` and `entities` are both missing; a rule needs one of them to know what to look for"
        raise InvalidRule(message)
    return rule
