"""`vigie topics create`."""

import asyncio

import typer

from agents import kafka, topics
from agents.cli.context import console, fail, read_settings

app = typer.Typer(help="The topics that vigie reads and writes.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep `create` a command of the group, although it is the only one."""


@app.command()
def create() -> None:
    """Make the topics that do not exist yet; those that do are left as they are."""
    settings = read_settings()

    async def work() -> dict[str, str]:
        async with kafka.admin(settings) as admin:
            return await topics.create(admin, settings)

    try:
        outcome = asyncio.run(work())
    except (kafka.NoBroker, topics.TopicsError) as error:
        fail(str(error))
    for name, what in outcome.items():
        console().print(f"{what:8} {name}")
