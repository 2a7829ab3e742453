"""The learned weights of the splitter: small named tables, fitted by tools/train_split.py, read once."""

from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from pipeline.errors import InvalidModel
from pipeline.split.certainty import CERTAINTY
from pipeline.split.evidence import PLACE_EVIDENCE
from pipeline.split.register import LINE_EVIDENCE
from pipeline.split.starts import START_EVIDENCE

_FILE = "weights.json"
Array = npt.NDArray[np.float64]


class Boundary(NamedTuple):
    """Log-odds for each item of evidence, in its order."""

    lines: Array
    places: Array


class Starts(NamedTuple):
    """Log-odds that a line begins a comment, for each item of evidence, and without any."""

    evidence: Array
    bias: float


class Weights(NamedTuple):
    """What the splitter has learned: where the comments begin, on headed pages and on bare ones, how far that can be trusted, and
    where each comment begins.
    """

    headed: Boundary
    bare: Boundary
    certainty: Array
    starts: Starts


def _column(table: dict[str, float], names: tuple[str, ...], section: str) -> Array:
    if set(table) != set(names):
        message = f"pipeline/split/{_FILE}: [{section}] does not name the evidence that the code gathers; run tools/train_split.py"
        raise InvalidModel(message)
    return np.array([table[name] for name in names])


def _boundary(data: dict[str, Any], section: str) -> Boundary:
    return Boundary(_column(data["lines"], LINE_EVIDENCE, section), _column(data["places"], PLACE_EVIDENCE, section))


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
        certainty=_column(data["certainty"], CERTAINTY, "certainty"),
        starts=Starts(_column(data["starts"], START_EVIDENCE, "starts"), float(data["start_bias"])),
    )
