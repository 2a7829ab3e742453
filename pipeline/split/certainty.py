"""What tells how far the choice of a boundary can be trusted; a logistic regression makes a probability of it."""

import numpy as np
import numpy.typing as npt

from pipeline.split.headers import Page, is_headed

Array = npt.NDArray[np.float64]
CERTAINTY = ("odds", "spread", "close", "headed", "no_comments", "headers", "bias")
_LEAST = 1e-4  # probability that no rival is denied
_CLOSE = 2  # places on either side of the chosen one that count as close


def certainty(page: Page, scores: Array, boundary: int, chosen: npt.NDArray[np.bool_]) -> Array:
    """One number an item of CERTAINTY. `scores` are log-odds of places; `chosen` marks those that come to the boundary's decision.

    Log-odds of the decision, entropy over the places, probability of what is close, whether author and date lines repeat, whether
    no comments were found, and how often such lines stand on the page (logarithm); 1 for the bias.
    """
    chance = np.exp(scores - scores.max())
    chance /= chance.sum()
    mass = float(chance[chosen].sum())
    return np.array(
        [
            np.log(mass + _LEAST) - np.log(max(1.0 - mass, 0.0) + _LEAST),
            -(chance * np.log(chance + 1e-12)).sum(),
            chance[max(0, boundary - _CLOSE) : boundary + _CLOSE + 1].sum(),
            is_headed(page),
            boundary == len(page.lines),
            np.log1p(sum(run.family for run in page.runs)),
            1.0,
        ]
    )
