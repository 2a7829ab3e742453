"""Our own work for a record, as every other framework is given it: decode, process, encode, headers."""

import os
from collections.abc import Sequence

from agents.messages import Options, Output, Record
from agents.settings import Settings
from agents.steps import enrich
from pipeline.enrich import load_pipeline

SETTINGS = Settings.from_env(os.environ)
FOLDER = os.environ["BENCH_FOLDER"]
GROUP = SETTINGS.prefix + "peer"
_OPTIONS = Options(limits=SETTINGS.limits, detector="vigie", source="vigie", memory=0)
_pipeline = load_pipeline()

Headers = Sequence[tuple[str, bytes | None]]


def outputs(value: bytes, headers: Headers, milliseconds: int) -> tuple[Output, ...]:
    """The events of a raw record, as the worker's own processes make them."""
    return enrich(Record(value, tuple(headers), milliseconds / 1000), _pipeline, _OPTIONS).outputs


def topic(output: Output) -> str:
    return SETTINGS.topic(output.topic)
