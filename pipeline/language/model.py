"""The n-gram model: weights from package data, and the scores of words given as numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from pipeline.errors import InvalidModel
from pipeline.language import ngrams
from pipeline.language.letters import Numbers, Places

_BUILD = "run python -m tools.train_language, or reinstall vigie"
RANK = 16
# The class for what is no language: laughter, hands on the keyboard.
NOISE = "zxx"
# Characters whose n-grams are looked up at once: those of most pages; what they take still fits in a processor's cache.
_PIECE = 4_608

Floats = npt.NDArray[np.float32]


class Calibration(NamedTuple):
    """Turns scores into probabilities: log p times (slope + slope_per_bit * log2 grams), and a bias for `other`, alike."""

    slope: float
    slope_per_bit: float
    other: float
    other_per_bit: float


def evidence(letters: Places, words: Places) -> Floats:
    """About how many n-grams words with so many letters have, one number a text: what makes long texts surer than short ones."""
    return (4 * letters - 3 * words).astype(np.float32)


@dataclass(frozen=True)
class Model:
    """A linear model of low rank: an n-gram's row is its place among the languages, `output` leads from there to the classes.

    `rows` is int8, 16 to a row: a row is read as one number of 16 bytes, and the sums are exact in any order.
    """

    rows: npt.NDArray[np.int8]
    output: Floats
    bias: Floats
    classes: tuple[str, ...]
    calibration: Calibration
    digest: str

    @cached_property
    def bits(self) -> int:
        """Binary logarithm of the number of rows."""
        return len(self.rows).bit_length() - 1

    @cached_property
    def _packed(self) -> npt.NDArray[np.complex128]:
        """The rows as numbers of 16 bytes, which numpy gathers about four times as fast as rows of floats."""
        return self.rows.view(np.complex128).ravel()

    def sums(self, numbers: Numbers, begins: Places) -> Floats:
        """Sums of the n-grams' rows of stretches of words (`Reading.numbers`), from each begin to the next (stretches x 16)."""
        found = np.empty((RANK, begins.size), dtype=np.float32)
        cuts = {*begins.searchsorted(range(0, numbers.size, _PIECE)).tolist(), begins.size}
        for first, last in pairwise(sorted(cuts)):
            start, end = begins[first], begins[last] if last < begins.size else numbers.size
            of_starts = np.zeros((end - start, RANK), dtype=np.int16)
            for grams in ngrams.rows(numbers[start:end], self.bits):
                of_starts += self._packed.take(grams).view(np.int8).reshape(of_starts.shape)
            # Along rows of memory: in this order, with the copy, it takes two thirds of the time.
            found[:, first:last] = np.add.reduceat(of_starts.T.copy(), begins[first:last] - start, axis=1, dtype=np.int32)
        return found.T.copy()

    def scores(self, sums: Floats, amounts: Floats, columns: Sequence[int] | slice = slice(None)) -> Floats:
        """Log-scores of the classes, or of some of them, for sums of rows and their evidence (texts x classes).

        By einsum, not by `@`: BLAS rounds by how many texts there are, and a text must score the same alone and in a page.
        """
        scores: Floats = np.einsum("tr,rc->tc", sums * (amounts**-0.5)[:, None], self.output[:, columns]) + self.bias[columns]
        return scores


def load(folder: Path | None = None) -> Model:
    """The model of the package (or of `folder`); InvalidModel when its file is missing or damaged."""
    source = (folder or Path(str(files("pipeline.language")))) / "weights.npz"
    try:
        with np.load(source) as data:
            rows, output, bias = data["rows"], data["output"], data["bias"]
            model = Model(
                rows=rows,
                output=output,
                bias=bias,
                classes=tuple(data["classes"].tolist()),
                calibration=Calibration(*data["calibration"].tolist()),
                digest=blake2b(rows[::64].tobytes() + output.tobytes(), digest_size=4).hexdigest(),
            )
    except (OSError, ValueError, KeyError, TypeError, BadZipFile) as error:
        message = f"the language model {source.name} cannot be read: {_BUILD} ({type(error).__name__}: {error})"
        raise InvalidModel(message) from error
    if (
        NOISE not in model.classes
        or rows.shape != (1 << model.bits, RANK)
        or rows.dtype != np.int8
        or output.shape != (RANK, len(model.classes))
        or bias.shape != output.shape[1:]
    ):
        message = f"the parts of the language model {source.name} do not fit together: {_BUILD}"
        raise InvalidModel(message)
    return model
