"""Where a comment begins among lines that no author or date line parts: the evidence for each line."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from pipeline.split.headers import Page
from pipeline.split.register import LINE_EVIDENCE
from pipeline.text import WORD

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


def start_evidence(page: Page, rows: Array, chosen: list[int]) -> Array:
    """One row of START_EVIDENCE for each chosen line but the first, against the chosen line before it."""
    here, before = rows[chosen[1:]], rows[chosen[:-1]]
    pairs = np.zeros((len(here), len(_PAIR)))
    words = [frozenset(word for word in WORD.findall(page.lines[index].folded[:1000]) if len(word) > 4) for index in chosen]
    for at, (left, right) in enumerate(pairwise(chosen)):
        pairs[at] = _pair(page, left, right, words[at], words[at + 1])
    capitals, lists = _COLUMN["capitals"], _COLUMN["list_item"]
    shout, was = here[:, capitals] >= 1, before[:, capitals] >= 1
    pairs[:, _PAIR.index("capitals_begin")] = shout & ~was
    pairs[:, _PAIR.index("capitals_end")] = ~shout & was
    pairs[:, _PAIR.index("capitals_go_on")] = shout & was
    pairs[:, _PAIR.index("list_goes_on")] = (here[:, lists] > 0) & (before[:, lists] > 0)
    return np.hstack([here, before, pairs])


def _pair(page: Page, left: int, right: int, left_words: frozenset[str], right_words: frozenset[str]) -> tuple[float, ...]:
    previous, line = page.lines[left].text, page.lines[right].text
    shared = len(left_words & right_words) / (1 + min(len(left_words), len(right_words)))
    return (
        previous[-1] in '.!?…»"”)',
        previous[-1] == ":",
        previous[-1] == ",",
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
        np.log(len(previous) + 1.0) / 5.0,
        np.log(len(line) + 1.0) / 5.0,
        line[0] == "@",
        previous[0] in '«“"' and previous[-1] in '»”"',
        previous.startswith("http"),
        len(line) > _TINY and line[0] in '«“"' and line[-1] in '»”"',
    )
