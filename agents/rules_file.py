"""Watch rules from a TOML file: read whole, and checked whole."""

from pathlib import Path

from pipeline.alerts import compile_rules
from pipeline.errors import InvalidRule
from pipeline.events import WatchRule
from pipeline.watch_rules import rules_from_toml


class RulesFileError(Exception):
    """A rules file that cannot be used; the message names the file, the rule, the place and what to do."""


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
