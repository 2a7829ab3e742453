"""The n-gram model: weights mapped from package data, and the score of a list of words."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.errors import InvalidModel
from pipeline.language import ngrams

_CACHED_WORDS = 1 << 16
_BUILD = "run tools/train_language.py, or reinstall vigie"


class Evidence(NamedTuple):
    """What the words of a text say: log-scores by class, how many n-grams, and how many words each dictionary holds."""

    scores: npt.NDArray[np.float32]
    grams: int
    hits: npt.NDArray[np.int64]


class Calibration(NamedTuple):
    """Turns scores into probabilities: log p times (slope + slope_per_bit * log2 grams), and a bias for `other`, alike."""

    slope: float
    slope_per_bit: float
    other: float
    other_per_bit: float


@dataclass
class Model:
    """Weights, classes and the scores of the words seen lately (a word's score is the sum of its n-grams' weights)."""

    weights: npt.NDArray[np.int8]
    scale: float
    bias: npt.NDArray[np.float32]
    classes: tuple[str, ...]
    calibration: Calibration
    digest: str
    dictionaries: tuple[frozenset[str], ...] = ()
    _slots: dict[str, int] = field(default_factory=dict)
    _table: npt.NDArray[np.int16] = field(init=False)

    def __post_init__(self) -> None:
        self.bits = self.weights.shape[0].bit_length() - 1
        columns = len(self.classes) + 1 + len(self.dictionaries)
        self._table = np.empty((_CACHED_WORDS, columns), dtype=np.int16)

    def score(self, words: list[str]) -> Evidence:
        """Evidence of Latin words, at least one; a word counts as often as it is there."""
        slots = self._slots
        try:
            places = [slots[word] for word in words]
        except KeyError:
            self._learn(list(dict.fromkeys(word for word in words if word not in slots)), words)
            places = [self._slots[word] for word in words]
        sums = self._table[places].sum(axis=0, dtype=np.int64)
        size = len(self.classes)
        grams = int(sums[size])
        return Evidence(sums[:size] * np.float32(self.scale / grams**0.5) + self.bias, grams, sums[size + 1 :])

    def _learn(self, new: list[str], words: list[str]) -> None:
        """Put the scores of new words into the table; a full table starts afresh."""
        slots = self._slots
        if len(slots) + len(new) > _CACHED_WORDS:
            slots.clear()
            new = list(dict.fromkeys(words))
        rows, starts = ngrams.rows(new, self.bits)
        whole = [ngrams.word_row(word, self.bits) for word in new]
        sums = np.add.reduceat(self.weights[rows], starts, axis=0, dtype=np.int16) + self.weights[whole]
        first, size = len(slots), len(self.classes)
        block = self._table[first : first + len(new)]
        block[:, :size] = sums
        block[:, size] = np.add.reduceat(rows > 0, starts, dtype=np.int16) + 1
        for column, dictionary in enumerate(self.dictionaries, size + 1):
            block[:, column] = [word in dictionary for word in new]
        slots.update(zip(new, range(first, first + len(new)), strict=True))


def load(dictionaries: Mapping[str, frozenset[str]], folder: Path | None = None) -> Model:
    """The model of the package (or of `folder`); InvalidModel when a file is missing or does not fit the other."""
    source = folder or Path(str(files("pipeline.language")))
    try:
        data = tomllib.loads((source / "model.toml").read_text(encoding="utf-8"))
        weights = np.load(source / "weights.npy", mmap_mode="r")
        bias = np.array(data["bias"], dtype=np.float32)
        classes = tuple(data["classes"])
        model = Model(
            weights=weights,
            scale=data["scale"],
            bias=bias,
            classes=classes,
            calibration=Calibration(**data["calibration"]),
            digest=blake2b(bytes(weights[: 1 << 12]) + repr(data).encode(), digest_size=4).hexdigest(),
            dictionaries=tuple(dictionaries.values()),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"the language model in {source.name}/ (weights.npy, model.toml) cannot be read: {_BUILD} ({error})"
        raise InvalidModel(message) from error
    if weights.shape != (1 << model.bits, len(classes)) or weights.dtype != np.int8 or len(bias) != len(classes):
        message = f"weights.npy and model.toml of the language model do not fit together: {_BUILD}"
        raise InvalidModel(message)
    return model
