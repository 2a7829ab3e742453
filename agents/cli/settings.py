"""`vigie settings`: every setting, its value here, its default and its meaning."""

from typing import Annotated

import orjson
import typer
from rich.table import Table

from agents.cli.context import console, read_settings
from agents.settings import describe


def settings(json: Annotated[bool, typer.Option("--json", help="JSON instead of a table.")] = False) -> None:
    """List the settings (environment variables) with their values and defaults."""
    rows = describe(read_settings())
    if json:
        print(orjson.dumps(rows).decode())
        return
    table = Table("variable", "value", "default", "meaning", box=None)
    for row in rows:
        changed = row["value"] != row["default"]
        table.add_row(
            row["variable"], f"[bold]{row['value']}[/]" if changed else str(row["value"]), str(row["default"]), row["doc"]
        )
    console().print(table)
