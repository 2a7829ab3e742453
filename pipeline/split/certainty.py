"""What tells how far the choice of a boundary can be trusted; a logistic regression makes a probability of it."""

import numpy as np
import numpy.typing as npt

from pipeline.split.headers import Kind, Page, is_headed

Array = npt.NDArray[np.float64]
CERTAINTY = (
    "odds", "lead", "spread", "close", "headed", "headers", "furniture", "bias",
    "no_comments", "none_odds", "none_headers", "none_furniture",
)  # fmt: skip
_LEAST = 1e-4  # probability that no rival is denied
_TOP = 3  # lines
_CLOSE = 2  # places on either side of the chosen one that count as close


def certainty(page: Page, scores: Array, boundary: int, decisions: npt.NDArray[np.intp]) -> Array:
    """One number an item of CERTAINTY. `scores` are log-odds of places; `decisions` tells which decision each place comes to.

    Log-odds of the decision made at `boundary`, and against the best other one alone; entropy over the places, probability of what
    is close, whether author and date lines repeat, how often they stand on the page (logarithm), the share of its lines that are
    no text; 1 for the bias. Where no comments were found, once more: 1, the log-odds, whether author and date lines stand below
    the top of the page, and that share: they tell something else there.
    """
    chance = np.exp(scores - scores.max())
    chance /= chance.sum()
    masses = np.bincount(decisions, weights=chance)
    mass, masses[decisions[boundary]] = float(masses[decisions[boundary]]), 0.0
    likely, rest, rival = np.log(np.array([mass, max(1.0 - mass, 0.0), masses.max()]) + _LEAST)
    furniture = 1.0 - page.are(Kind.TEXT).mean()
    none = boundary == len(page.lines)
    below = any(run.family and run.last >= _TOP for run in page.runs)
    return np.array(
        [
            likely - rest,
            likely - rival,
            -(chance * np.log(chance + 1e-12)).sum(),
            chance[max(0, boundary - _CLOSE) : boundary + _CLOSE + 1].sum(),
            is_headed(page),
            np.log1p(sum(run.family for run in page.runs)),
            furniture,
            1.0,
            none,
            none * (likely - rest),
            none * below,
            none * furniture,
        ]
    )
