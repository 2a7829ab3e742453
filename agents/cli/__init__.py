"""The command line: one module a group of commands."""

from typing import Annotated

import typer

from agents.cli import analysis, broker, publish, topics, worker

app = typer.Typer(
    name="vigie", no_args_is_help=True, pretty_exceptions_enable=False, context_settings={"help_option_names": ["-h", "--help"]}
)
for command in (analysis.enrich, analysis.split, analysis.detect, analysis.tag, publish.publish, worker.worker):
    app.command()(command)
app.add_typer(broker.app, name="broker")
app.add_typer(topics.app, name="topics")


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"vigie {version('vigie')}")
        raise typer.Exit


@app.callback()
def _root(
    _version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Media monitoring on Kafka: articles and readers' comments, split, identified, tagged, alerted on."""


def main() -> None:
    """Run the command line."""
    app()
