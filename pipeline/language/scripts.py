"""Which script a text is written in, and the language that a script gives away."""

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.text import code_points

# All but the letters of other scripts.
_LATIN_OR_NONE = re.compile(r"[\W\d_\x00-\u02af\u1d00-\u1eff\u2c60-\u2c7f\ua720-\ua7ff]+")
# Letters looked at; a text changes its script rarely.
_SAMPLE = 1_000


class Script(NamedTuple):
    """A script, its language where it has but one of note (else `und`), and letters that only another language uses."""

    tag: str
    letters: tuple[tuple[str, str], ...]


@cache
def _scripts() -> tuple[tuple[Script, ...], npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
    """The scripts of scripts.toml; where their ranges start and, in between, end; the script of each stretch, from 1 (0: none)."""
    data = tomllib.loads((files("pipeline.language") / "scripts.toml").read_text(encoding="utf-8"))["script"]
    ranges = sorted((first, last, number) for number, entry in enumerate(data, 1) for first, last in entry["ranges"])
    bounds = [bound for first, last, _ in ranges for bound in (first, last + 1)]
    stretches = [0, *(stretch for _, _, number in ranges for stretch in (number, 0))]
    scripts = tuple(Script(entry["tag"], tuple(entry.get("letters", {}).items())) for entry in data)
    return scripts, np.array(bounds, dtype=np.uint32), np.array(stretches)


def by_script(text: str) -> tuple[str, float]:
    """Language of a text with letters in other scripts than Latin: tag, and the share of those letters that its script has."""
    joined = _LATIN_OR_NONE.sub("", text.lower())[:_SAMPLE]
    if not joined:
        return "und", 0.0
    scripts, bounds, stretches = _scripts()
    codes = code_points(joined)
    counts = np.bincount(stretches.take(bounds.searchsorted(codes, side="right")), minlength=len(scripts) + 1)
    best = int(counts.argmax())
    share = int(counts[best]) / len(joined)
    if best == 0 or share < 0.5:
        return "und", share
    script = scripts[best - 1]
    for tag, letters in script.letters:
        if any(letter in joined for letter in letters):
            return tag, share
    return script.tag, share
