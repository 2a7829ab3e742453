"""What tells how far the choice of a boundary can be trusted; a logistic regression makes a probability of it."""

import numpy as np
import numpy.typing as npt

from pipeline.split.headers import Kind, Page, is_headed

Array = npt.NDArray[np.float64]
CERTAINTY = ("odds", "lead", "spread", "close", "headed", "no_comments", "headers", "furniture", "bias")
_LEAST = 1e-4  # probability that no rival is denied
_CLOSE = 2  # places on either side of the chosen one that count as close


def certainty(page: Page, scores: Array, boundary: int, decisions: npt.NDArray[np.intp]) -> Array:
    """One number an item of CERTAINTY. `scores` are log-odds of places; `decisions` tells which decision each place comes to.

    Log-odds of the decision made at `boundary`, and against the best other one alone; entropy over the places, probability of what
    is close, whether author and date lines repeat, whether no comments were found, how often such lines stand on the page
    (logarithm), the share of its lines that are no text; 1 for the bias.
    """
    chance = np.exp(scores - scores.max())
    chance /= chance.sum()
    masses = np.bincount(decisions, weights=chance)
    mass, masses[decisions[boundary]] = float(masses[decisions[boundary]]), 0.0
    likely, rest, rival = np.log(np.array([mass, max(1.0 - mass, 0.0), masses.max()]) + _LEAST)
    return np.array(
        [
            likely - rest,
            likely - rival,
            -(chance * np.log(chance + 1e-12)).sum(),
            chance[max(0, boundary - _CLOSE) : boundary + _CLOSE + 1].sum(),
            is_headed(page),
            boundary == len(page.lines),
            np.log1p(sum(run.family for run in page.runs)),
            1.0 - page.are(Kind.TEXT).mean(),
            1.0,
        ]
    )
