"""`vigie --version`."""

from importlib.metadata import version

import typer

_PARTS = (
    "aiokafka", "faust-streaming", "msgspec", "numpy", "orjson", "pebble", "prometheus-client", "resiliparse", "rich",
    "trafilatura", "typer", "uvloop",
)  # fmt: skip


def print_version(*, as_json: bool) -> None:
    """Print the version in words, or with those of Python, the system and the libraries as a JSON object."""
    if not as_json:
        typer.echo(f"vigie {version('vigie')}")
        return
    import platform

    from agents.cli.lines import write_json

    write_json(
        {"vigie": version("vigie"), "python": platform.python_version(), "system": platform.platform()}
        | {"libraries": {name: _found(name) for name in _PARTS}}
    )


def _found(name: str) -> str | None:
    """Version of a library; None where it is not installed (uvloop, say)."""
    try:
        return version(name)
    except ModuleNotFoundError:
        return None
