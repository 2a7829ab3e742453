"""Which script a text is written in, and the language that a script gives away."""

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Script(NamedTuple):
    """A script, its language where it has but one of note (else `und`), and letters that only another language uses."""

    pattern: re.Pattern[str]
    tag: str
    letters: tuple[tuple[str, str], ...]


@cache
def scripts() -> tuple[Script, ...]:
    """The scripts of scripts.toml, in its order."""
    data = tomllib.loads((files("pipeline.language") / "scripts.toml").read_text(encoding="utf-8"))
    return tuple(
        Script(
            re.compile(f"[{entry['range']}]"),
            entry["tag"],
            tuple((tag, letters) for tag, letters in entry.get("letters", {}).items()),
        )
        for entry in data["script"]
    )


def by_script(words: list[str]) -> tuple[str, float]:
    """Language of words in other scripts than Latin: tag, and the share of their letters that the winning script has."""
    joined = "".join(words)
    counts = [len(script.pattern.findall(joined)) for script in scripts()]
    best = max(range(len(counts)), key=counts.__getitem__)
    script, share = scripts()[best], counts[best] / max(len(joined), 1)
    if share < 0.5:
        return "und", 1 - share
    for tag, letters in script.letters:
        if any(letter in joined for letter in letters):
            return tag, share
    return script.tag, share
