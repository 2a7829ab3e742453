"""What processes of the pool run in these tests: records whose values say what is to happen."""

import os
import time
from pathlib import Path
from typing import Any

from agents import work
from agents.messages import Options, Outcome, Output, Record
from agents.topics import Topic

_EAT = 16 << 20


def start(options: Options) -> None:
    """Be bounded as a worker's process is, but begin with `happen`, without models."""
    work.restrict(options)
    work._State.options, work._State.pipeline = options, None  # noqa: SLF001 - what work.start sets
    work.begin = happen


def broken(_options: Options) -> None:
    raise RuntimeError("no models here")


def happen(record: Record, _pipeline: Any, _options: Options) -> Outcome:
    """Do what a value asks for; then answer an output that holds it."""
    value = record.value or b""
    match value.split():
        case [b"hang"]:
            time.sleep(600)
        case [b"die"]:
            os._exit(3)
        case [b"die-once", path] if not Path(path.decode()).exists():
            Path(path.decode()).touch()
            os._exit(3)
        case [b"eat"]:
            eaten = []
            while True:
                eaten.append(bytes(_EAT))
        case [b"raise"]:
            raise ValueError("the text of the page")
        case [b"pid"]:
            value = str(os.getpid()).encode()
        case [b"parent"]:
            value = str(os.getppid()).encode()
        case [b"loaded"]:
            value = str(work._State.shipped is not None).encode()  # noqa: SLF001 - what a process finds when it is forked
    return Outcome(outputs=(Output(Topic.ARTICLES, None, value, ()),))
