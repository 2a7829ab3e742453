"""The minimum of a smooth function: L-BFGS (Nocedal and Wright, Numerical Optimization, algorithm 7.5) with a halving step."""

from collections import deque
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
_MEMORY = 10  # pairs of step and change of gradient that stand for the curvature
_ENOUGH = 1e-4  # share of the promised decrease that a step must bring


def minimise(loss: Callable[[Array], tuple[float, Array]], size: int, steps: int = 100) -> Array:
    """Where `loss`, which gives value and gradient, is least, from zeros on; stops when a step gains less than a ten-thousandth."""
    at = np.zeros(size)
    value, gradient = loss(at)
    pairs: deque[tuple[Array, Array]] = deque(maxlen=_MEMORY)
    for _ in range(steps):
        direction = -_newton(gradient, pairs)
        length, slope = 1.0, float(gradient @ direction)
        while True:
            there, (lower, turned) = at + length * direction, loss(at + length * direction)
            if lower <= value + _ENOUGH * length * slope or length < 1e-6:
                break
            length /= 2
        step, change = there - at, turned - gradient
        if float(step @ change) > 1e-10:
            pairs.append((step, change))
        gain, at, value, gradient = value - lower, there, lower, turned
        if gain < 1e-4:
            break
    return at


def _newton(gradient: Array, pairs: deque[tuple[Array, Array]]) -> Array:
    """The gradient through the inverse curvature that the pairs tell of."""
    found, shares = gradient.copy(), []
    for step, change in reversed(pairs):
        shares.append(float(step @ found) / float(change @ step))
        found -= shares[-1] * change
    if pairs:
        step, change = pairs[-1]
        found *= float(step @ change) / float(change @ change)
    else:
        found /= max(10 * float(np.abs(gradient).max()), 1.0)
    for (step, change), share in zip(pairs, reversed(shares), strict=True):
        found += (share - float(change @ found) / float(change @ step)) * step
    return found
