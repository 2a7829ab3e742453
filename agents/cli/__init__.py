"""The command line: one module a group of commands."""

from typing import Annotated

import typer

from agents.cli import analysis, broker, dead_letters, demo, doctor, inspect, publish, rules, settings, tail, topics, worker

app = typer.Typer(
    name="vigie", no_args_is_help=True, pretty_exceptions_enable=False, context_settings={"help_option_names": ["-h", "--help"]}
)
_COMMANDS = (
    analysis.enrich, analysis.split, analysis.detect, analysis.tag, inspect.inspect, publish.publish, worker.worker, tail.tail,
    demo.demo, doctor.doctor, settings.settings,
)  # fmt: skip
for command in _COMMANDS:
    app.command()(command)
app.add_typer(broker.app, name="broker")
app.add_typer(topics.app, name="topics")
app.add_typer(dead_letters.app, name="dead-letters")
app.add_typer(rules.app, name="rules")


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
