"""A test-only stage before the real ones: it does to its process what the page's field `poison` says."""

import os
import time
from typing import Any

import orjson

from agents import work
from agents.messages import Options, Outcome, Record
from agents.steps import Begun

KINDS = {"raise": "internal", "hang": "timeout", "eat": "crashed", "die": "crashed"}
_MARK = b'"poison"'
_PIECE = 16 << 20
_begin = work.begin


def start(options: Options) -> None:
    """What a process of the pool does first, with the stage put before the real ones."""
    work.start(options)
    work.begin = poisoned


def poisoned(record: Record, pipeline: Any, options: Options) -> Begun | Outcome:
    """Raise, hang, exhaust memory or die as asked; else begin."""
    if _MARK in (record.value or b""):
        happen(orjson.loads(record.value or b"")["poison"])
    return _begin(record, pipeline, options)


def happen(kind: str) -> None:
    match kind:
        case "raise":
            raise ValueError("the text of the page")
        case "hang":
            time.sleep(600)
        case "die":
            os._exit(3)
        case "eat":
            eaten = []
            while True:
                eaten.append(bytes(_PIECE))
