"""`vigie doctor`: is everything here that a worker needs?"""

import asyncio
from typing import Annotated

import typer

from agents.cli.context import console, read_settings

EXAMPLES = {"doctor": "Example:  VIGIE_BROKER=kafka-1.example.org:9092 vigie doctor"}


def doctor(json: Annotated[bool, typer.Option("--json", help="JSON instead of words.")] = False) -> None:
    """Check everything that a worker needs, down to a transaction.

    Versions, models, broker, topics, their configs, rights. Exit 1 when something is not well. Changes nothing: no record is
    written. Each fault comes with the command that mends it.
    """
    import logging

    from agents.doctor import examine

    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what is wrong is said below, once
    findings = asyncio.run(examine(read_settings()))
    if json:
        from agents.cli.lines import write_json

        write_json([{"name": each.name, "well": each.well, "found": each.found, "mend": each.mend} for each in findings])
    else:
        from rich.text import Text

        for each in findings:
            mark = ("well ", "green") if each.well else ("fault", "bold red")
            console().print(Text.assemble(mark, (f" {each.name}: ", "bold"), each.found))
            for line in each.mend.splitlines():
                console().print(f"      {line}", soft_wrap=True)
    if not all(each.well for each in findings):
        raise typer.Exit(1)
