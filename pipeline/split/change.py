"""How far what stands after a place differs from what stands before it."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def _parts(values: Array, mask: Mask) -> tuple[Array, Array, Array, Array]:
    """Counts and sums before and from each place, row by row."""
    both = np.zeros((2, *mask.shape[:-1], mask.shape[-1] + 1))
    np.cumsum(mask, axis=-1, out=both[0, ..., 1:])
    np.cumsum(np.where(mask, values, 0.0), axis=-1, out=both[1, ..., 1:])
    (count, total), (count2, total2) = both, both[..., -1:] - both
    return count, total, count2, total2


def change(values: Array, mask: Mask) -> Array:
    """Signed gain of two rates over one, for yes-or-no marks, one a row."""

    def cost(count: Array, total: Array) -> Array:
        rate = (total + 0.5) / (count + 1.0)
        return -(total * np.log(rate) + (count - total) * np.log1p(-rate))

    count1, total1, count2, total2 = _parts(values, mask)
    whole, before, behind = cost(np.stack((count1 + count2, count1, count2)), np.stack((total1 + total2, total1, total2)))
    gain = whole - before - behind
    sign = np.sign((total2 + 0.5) / (count2 + 1.0) - (total1 + 0.5) / (count1 + 1.0))
    return np.asarray(sign * np.log1p(np.maximum(gain, 0.0)))


def shift(values: Array, mask: Mask) -> Array:
    """Signed gain of two normal distributions over one."""

    def cost(count: Array, total: Array, squares: Array) -> Array:
        mean = total / np.maximum(count, 1.0)
        spread = (squares - count * mean * mean + 1.0) / (count + 1.0)
        return 0.5 * count * np.log(np.maximum(spread, 1e-3))

    count1, total1, count2, total2 = _parts(values, mask)
    _, squares1, _, squares2 = _parts(values * values, mask)
    whole, before, behind = cost(
        np.stack((count1 + count2, count1, count2)),
        np.stack((total1 + total2, total1, total2)),
        np.stack((squares1 + squares2, squares1, squares2)),
    )
    gain = whole - before - behind
    sign = np.sign(total2 / np.maximum(count2, 1.0) - total1 / np.maximum(count1, 1.0))
    sign[(count1 == 0) | (count2 == 0)] = 0.0
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
