"""Where a comment begins among lines that no author or date line parts: the evidence for each line."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from pipeline.split.headers import Page
from pipeline.split.register import LINE_EVIDENCE

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
    width, pairs = len(LINE_EVIDENCE), _pairs(page, rows[chosen], chosen)
    evidence = np.empty((len(chosen) - 1, len(START_EVIDENCE)))
    evidence[:, :width], evidence[:, width : 2 * width] = rows[chosen[1:]], rows[chosen[:-1]]
    for column, name in enumerate(_PAIR, start=2 * width):
        evidence[:, column] = pairs[name]
    return evidence


def _pairs(page: Page, rows: Array, chosen: list[int]) -> dict[str, npt.ArrayLike]:
    """What lines show together with the one before, by the names of _PAIR."""
    lines = [page.lines[index] for index in chosen]
    first, last = [line.text[0] for line in lines], [line.text[-1] for line in lines]
    size = np.array([line.end - line.start for line in lines])
    tiny, lengths = size <= _TINY, np.log(size + 1.0) / 5.0
    names = np.array([page.names[index] for index in chosen])
    shout, lists = rows[:, _COLUMN["capitals"]] >= 1, rows[:, _COLUMN["list_item"]] > 0
    quoted = np.array([one in '«“"' and other in '»”"' for one, other in zip(first, last, strict=True)])
    return {
        "previous_finished": [sign in '.!?…»"”)' for sign in last[:-1]],
        "previous_colon": [sign == ":" for sign in last[:-1]],
        "previous_comma": [sign == "," for sign in last[:-1]],
        "previous_tiny": tiny[:-1],
        "tiny": tiny[1:],
        "sign_off_before": names[:-1] & (np.array(chosen[:-1]) > 0),
        "sign_off_here": names[1:],
        "capitals_begin": shout[1:] & ~shout[:-1],
        "capitals_end": ~shout[1:] & shout[:-1],
        "capitals_go_on": shout[1:] & shout[:-1],
        "list_goes_on": lists[1:] & lists[:-1],
        "blank_line_before": [line.gap for line in lines[1:]],
        "shared_words": [len(one & other) / (1 + min(len(one), len(other))) for one, other in pairwise(_long_words(page, chosen))],
        "previous_length": lengths[:-1],
        "length": lengths[1:],
        "address_here": [sign == "@" for sign in first[1:]],
        "quotation_before": quoted[:-1],
        "url_before": [line.text.startswith("http") for line in lines[:-1]],
        "whole_quotation": quoted[1:] & ~tiny[1:],
    }


def _long_words(page: Page, chosen: list[int]) -> list[set[int]]:
    """The hashes of the long words of each chosen line."""
    texts = page.sheet.texts
    long = np.flatnonzero(texts.ends - texts.starts > 4)
    near = long[texts.ends[long] - texts.bounds[texts.number(long)] <= _SHARED_CHARS]
    hashes, firsts = texts.hashes[near].tolist(), near.searchsorted(texts.firsts).tolist()
    return [set(hashes[firsts[line] : firsts[line + 1]]) for line in chosen]
