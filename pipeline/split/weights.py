"""The learned weights of the splitter: small named tables, fitted by tools/train_split.py, read once."""

from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from pipeline.errors import InvalidModel
from pipeline.split.evidence import PLACE_EVIDENCE
from pipeline.split.register import LINE_EVIDENCE
from pipeline.split.starts import START_EVIDENCE

_FILE = "weights.json"
Array = npt.NDArray[np.float64]


class Boundary(NamedTuple):
    """Log-odds for each item of evidence, in its order; `scale` and `bias` make the log-odds of the choice those of being exact."""

    lines: Array
    places: Array
    scale: float
    bias: float


class Weights(NamedTuple):
    """What the splitter has learned: where the comments begin, on headed pages and on bare ones, and where each comment does."""

    headed: Boundary
    bare: Boundary
    starts: Array
    start_bias: float


def _column(table: dict[str, float], names: tuple[str, ...], section: str) -> Array:
    if set(table) != set(names):
        message = f"pipeline/split/{_FILE}: [{section}] does not name the evidence that the code gathers; run tools/train_split.py"
        raise InvalidModel(message)
    return np.array([table[name] for name in names])


def _boundary(data: dict[str, Any], section: str) -> Boundary:
    lines, places = _column(data["lines"], LINE_EVIDENCE, section), _column(data["places"], PLACE_EVIDENCE, section)
    return Boundary(lines, places, float(data["scale"]), float(data["bias"]))


@cache
def weights() -> Weights:
    """The weights that are shipped; InvalidModel when the file is missing or does not fit the code."""
    try:
        data: dict[str, Any] = msgspec.json.decode(files(__package__).joinpath(_FILE).read_bytes())
    except (OSError, msgspec.DecodeError) as error:
        message = f"pipeline/split/{_FILE} cannot be read ({error}); run tools/train_split.py"
        raise InvalidModel(message) from error
    return Weights(
        headed=_boundary(data["headed"], "headed"),
        bare=_boundary(data["bare"], "bare"),
        starts=_column(data["starts"], START_EVIDENCE, "starts"),
        start_bias=float(data["start_bias"]),
    )
