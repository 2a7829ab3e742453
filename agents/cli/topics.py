"""`vigie topics create`."""

from typing import Annotated

import typer

from agents.cli.context import console, read_settings

app = typer.Typer(help="The topics that vigie reads and writes.", no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def _group() -> None:
    """Keep `create` a command of the group, although it is the only one."""


@app.command(epilog="Example:  VIGIE_PARTITIONS=12 VIGIE_REPLICATION=3 vigie topics create")
def create(json: Annotated[bool, typer.Option("--json", help="JSON instead of words.")] = False) -> None:
    """Make the six topics that do not exist yet; those that do are left as they are (see: vigie doctor)."""
    from agents import kafka, topics
    from agents.cli.remote import run

    settings = read_settings()

    async def work() -> dict[str, str]:
        async with kafka.admin(settings) as admin:
            return await topics.create(admin, settings)

    outcome = run(work())
    if json:
        from agents.cli.lines import write_json

        write_json(outcome)
        return
    for name, what in outcome.items():
        console().print(f"{what:8} {name}")
