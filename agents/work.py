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
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path

import msgspec
import numpy as np

from agents import packed
from agents.clock import moment
from agents.fork import spare_collections
from agents.messages import Options, Outcome, Output, Record, Refusal, RulesFile, Stats, Task, internal
from agents.topics import Topic
from pipeline.codec import decode_raw, encode, headers_out
from pipeline.enrich import Pipeline, load_pipeline, mentions, process
from pipeline.entities.watch_list import WatchList
from pipeline.errors import InvalidEvent, Reason, StageFailed
from pipeline.events import Alert, Article, Comment, ContentType, Enriched, RawArticle, WatchRule
from pipeline.mapping import OURS, FieldMapping
from pipeline.rules.document import page_facts
from pipeline.rules.words import key as folded
from pipeline.stages import load_stages

EXIT_MEMORY = 71
_SHIPPED = "vigie"  # the detector that is loaded before it is known which is wanted
_PR_SET_PDEATHSIG = 1
_PARAGRAPHS = "".join(f"<p>Le ministre a reçu la presse à Bamako, paragraphe {number}.</p>" for number in range(8))
_WARM_UP: tuple[tuple[str, ContentType], ...] = (
    ("La visite a pris fin.\nSource: AFP\nMoussa le 3 mai 2026 à 10:12\nBien dit !\nRépondre", "text/plain"),
    (f"<html><body><article>{_PARAGRAPHS}{'<p>Partager</p>' * 9}</article></body></html>", "text/html"),
)


class _State:
    """What a process keeps between tasks; filled once by `start`."""

    shipped: Pipeline | None = None  # loaded before this process was forked
    options: Options
    pipeline: Pipeline
    mapping: FieldMapping = OURS
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
    _State.mapping = FieldMapping.parse(options.raw_fields)
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
        outcomes = [_outcome(record, _State.pipeline, _State.options) for record in given.records]
    except MemoryError:
        os._exit(EXIT_MEMORY)
    return msgspec.msgpack.encode(outcomes)


def _outcome(record: Record, pipeline: Pipeline, options: Options) -> Outcome:
    """Enrich a record; a fault of ours is tried twice before the record is refused."""
    for last in (False, True):
        try:
            return enrich(record, pipeline, options)
        except InvalidEvent as error:
            stage = "encode" if error.reason is Reason.OUTPUT_TOO_LARGE else "decode"
            return Outcome(refusal=Refusal(error.reason, error.message, stage, type(error).__name__))
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a page provokes must cost that page alone
            if last:
                return Outcome(refusal=internal(error))
    raise AssertionError("unreachable")


def enrich(record: Record, pipeline: Pipeline, options: Options) -> Outcome:
    """Decode, process and encode one record; InvalidEvent when it cannot be read or its outputs are too large."""
    begun, cpu = time.perf_counter(), time.process_time()
    headers = dict(record.headers)
    if batch := headers.get(packed.HEADER):
        raise InvalidEvent(Reason.TOO_LARGE, packed.message(batch))
    raw = decode_raw(record.value, headers, options.limits, _State.mapping)
    decoded = time.perf_counter()
    enriched, seconds = process(raw, pipeline, time.perf_counter)
    processed = time.perf_counter()
    outputs = _outputs(enriched, record, headers, options)
    seconds["decode"] = decoded - begun
    seconds["encode"] = time.perf_counter() - processed
    return Outcome(outputs=outputs, stats=_stats(enriched, raw, seconds, options.publishers, time.process_time() - cpu))


def _outputs(enriched: Enriched, record: Record, headers: dict[str, bytes | None], options: Options) -> tuple[Output, ...]:
    """Encode the events of a page: the article, its comments, its alerts, all under the article's id."""
    key = enriched.article.id.encode()
    when = enriched.article.fetched_at or moment(record.timestamp * 1000)
    outputs = []
    events: list[tuple[Topic, Article | Comment | Alert]] = [(Topic.ARTICLES, enriched.article)]
    events += [(Topic.COMMENTS, comment) for comment in enriched.comments]
    events += [(Topic.ALERTS, alert) for alert in enriched.alerts]
    for topic, event in events:
        value = encode(event)
        if len(value) > options.limits.output_bytes:
            size = f"an output for {topic} has {len(value)} bytes, over {options.limits.output_bytes}"
            raise InvalidEvent(Reason.OUTPUT_TOO_LARGE, f"{size}; raise VIGIE_OUTPUT_BYTES and the topic's max.message.bytes")
        outputs.append(
            Output(topic, key, value, tuple(headers_out(event, event_time=when, source=options.source, incoming=headers)))
        )
    return tuple(outputs)


def _stats(enriched: Enriched, raw: RawArticle, seconds: dict[str, float], publishers: tuple[str, ...], cpu: float) -> Stats:
    article = enriched.article
    facts = page_facts(article)
    return Stats(
        cpu=cpu,
        seconds=seconds,
        method=article.split.method,
        confidence=article.split.confidence,
        comments=len(enriched.comments),
        languages={"article": [article.language.tag], "comment": [comment.language.tag for comment in enriched.comments]},
        entities=Counter(entity.type for entity in mentions(enriched)),
        severities=Counter(alert.rule.severity for alert in enriched.alerts),
        rules=Counter(alert.rule.id for alert in enriched.alerts),
        characters={
            "article": len(article.headline or "") + len(article.body),
            "comment": sum(len(comment.text) for comment in enriched.comments),
        },
        publisher=next((name for name in publishers if ("publisher", folded(name)) in facts), ""),
        fetched_at=raw.fetched_at.timestamp() if raw.fetched_at else None,
        published_at=article.published_at.timestamp() if article.published_at else None,
    )
