"""What every command needs: the settings from the environment, a console, and one way to fail."""

import difflib
import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NoReturn

import typer

from agents.readers import SettingsError
from agents.settings import Settings, variables

if TYPE_CHECKING:
    from rich.console import Console

_BESIDE = ("VIGIE_HOME",)  # read by agents.broker, no setting of a worker


def read_settings() -> Settings:
    """Read the settings; a value that cannot be used is a usage error (exit 2), a variable that nothing reads a warning."""
    try:
        settings = Settings.from_env(os.environ)
    except SettingsError as error:
        typer.echo(f"vigie: {error}", err=True)
        raise typer.Exit(2) from None
    for line in unknown_variables(os.environ, (*variables(), *_BESIDE)):
        typer.echo(f"vigie: {line}", err=True)
    return settings


def unknown_variables(environ: Mapping[str, str], known: Iterable[str]) -> list[str]:
    """Warn of each `VIGIE_*` variable that is none of `known`, with the one it may have been meant for."""
    names = list(known)
    warnings = []
    for variable in sorted(environ):
        if variable.startswith("VIGIE_") and variable not in names:
            near = difflib.get_close_matches(variable, names, n=1)
            warnings.append(f"{variable} is no setting; {f'did you mean {near[0]}?' if near else 'see: vigie settings'}")
    return warnings


def fail(message: str) -> NoReturn:
    """Say why the command could not do its work and what to do, and exit 1."""
    typer.echo(f"vigie: {message}", err=True)
    raise typer.Exit(1)


def fail_to_listen(settings: Settings, error: OSError) -> NoReturn:
    """Say that the web server could not have its address, and exit 1."""
    why = os.strerror(error.errno or 0)
    fail(f"the web server cannot listen on {settings.web_bind}:{settings.web_port} ({why}); set VIGIE_WEB_PORT")


def console(*, stderr: bool = False) -> "Console":
    """Make a console for people, which takes text as it is ([red] and :smile: are no markup here).

    Without colour under NO_COLOR or where the output is no terminal.
    """
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False, stderr=stderr)
