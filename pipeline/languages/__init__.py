"""A language is a folder of data: one TOML file a stage, read by that stage alone.

`languages/<tag>/split.toml`, `languages/<tag>/detect.toml`, `languages/<tag>/entities.toml`: adding a folder adds a language.
"""

import tomllib
from importlib.resources import files
from typing import Any

from pipeline.errors import InvalidModel


def read(stage: str) -> dict[str, dict[str, Any]]:
    """The data of every language for a stage ("split", "detect", "entities"), by language tag; InvalidModel if none has any."""
    found = {}
    for folder in sorted(files(__name__).iterdir(), key=lambda entry: entry.name):
        source = folder / f"{stage}.toml"
        if folder.is_dir() and source.is_file():
            found[folder.name] = tomllib.loads(source.read_text(encoding="utf-8"))
    if not found:
        message = f"no language has a file {stage}.toml under pipeline/languages; reinstall vigie"
        raise InvalidModel(message)
    return found


def tags() -> tuple[str, ...]:
    """Tags of the languages that have a folder, in order."""
    return tuple(sorted(entry.name for entry in files(__name__).iterdir() if entry.is_dir() and not entry.name.startswith("_")))
