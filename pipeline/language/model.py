"""The n-gram model: weights from package data, and the score of a list of words."""

from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from pipeline.errors import InvalidModel
from pipeline.language import ngrams

_BUILD = "run python -m tools.train_language, or reinstall vigie"

# Bytes of encoded text that are computed together: few enough to stay in the processor's cache.
_CHUNK = 1 << 13

Floats = npt.NDArray[np.float32]


class Calibration(NamedTuple):
    """Turns scores into probabilities: log p times (slope + slope_per_bit * log2 grams), and a bias for `other`, alike."""

    slope: float
    slope_per_bit: float
    other: float
    other_per_bit: float


def evidence(words: list[str]) -> int:
    """About how many n-grams the words have: what makes long texts surer than short ones."""
    return 5 * sum(map(len, words)) - 4 * len(words)


@cache
def _ones(size: int) -> Floats:
    return np.ones(size, dtype=np.float32)


@dataclass(frozen=True)
class Model:
    """A linear model of low rank: an n-gram's row is its place among the languages, `output` leads from there to the classes.

    `rows` holds whole numbers (int8 in the file), so that their sum is exact in any order.
    """

    rows: Floats
    output: Floats
    bias: Floats
    classes: tuple[str, ...]
    calibration: Calibration
    digest: str

    @cached_property
    def bits(self) -> int:
        """Binary logarithm of the number of rows."""
        return len(self.rows).bit_length() - 1

    def score(self, texts: list[list[str]]) -> tuple[Floats, Floats]:
        """Log-scores of the classes for texts given as Latin words, at least one each (texts x classes); and evidence(words)."""
        encoded = [ngrams.encoded(words) for words in texts]
        amounts = np.array([evidence(words) for words in texts], dtype=np.float32)
        hidden = np.empty((len(texts), self.output.shape[0]), dtype=np.float32)
        first = 0
        while first < len(texts):
            last, size = first + 1, len(encoded[first])
            while last < len(texts) and size + len(encoded[last]) <= _CHUNK:
                size += len(encoded[last])
                last += 1
            self._sum(encoded[first:last], hidden[first:last])
            first = last
        hidden *= (amounts**-0.5)[:, None]
        return hidden @ self.output + self.bias, amounts

    def _sum(self, encoded: list[bytes], hidden: Floats) -> None:
        """Sum the rows of some texts, each into its line of `hidden`."""
        found = self.rows.take(ngrams.rows(b"".join(encoded), self.bits).ravel(), axis=0)
        start = 0
        for line, text in zip(hidden, encoded, strict=True):
            size = len(text) // 2 * ngrams.ORDERS
            # A product with ones sums five times as fast as `sum`, and as exactly: the rows are whole numbers.
            np.matmul(_ones(max(_CHUNK, 1 << size.bit_length()))[:size], found[start : start + size], out=line)
            start += size


def load(folder: Path | None = None) -> Model:
    """The model of the package (or of `folder`); InvalidModel when its file is missing or damaged."""
    source = (folder or Path(str(files("pipeline.language")))) / "weights.npz"
    try:
        with np.load(source) as data:
            rows, output, bias = data["rows"], data["output"], data["bias"]
            model = Model(
                rows=rows.astype(np.float32),
                output=output,
                bias=bias,
                classes=tuple(data["classes"].tolist()),
                calibration=Calibration(*data["calibration"].tolist()),
                digest=blake2b(rows[::64].tobytes() + output.tobytes(), digest_size=4).hexdigest(),
            )
    except (OSError, ValueError, KeyError, TypeError, BadZipFile) as error:
        message = f"the language model {source.name} cannot be read: {_BUILD} ({type(error).__name__}: {error})"
        raise InvalidModel(message) from error
    if len(rows) != 1 << model.bits or output.shape != (rows.shape[1], len(model.classes)) or bias.shape != output.shape[1:]:
        message = f"the parts of the language model {source.name} do not fit together: {_BUILD}"
        raise InvalidModel(message)
    return model
