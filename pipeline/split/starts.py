"""Where a comment begins among lines that no author or date line parts: the evidence for each line."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from pipeline.split.headers import Page
from pipeline.split.register import LINE_EVIDENCE
from pipeline.text import words

Array = npt.NDArray[np.float64]

_PAIR = (
    "previous_finished",
    "previous_colon",
    "previous_comma",
    "previous_tiny",
    "tiny",
    "sign_off_before",
    "sign_off_here",
    "capitals_begin",
    "capitals_end",
    "capitals_go_on",
    "list_goes_on",
    "blank_line_before",
    "shared_words",
    "previous_length",
    "length",
    "address_here",
    "quotation_before",
    "url_before",
    "whole_quotation",
)
START_EVIDENCE = (
    *(f"{name}_here" for name in LINE_EVIDENCE),
    *(f"{name}_before" for name in LINE_EVIDENCE),
    *(f"pair_{name}" for name in _PAIR),
)
_COLUMN = {name: index for index, name in enumerate(LINE_EVIDENCE)}
_TINY = 25  # characters
_SHARED_CHARS = 1_000  # of a line in which words are looked for that the line before has too


def start_evidence(page: Page, rows: Array, chosen: list[int]) -> Array:
    """One row of START_EVIDENCE for each chosen line but the first, against the chosen line before it."""
    here, before = rows[chosen[1:]], rows[chosen[:-1]]
    long_words = [{word for word in _words(page, index) if len(word) > 4} for index in chosen]
    around = zip(pairwise(chosen), pairwise(long_words), strict=True)
    pairs = np.array([_pair(page, *lines, *both) for lines, both in around], dtype=np.float64).reshape(-1, len(_PAIR))
    sizes = np.log([len(page.lines[index].text) + 1.0 for index in chosen]) / 5.0
    pairs[:, _PAIR.index("previous_length")], pairs[:, _PAIR.index("length")] = sizes[:-1], sizes[1:]
    capitals, lists = _COLUMN["capitals"], _COLUMN["list_item"]
    shout, was = here[:, capitals] >= 1, before[:, capitals] >= 1
    pairs[:, _PAIR.index("capitals_begin")] = shout & ~was
    pairs[:, _PAIR.index("capitals_end")] = ~shout & was
    pairs[:, _PAIR.index("capitals_go_on")] = shout & was
    pairs[:, _PAIR.index("list_goes_on")] = (here[:, lists] > 0) & (before[:, lists] > 0)
    return np.hstack([here, before, pairs])


def _words(page: Page, index: int) -> list[str]:
    folded = page.lines[index].folded
    return page.words[index] if len(folded) <= _SHARED_CHARS else words(folded[:_SHARED_CHARS])


def _pair(page: Page, left: int, right: int, left_words: set[str], right_words: set[str]) -> tuple[float, ...]:
    previous, line = page.lines[left].text, page.lines[right].text
    shared = len(left_words & right_words) / (1 + min(len(left_words), len(right_words)))
    last, first = previous[-1], line[0]
    return (
        last in '.!?…»"”)',
        last == ":",
        last == ",",
        len(previous) <= _TINY,
        len(line) <= _TINY,
        page.names[left] and left > 0,
        page.names[right],
        0.0,
        0.0,
        0.0,
        0.0,
        page.lines[right].gap,
        shared,
        0.0,
        0.0,
        first == "@",
        previous[0] in '«“"' and last in '»”"',
        previous.startswith("http"),
        len(line) > _TINY and first in '«“"' and line[-1] in '»”"',
    )
