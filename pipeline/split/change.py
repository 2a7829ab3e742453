"""How far what stands after a place differs from what stands before it."""

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


_AT_ONCE = 1 << 17  # marks whose sums and costs (some 100 bytes each) are in memory at a time
_KEPT = 1 << 12  # logarithms that are kept: as many as most pages have lines


@lru_cache(maxsize=1)
def _logs(count: int) -> tuple[Array, Array]:
    """For 0, 1, ..., `count`: x log(x + 1/2) and x log(x + 1)."""
    numbers = np.arange(count + 1.0)
    return numbers * np.log(numbers + 0.5), numbers * np.log(numbers + 1.0)


def _both(*rows: npt.ArrayLike, dtype: type) -> npt.NDArray[Any]:
    """Sums of each row before each place, and from there on: first axis; the rows are the second, the places the last."""
    sums = np.zeros((2, len(rows), *np.shape(rows[0])[:-1], np.shape(rows[0])[-1] + 1), dtype=dtype)
    for row, out in zip(rows, sums[0], strict=True):
        np.cumsum(row, axis=-1, out=out[..., 1:])
    np.subtract(sums[0, ..., -1:], sums[0], out=sums[1])
    return sums


def change(values: Mask, mask: Mask) -> Array:
    """Signed gain of two rates over one, for yes-or-no marks, one a row.

    The likelihood of h marks and m others, at the rate (h + 1/2) / (h + m + 1), is a sum of terms in h, in m and in h + m.
    """
    if len(mask) > 1 and mask.size > _AT_ONCE:  # a row at a time, for the sake of memory
        return np.concatenate([change(values[row : row + 1], mask[row : row + 1]) for row in range(len(mask))])
    hits, count = _both(values & mask, mask, dtype=np.intp).swapaxes(0, 1)
    parts, wholes = _logs(max(_KEPT, mask.shape[-1]))
    costs = wholes[count] - parts[hits] - parts[count - hits]
    gain = costs[0, ..., -1:] - costs[0] - costs[1]
    rates = (hits + 0.5) / (count + 1.0)
    return np.asarray(np.sign(rates[1] - rates[0]) * np.log1p(np.maximum(gain, 0.0)))


def shift(values: Array, mask: Mask) -> Array:
    """Signed gain of two normal distributions over one."""
    chosen = values * mask
    count, total, squares = _both(mask, chosen, chosen * values, dtype=np.float64).swapaxes(0, 1)
    mean = total / np.maximum(count, 1.0)
    spread = (squares - count * mean * mean + 1.0) / (count + 1.0)
    costs = 0.5 * count * np.log(np.maximum(spread, 1e-3))
    gain = costs[0, -1] - costs[0] - costs[1]
    sign = np.sign(mean[1] - mean[0]) * (count[0] * count[1] > 0)
    return np.asarray(sign * np.log1p(np.maximum(gain, 0.0)))


def lead(values: Array, mask: Mask, width: int) -> Array:
    """For each row and place, the mean of the next `width` masked values less that of the last `width`; of none it is 0."""
    before = np.concatenate(([0], np.cumsum(mask)))
    sums = np.zeros((len(values), before[-1] + 1))
    np.cumsum(values[:, mask], axis=1, out=sums[:, 1:])
    ahead, behind = np.minimum(before + width, before[-1]), np.maximum(before - width, 0)
    here = sums[:, before]
    return np.asarray(
        (sums[:, ahead] - here) / np.maximum(ahead - before, 1) - (here - sums[:, behind]) / np.maximum(before - behind, 1)
    )
