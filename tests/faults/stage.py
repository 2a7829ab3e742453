"""A test-only stage before the real ones: it does to its process what the page's field `poison` says."""

import os
import time
from typing import Any

import orjson

from agents import work
from agents.messages import Options, Outcome, Record

KINDS = {"raise": "internal", "hang": "timeout", "eat": "crashed", "die": "crashed"}
_MARK = b'"poison"'
_PIECE = 16 << 20
_enrich = work.enrich


def start(options: Options) -> None:
    """What a process of the pool does first, with the stage put before the real ones."""
    work.start(options)
    work.enrich = poisoned


def poisoned(record: Record, pipeline: Any, options: Options) -> Outcome:
    """Raise, hang, exhaust memory or die as asked; else enrich."""
    if _MARK in (record.value or b""):
        happen(orjson.loads(record.value or b"")["poison"])
    return _enrich(record, pipeline, options)


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
