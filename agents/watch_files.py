"""What users watch, from files: rules in TOML, names in JSON Lines or CSV. Read whole, and checked whole."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Generic, TypedDict, TypeVar

from pipeline.alerts import compile_rules
from pipeline.errors import InvalidRule, InvalidWatchList
from pipeline.events import WatchRule
from pipeline.watch_rules import rules_from_toml

if TYPE_CHECKING:
    from pipeline.entities.watch_list import WatchList

Content = TypeVar("Content")
_ZIP = b"PK\x03\x04"  # how .xlsx and .ods begin
Look = tuple[int, int, int]  # inode, size, time of the last change


class WatchFileError(Exception):
    """A file that cannot be used; the message names the file, the rule or line, the place and what to do."""


@dataclass(frozen=True)
class Known(Generic[Content]):
    """What a file holds, checked, and how it `looked` just before it was read."""

    content: Content
    looked: Look | None


class Watched(TypedDict, total=False):
    """What was read of the files that the settings name; whoever puts it in force takes it out, so that nothing keeps it."""

    rules: Known[tuple[WatchRule, ...]] | None
    names: Known["WatchList"] | None


def look(path: Path) -> Look | None:
    """Tell how a file looks from outside; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def know(path: Path, read: Callable[[Path], Content]) -> Known[Content]:
    """Read a file, or raise WatchFileError; a change of it afterwards shows against `looked`."""
    looked = look(path)
    return Known(read(path), looked)


def read_rules(path: Path) -> tuple[WatchRule, ...]:
    """Read and check the rules of a file, or raise WatchFileError."""

    def read(file: BinaryIO) -> tuple[WatchRule, ...]:
        rules = rules_from_toml(file.read().decode("utf-8-sig"))
        compile_rules(rules)
        return rules

    return _read(path, read, "a TOML file with [[rules]] tables")


def read_names(path: Path) -> "WatchList":
    """Read and check the names of a file, a table where it is named .csv, else JSON Lines; or raise WatchFileError."""
    from pipeline.entities import watch_csv  # noqa: PLC0415 - a worker without such a file need not import the entities
    from pipeline.entities.watch_list import WatchList  # noqa: PLC0415 - as above

    if path.suffix.lower() != ".csv":
        with suppress(OSError), path.open("rb") as file:
            if file.read(len(_ZIP)) == _ZIP:
                raise WatchFileError(f"{path}: a spreadsheet's own format is not read; save it as CSV UTF-8, name the .csv")
        return _read(path, WatchList.from_lines, "a file of JSON Lines, a name to watch on each, or a .csv")

    def read(file: BinaryIO) -> "WatchList":
        with TextIOWrapper(file, "utf-8-sig", newline="") as table:
            return WatchList.from_lines(watch_csv.lines_of(table))

    return _read(path, read, "a table as CSV, with the headings name and type")


def _read(path: Path, read: Callable[[BinaryIO], Content], wanted: str) -> Content:
    try:
        with path.open("rb") as file:
            return read(file)
    except OSError as error:
        raise WatchFileError(f"{path}: {error.strerror}; name {wanted}") from error
    except UnicodeDecodeError as error:
        raise WatchFileError(
            f"{path}: not UTF-8 (byte {error.start:,}); save it in UTF-8 (in a spreadsheet: as CSV UTF-8)"
        ) from error
    except InvalidRule as error:
        where = "" if error.position is None else f" (at character {error.position} of the query)"
        raise WatchFileError(f"{path}: {error.message}{where}") from error
    except InvalidWatchList as error:
        raise WatchFileError(f"{path}: {error}") from error
