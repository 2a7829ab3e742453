"""Watch rules from a TOML file: read whole, and checked whole."""

from dataclasses import dataclass
from pathlib import Path

from pipeline.alerts import compile_rules
from pipeline.errors import InvalidRule
from pipeline.events import WatchRule
from pipeline.watch_rules import rules_from_toml


class RulesFileError(Exception):
    """A rules file that cannot be used; the message names the file, the rule, the place and what to do."""


Look = tuple[int, int, int]  # inode, size, time of the last change


@dataclass(frozen=True)
class Known:
    """The checked rules of a file, and how it `looked` just before they were read."""

    rules: tuple[WatchRule, ...]
    looked: Look | None


def look(path: Path) -> Look | None:
    """Tell how a file looks from outside; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def know(path: Path) -> Known:
    """Read and check the rules of a file, or raise RulesFileError; a change of it afterwards shows against `looked`."""
    looked = look(path)
    return Known(read(path), looked)


def read(path: Path) -> tuple[WatchRule, ...]:
    """Read and check the rules of a file, or raise RulesFileError."""
    try:
        rules = rules_from_toml(path.read_text(encoding="utf-8-sig"))
        compile_rules(rules)
    except OSError as error:
        raise RulesFileError(f"{path}: {error.strerror}; name a TOML file with [[rules]] tables") from error
    except UnicodeDecodeError as error:
        raise RulesFileError(
            f"{path}: not UTF-8 (byte {error.start:,}); a rules file is TOML, which is written in UTF-8"
        ) from error
    except InvalidRule as error:
        where = "" if error.position is None else f" (at character {error.position} of the query)"
        raise RulesFileError(f"{path}: {error.message}{where}") from error
    return rules
