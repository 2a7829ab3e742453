"""What a process of the pool does: a task of raw records in, an outcome for each out, all as bytes.

A record that cannot be read becomes a refusal. Any other exception is a fault of ours: the record is tried once more, then
refused as `internal`. Running out of memory ends the process, so that the pool finds the page (`crashed`).
"""

import ctypes
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np

from agents.fork import spare_collections
from agents.messages import TOGETHER, Options, Outcome, Record, Refusal, RulesFile, Task, internal
from agents.parts import parts, size_of
from agents.steps import Begun, begin, finish
from pipeline.enrich import Pipeline, load_pipeline, process, tag
from pipeline.entities.watch_list import WatchList
from pipeline.errors import InvalidEvent, Reason, StageFailed
from pipeline.events import ContentType, RawArticle, WatchRule
from pipeline.stages import load_stages

EXIT_MEMORY = 71
_CHARACTERS = 1 << 16  # code points of TOGETHER pages, at most
_BYTES = 1 << 20  # of records that are split before the first of them is finished
_SHIPPED = "vigie"  # the detector that is loaded before it is known which is wanted
_PR_SET_PDEATHSIG = 1
_PARAGRAPHS = "".join(f"<p>Le ministre a reçu la presse à Bamako, paragraphe {number}.</p>" for number in range(8))
_WARM_UP: tuple[tuple[str, ContentType], ...] = (
    ("La visite a pris fin.\nSource: AFP\nMoussa le 3 mai 2026 à 10:12\nBien dit !\nRépondre", "text/plain"),
    (f"<html><body><article>{_PARAGRAPHS}{'<p>Partager</p>' * 9}</article></body></html>", "text/html"),
)
Given = TypeVar("Given")
Made = TypeVar("Made")


class _State:
    """What a process keeps between tasks; filled once by `start`."""

    shipped: Pipeline | None = None  # loaded before this process was forked
    options: Options
    pipeline: Pipeline
    rules: RulesFile | None = None


def preload() -> None:
    """Load the models that are shipped, and warm them up, once for all processes that are forked from this one."""
    _State.shipped = load_pipeline()
    _warm_up(_State.shipped)
    spare_collections()


def start(options: Options) -> None:
    """Load the models where they are not here yet, and bound this process; run once, by the pool, in each process."""
    restrict(options)
    _State.options = options
    shipped = _State.shipped if options.detector == _SHIPPED else None
    loaded = shipped or load_pipeline(detector=options.detector)
    _State.pipeline = replace(loaded, author_key=options.author_key, stages=load_stages(options.stages))
    _warm_up(_State.pipeline)
    spare_collections()  # the models stay


def _warm_up(pipeline: Pipeline) -> None:
    """Have stages load now what they load at first use, and not on a page's time."""
    for content, content_type in _WARM_UP:
        with suppress(StageFailed):  # the pages will tell, each in its dead letter
            process(RawArticle(url="https://warm.invalid/", content=content, content_type=content_type), pipeline)


def restrict(options: Options) -> None:
    """Bound this process: its memory, and its life, which ends with the process that forked it.

    A busy process does not see that its worker was killed.
    """
    resource.setrlimit(resource.RLIMIT_DATA, (options.memory, options.memory))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


@cache
def _rules_decoder() -> msgspec.json.Decoder[tuple[WatchRule, ...]]:
    return msgspec.json.Decoder(tuple[WatchRule, ...])


def prepare(rules: bytes) -> bytes:
    """Put rules and names of files in force in this process: msgpack of RulesFile or None in, nothing out.

    Ten thousand rules take some 4 s to compile (half a second when few have changed), which must not count as a page's time.
    """
    given = msgspec.msgpack.decode(rules, type=RulesFile | None)
    new, old, pipeline = given or RulesFile(), _State.rules or RulesFile(), _State.pipeline
    if new.number != old.number:
        pipeline = pipeline.with_rules(_rules_decoder().decode(Path(new.path).read_bytes()) if new.path else ())
    if new.names_number != old.names_number:
        # The names are mapped, not read: every process of this worker uses the same memory.
        pipeline = pipeline.watching(WatchList(np.memmap(new.names, dtype=np.uint8, mode="r")) if new.names else None)
    _State.pipeline, _State.rules = pipeline, given
    spare_collections()
    return b""


def run(task: bytes) -> bytes:
    """Enrich a task: msgpack of Task in, msgpack of a list of Outcome out, in order; empty where other rules are in force here."""
    given = msgspec.msgpack.decode(task, type=Task)
    if given.rules != _State.rules:
        return b""
    try:
        outcomes = enrich(given.records, _State.pipeline, _State.options)
    except MemoryError:
        os._exit(EXIT_MEMORY)
    return msgspec.msgpack.encode(outcomes)


def enrich(records: Sequence[Record], pipeline: Pipeline, options: Options) -> list[Outcome]:
    """Enrich records, each as if it were alone; the answers are in their order."""
    outcomes = []
    for some in parts(records, TOGETHER, _BYTES, size_of):
        outcomes += _together(some, pipeline, options)
    return outcomes


def _together(records: Sequence[Record], pipeline: Pipeline, options: Options) -> list[Outcome]:
    """Enrich records: what their pages mention is found together, the rest page by page."""
    begun = [_tried(begin, record, pipeline, options) for record in records]
    for some in parts([each for each in begun if isinstance(each, Begun)], TOGETHER, _CHARACTERS, lambda each: each.draft.size):
        with suppress(Exception):  # what a page provokes must cost that page alone: each is tagged by itself then
            _tag(some, pipeline)
    return [_tried(finish, each, pipeline, options) if isinstance(each, Begun) else each for each in begun]


def _tag(some: Sequence[Begun], pipeline: Pipeline) -> None:
    """Find what some pages mention; each bears its share of the CPU."""
    cpu = time.process_time()
    tag([each.draft for each in some], pipeline, time.perf_counter)
    spent = (time.process_time() - cpu) / sum(each.draft.size for each in some)
    for each in some:
        each.cpu += spent * each.draft.size


def _tried(work: Callable[[Given, Pipeline, Options], Made], given: Given, pipeline: Pipeline, options: Options) -> Made | Outcome:
    """What a step makes of a page; a fault of ours is tried twice before the record is refused."""
    for last in (False, True):
        try:
            return work(given, pipeline, options)
        except InvalidEvent as error:
            stage = "encode" if error.reason is Reason.OUTPUT_TOO_LARGE else "decode"
            return Outcome(refusal=Refusal(error.reason, error.message, stage, type(error).__name__))
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a page provokes must cost that page alone
            if last:
                return Outcome(refusal=internal(error))
    raise AssertionError("unreachable")
