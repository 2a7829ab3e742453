"""`vigie doctor`: is everything here that a worker needs?"""

import asyncio
import dataclasses
from typing import Annotated

import orjson
import typer

from agents.cli.context import console, read_settings


def doctor(json: Annotated[bool, typer.Option("--json", help="JSON instead of words.")] = False) -> None:
    """Check versions, models, broker, topics, configs, rights and a transaction; exit 1 when something is not well."""
    from agents.doctor import examine

    findings = asyncio.run(examine(read_settings()))
    if json:
        print(orjson.dumps([dataclasses.asdict(each) for each in findings]).decode())
    else:
        out = console()
        for each in findings:
            mark = "[green]well[/] " if each.well else "[bold red]fault[/]"
            out.print(f"{mark} {each.name}: ", end="")
            out.print(each.found, markup=False)
            if each.mend:
                out.print(f"      {each.mend}", markup=False)
    if not all(each.well for each in findings):
        raise typer.Exit(1)
