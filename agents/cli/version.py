"""`vigie --version`."""

import re
from importlib.metadata import requires, version
from importlib.resources import files
from importlib.resources.abc import Traversable

import typer

# What decides, beside the code, what comes out: weights, tables and the languages' words.
_MODELS = {"split": ".json", "language": ".npz", "entities": ".bin", "languages": ".toml"}


def print_version(*, as_json: bool) -> None:
    """Print the version in words, or everything that a bug report needs as a JSON object."""
    if not as_json:
        typer.echo(f"vigie {version('vigie')}")
        return
    import platform

    from agents.cli.lines import write_json

    write_json(
        {"vigie": version("vigie"), "python": platform.python_version(), "system": platform.platform()}
        | {"implementation": platform.python_implementation(), "machine": platform.machine()}
        | {"libraries": {name: _found(name) for name in _dependencies()}, "models": _digests()}
    )


def _dependencies() -> list[str]:
    """Names of what vigie asks for when it is installed."""
    return sorted(re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in requires("vigie") or ())


def _found(name: str) -> str | None:
    """Version of a library; None where it is not installed (uvloop, say)."""
    try:
        return version(name)
    except ModuleNotFoundError:
        return None


def _digests() -> dict[str, str]:
    """SHA-256 of each file of weights or tables, by its path in the package."""
    from hashlib import sha256

    found = {}
    for folder, ending in _MODELS.items():
        for path, each in sorted(_walk(files("pipeline") / folder, folder)):
            if path.endswith(ending):
                found[path] = sha256(each.read_bytes()).hexdigest()
    return found


def _walk(folder: Traversable, path: str) -> list[tuple[str, Traversable]]:
    below = []
    for each in folder.iterdir():
        place = f"{path}/{each.name}"
        below += _walk(each, place) if each.is_dir() else [(place, each)]
    return below
