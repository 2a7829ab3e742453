"""The network that judges spans (judge.py): its weights, its file, and what it makes of what it sees.

One hidden layer, beside it a direct one, four outcomes (no name, or a name of one of TYPES).
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.entities import artefacts
from pipeline.entities.candidates import TYPES
from pipeline.entities.spans import Floats

VERSION = 2
Matrix = npt.NDArray[np.float32]
SOURCES = 4  # kinds of evidence that the network sees: not the watch list
COLUMNS = 4 * 54 + SOURCES * len(TYPES) + 14
_ONE_THREAD = 1 << 18  # multiplications up to which OpenBLAS 0.3 stays in its thread (interface/gemm.c)


def _product(rows: Matrix | Floats, weights: Matrix) -> Floats:
    """Matrix product, in parts of which OpenBLAS makes no threads: these would spin on the cores that other processes work on.

    In float64: how BLAS adds up depends on how many rows there are, and what is said of a span must not.
    """
    product, weights = np.empty((len(rows), weights.shape[1])), weights.astype(np.float64)
    size = max(1, _ONE_THREAD // weights.size)
    for start in range(0, len(rows), size):
        np.dot(rows[start : start + size].astype(np.float64), weights, out=product[start : start + size])
    return product


class Network(NamedTuple):
    """Weights: `inner` from features to hidden units and, its last four columns, to outcomes; `outer` from hidden units."""

    inner: Matrix
    outer: Matrix
    inner_bias: Matrix
    outer_bias: Matrix

    def probabilities(self, features: Matrix) -> Matrix:
        """How likely each outcome is, a row a span."""
        sums = _product(features, self.inner) + self.inner_bias
        hidden = len(self.outer)
        scores = _product(np.maximum(sums[:, :hidden], 0), self.outer) + sums[:, hidden:] + self.outer_bias
        scores -= scores.max(axis=1, keepdims=True)
        likely = np.exp(scores)
        likely /= likely.sum(axis=1, keepdims=True)
        return likely.astype(np.float32)


class Artefact(artefacts.Artefact, frozen=True, kw_only=True):
    """The file before compression: float32, a row a feature or unit."""

    columns: int
    hidden: int
    weights: list[bytes]  # of Network, one after the other


_FILE = artefacts.Shipped("judge.bin", Artefact, "tools/train_judge.py")


def pack(network: Network) -> bytes:
    """The file for a network."""
    weights = [each.astype("<f4").tobytes() for each in network]
    return artefacts.pack(Artefact(version=VERSION, columns=COLUMNS, hidden=len(network.outer), weights=weights))


def unpack(packed: bytes) -> Network:
    """Read what `pack` wrote; InvalidModel if it is damaged or of another version."""
    artefact = _FILE.unpack(packed, VERSION, columns=COLUMNS)
    inner, outer, *biases = (np.frombuffer(each, dtype="<f4").astype(np.float32) for each in artefact.weights)
    return Network(inner.reshape(COLUMNS, -1), outer.reshape(artefact.hidden, -1), *biases)


def load() -> Network:
    """The network that is shipped."""
    return unpack(_FILE.read())
