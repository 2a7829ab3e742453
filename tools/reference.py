"""Write docs/reference/ from the code: every setting, every command, every event. `python -m tools.reference`."""

import inspect
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import typer

from agents.cli import COMMANDS, app
from agents.contracts.asyncapi import topic_of
from agents.contracts.schemas import EVENTS, Schema, components
from agents.settings import Settings, describe
from agents.topics import plan

FOLDER = Path(__file__).parents[1] / "docs/reference"
_MADE = "Made by `make docs` from {source}; do not edit.\n"


def pages() -> dict[Path, str]:
    """The files and what stands in them."""
    return {FOLDER / "settings.md": settings(), FOLDER / "cli.md": commands(), FOLDER / "events.md": events()}


def settings() -> str:
    """Every `VIGIE_*` variable."""
    head = ["# Settings", "", _MADE.format(source="agents/settings.py")]
    told = "Environment variables; a value that cannot be used ends the command with exit code 2 and says what the variable takes."
    rows = ((f"`{row['variable']}`", _code(row["default"]), row["doc"]) for row in describe(Settings()))
    return _page([*head, told, "", *_table(("variable", "default", "meaning"), rows)])


def events() -> str:
    """Every event with its fields, and the topics."""
    made = components("{name}")
    parts = ["# Events and topics", "", _MADE.format(source="pipeline/events.py and agents/topics.py"), *_topics()]
    for name, kind in EVENTS.items():
        parts += ["", f"## {kind.__name__}", "", f"Topic `{topic_of(name).value}`. [JSON Schema](../schemas/{name}.v1.json).", ""]
        parts += _struct(made[kind.__name__])
    roots = {kind.__name__ for kind in EVENTS.values()}
    for name in sorted(made.keys() - roots):
        parts += ["", f"## {name}", "", *_struct(made[name])]
    return _page(parts)


def _topics() -> list[str]:
    rows = (
        (f"`{each.name}`", str(each.partitions), _code(", ".join(f"{k}={v}" for k, v in each.config.items())))
        for each in plan(Settings())
    )
    return ["As `vigie topics create` makes them when nothing is set:", "", *_table(("topic", "partitions", "configuration"), rows)]


def _struct(schema: Schema) -> list[str]:
    needed = schema.get("required", ())
    rows = (
        (f"`{name}`", _type(each), "yes" if name in needed else "", each["description"])
        for name, each in schema["properties"].items()
    )
    return [schema["description"], "", *_table(("field", "type", "always there", "meaning"), rows)]


def _type(schema: Schema) -> str:
    """A type in words; a struct is linked."""
    if "$ref" in schema:
        return f"[{schema['$ref']}](#{schema['$ref'].lower()})"
    if "anyOf" in schema:
        return " or ".join(map(_type, schema["anyOf"]))
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    if schema["type"] == "array":
        return f"list of {_type(schema['items'])}"
    if schema["type"] == "object":
        return f"object of {_type(schema['additionalProperties'])}" if "additionalProperties" in schema else "object"
    return "timestamp" if schema.get("format") == "date-time" else str(schema["type"])


def commands() -> str:
    """Every command with its arguments and options."""
    root: Any = typer.main.get_command(app)
    context = typer.Context(root, info_name="vigie")
    parts = ["# Commands", "", _MADE.format(source="agents/cli/")]
    parts += ["Exit codes: 0 done, 1 could not do its work, 2 usage. `vigie --show-completion bash` completes names.", ""]
    for name in COMMANDS:
        for path, command in _leaves(root.get_command(context, name), f"vigie {name}", context):
            parts += _command(path, command, context)
    return _page(parts)


def _leaves(command: Any, path: str, parent: typer.Context) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - typer names no type for it
    """A command, or what a group holds; a group that does something without a command of its own comes first."""
    group = hasattr(command, "list_commands")
    if not group or command.invoke_without_command:
        yield path, command
    if group:
        context = typer.Context(command, info_name=path, parent=parent)
        for name in command.list_commands(context):
            yield from _leaves(command.get_command(context, name), f"{path} {name}", context)


def _command(path: str, command: Any, parent: typer.Context) -> list[str]:  # noqa: ANN401 - as above
    context = typer.Context(command, info_name=path.removeprefix("vigie "), parent=parent)
    parts = [f"## {path}", "", inspect.cleandoc(command.help or ""), ""]
    rows = [row for each in command.get_params(context) if not each.expose_value or each.name != "help" for row in _parameter(each)]
    parts += [*_table(("argument or option", "meaning"), rows), ""] if rows else []
    return [*parts, *_examples(command.epilog or "")]


def _examples(epilog: str) -> list[str]:
    """A line `Label:  command` each; a label other than Example is kept as a comment."""
    found = re.findall(r"^([A-Z][\w ,]*):  (.*)$", epilog, re.MULTILINE)
    lines = [line for label, command in found for line in ([f"# {label}"] if label != "Example" else []) + [f"$ {command}"]]
    return ["```console", *lines, "```", ""] if lines else []


def _parameter(each: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - as above
    if each.param_type_name == "option":
        if getattr(each, "hidden", False) or "--help" in each.opts:
            return []
        default = "" if each.is_flag or each.default is None or not each.show_default else f" (default: {each.default})"
        return [(" ".join(f"`{name}`" for name in each.opts), f"{each.help or ''}{default}")]
    return [(f"`{each.human_readable_name}`", getattr(each, "help", None) or "")]


def _code(value: object) -> str:
    return "" if value in ("", None) else f"`{value}`"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = [head, ("---",) * len(head), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |" for line in lines]


def _page(parts: list[str]) -> str:
    return "\n".join(parts).rstrip() + "\n"


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path}")
