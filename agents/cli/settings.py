"""`vigie settings`: every setting, its value here, its default and its meaning."""

import os
from typing import Annotated, Any

import typer

from agents.cli.context import console, read_settings
from agents.settings import describe

EXAMPLES = {"settings": "Example:  VIGIE_PREFIX=test. vigie settings --json"}


def settings(json: Annotated[bool, typer.Option("--json", help="JSON instead of a table.")] = False) -> None:
    """List the settings: variable, value here, default, meaning."""
    rows = [*describe(read_settings()), _home()]
    if json:
        from agents.cli.lines import write_json

        write_json(rows)
        return
    from rich.table import Table
    from rich.text import Text

    table = Table("variable", "value", "default", "meaning", box=None)
    table.columns[0].no_wrap = True
    for row in rows:
        value = Text(str(row["value"]), "bold" if row["value"] != row["default"] else "")
        table.add_row(row["variable"], value, str(row["default"]), row["doc"])
    console().print(table)


def _home() -> dict[str, Any]:
    from agents.broker import default_home

    value = str(default_home(os.environ))
    default = str(default_home({name: each for name, each in os.environ.items() if name != "VIGIE_HOME"}))
    return {"variable": "VIGIE_HOME", "value": value, "default": default, "doc": "folder of the local Kafka: its jars and its data"}
