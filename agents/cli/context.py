"""What every command needs: the settings from the environment, a console, and one way to fail."""

import os
from typing import NoReturn

import typer
from rich.console import Console

from agents.settings import Settings, SettingsError


def read_settings() -> Settings:
    """Read the settings; a value that cannot be used is a usage error (exit 2)."""
    try:
        return Settings.from_env(os.environ)
    except SettingsError as error:
        typer.echo(f"vigie: {error}", err=True)
        raise typer.Exit(2) from None


def fail(message: str) -> NoReturn:
    """Say why the command could not do its work and what to do, and exit 1."""
    typer.echo(f"vigie: {message}", err=True)
    raise typer.Exit(1)


def console() -> Console:
    """Make a console for people; without colour under NO_COLOR or where the output is no terminal."""
    return Console(highlight=False)
