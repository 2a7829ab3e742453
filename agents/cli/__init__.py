"""The command line: one module a group of commands, each imported when it is asked for, so that every command starts fast."""

import os
import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

_FILES = "On files, without Kafka"
_KAFKA = "On Kafka"
_HELP = "Setting up, and finding out what is wrong"
# Every command, in the order of `vigie --help`: the module of agents.cli that holds it, and the heading it stands under.
COMMANDS = {
    "inspect": ("inspect", _FILES),
    "enrich": ("analysis", _FILES),
    "split": ("analysis", _FILES),
    "detect": ("analysis", _FILES),
    "tag": ("analysis", _FILES),
    "schema": ("schema", _FILES),
    "topics": ("topics", _KAFKA),
    "worker": ("worker", _KAFKA),
    "publish": ("publish", _KAFKA),
    "tail": ("tail", _KAFKA),
    "top": ("top", _KAFKA),
    "rules": ("rules", _KAFKA),
    "notify": ("notify", _KAFKA),
    "dead-letters": ("dead_letters", _KAFKA),
    "demo": ("demo", _HELP),
    "broker": ("broker", _HELP),
    "doctor": ("doctor", _HELP),
    "settings": ("settings", _HELP),
    "acls": ("acls", _HELP),
}


class _Commands(TyperGroup):
    """The commands, imported one by one. A module holds a Typer `app` with a group, or functions with the commands' names."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the name and place of the argument are Typer's
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - as above
        if cmd_name not in COMMANDS:
            return None
        name, heading = COMMANDS[cmd_name]
        module = import_module(f"agents.cli.{name}")
        if hasattr(module, "app"):
            group = module.app
        else:
            group = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
            group.command(cmd_name, epilog=module.EXAMPLES[cmd_name])(getattr(module, cmd_name))
        command: Any = typer.main.get_command(group)
        command.name, command.rich_help_panel = cmd_name, heading
        return command

    def invoke(self, ctx: Any) -> Any:
        """As inherited; package data that is missing or damaged, or a file of a setting, ends it with the words that mend it."""
        from agents.readers import SettingsError
        from pipeline.errors import PipelineError

        try:
            return super().invoke(ctx)
        except SettingsError as error:
            typer.echo(f"vigie: {error}", err=True)
            raise typer.Exit(2) from None
        except PipelineError as error:
            typer.echo(f"vigie: {error}", err=True)
            raise typer.Exit(1) from None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """As inherited; a misspelt command is compared with every name."""
        if args and args[0] not in COMMANDS:
            self.commands = dict.fromkeys(COMMANDS, self)
        return super().resolve_command(ctx, args)


app = typer.Typer(
    name="vigie",
    cls=_Commands,
    no_args_is_help=True,
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="The first minute:  vigie demo\n\nA page of your own:  vigie inspect page.html",
)


@app.callback()
def _root(
    context: typer.Context,
    *,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
    json: Annotated[bool, typer.Option("--json", help="With --version: every version that a bug report needs, as JSON.")] = False,
) -> None:
    """Media monitoring on Kafka: articles and readers' comments, split, identified, tagged, alerted on.

    Kafka is sought at 127.0.0.1:9092, or where VIGIE_BROKER says.
    """
    if version:
        from agents.cli.version import print_version

        print_version(as_json=json)
        raise typer.Exit
    if context.invoked_subcommand is None:
        raise typer.BadParameter("goes with --version; after a command it belongs behind the command", param_hint="--json")


def main() -> None:
    """Run the command line."""
    # Typer would guess the shell from the process tree; with this it takes its name: vigie --show-completion bash
    os.environ.setdefault("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # what a terminal cannot show must not end a command
    app(prog_name="vigie")
