"""`vigie schema` and `vigie schema check`: the contracts of the events."""

import sys
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from agents.cli.context import console, fail

app = typer.Typer(
    help="Contracts of the events: AsyncAPI and JSON Schema, and what may change in them.",
    add_completion=False,
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    epilog="Example:  vigie schema --event article > article.json",
)

EventOption = Annotated[
    str | None,
    typer.Option(
        "--event",
        help="JSON Schema of one: raw-article, article, comment, alert or watch-rule.",
        show_default=False,
        metavar="NAME",
    ),
]
JsonLinesOption = Annotated[bool, typer.Option("--json", help="JSON Lines instead of words.")]
Schemas = Annotated[
    list[Path], typer.Argument(help="Files of JSON Schema, the newest last; - for standard input.", metavar="OLD... NEW")
]


@app.callback()
def _schema(context: typer.Context, event: EventOption = None) -> None:
    """Print the AsyncAPI document of all topics, or the JSON Schema of one event."""
    from agents.contracts import EVENTS, document, schema

    if context.invoked_subcommand:
        return
    if event is not None and event not in EVENTS:
        raise typer.BadParameter(f"takes one of {', '.join(EVENTS)}", param_hint="--event")
    typer.echo(written(schema(event) if event else document()), nl=False)


def written(value: Any) -> bytes:
    """JSON as it stands in docs/."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


@app.command(epilog="Example:  vigie schema --event article | vigie schema check article-0.1.0.json -")
def check(files: Schemas, json: JsonLinesOption = False) -> None:
    """Say whether NEW may follow every OLD (FULL_TRANSITIVE); exits 1 where it may not.

    Writers write what their schema declares, readers ignore what they do not know. `backward`: readers of NEW fail on old events;
    `forward`: readers of OLD fail on new ones; a `note` breaks nobody.
    """
    from agents.cli.lines import write_json
    from agents.contracts.compatible import UnresolvedError, compare

    if len(files) < 2:
        raise typer.BadParameter("takes at least two files: OLD... NEW", param_hint="OLD... NEW")
    *before, new = [(path, _read(path)) for path in files]
    broken = False
    for path, old in before:
        try:
            findings = compare(old, new[1])
        except UnresolvedError as error:
            fail(f"{path} and {new[0]}: $ref {error}")
        for each in findings:
            broken |= each.direction != "note"
            line = {"old": str(path), "direction": each.direction, "path": each.path, "message": each.message}
            if json:
                write_json(line)
            else:
                console().print(f"{each.direction:8}  {path}  {each.path}  {each.message}", soft_wrap=True)
    if not json:
        console().print("not FULL_TRANSITIVE" if broken else f"FULL_TRANSITIVE against {len(before)} earlier", soft_wrap=True)
    if broken:
        raise typer.Exit(1)


def _read(path: Path) -> dict[str, Any]:
    try:
        text = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        found = orjson.loads(text)
    except OSError as error:
        fail(f"{path}: {error.strerror}; name a file of JSON Schema")
    except orjson.JSONDecodeError as error:
        fail(f"{path}: is not JSON ({error}); name a file of JSON Schema, as `vigie schema --event article` prints it")
    if not isinstance(found, dict):
        fail(f"{path}: holds no JSON object; name a file of JSON Schema")
    return found
