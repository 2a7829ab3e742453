"""Folders among the files of a command: each stands for the files in it, at any depth, that the command reads."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import typer

from agents.cli.pages import READ, is_read

Places = Mapping[Path, str]


def opened(given: Iterable[Path]) -> tuple[list[Path], Places]:
    """The files, those of folders in the order of their names, and where each of these stands in its folder.

    What begins with a dot is left out. A usage error for a folder that holds nothing that is read.
    """
    files: list[Path] = []
    places: dict[Path, str] = {}
    for path in given:
        if not path.is_dir():
            files.append(path)
            continue
        within = {each: each.relative_to(path) for each in sorted(path.rglob("*"))}
        found = [each for each, place in within.items() if is_read(each) and each.is_file() and not _hidden(place)]
        if not found:
            raise typer.BadParameter(f"{path} is a folder without {READ}", param_hint="FILE")
        files += found
        places |= {each: within[each].as_posix() for each in found}
    return files, places


def _hidden(place: Path) -> bool:
    return any(part.startswith(".") for part in place.parts)
