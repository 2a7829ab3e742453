"""What is done to one record: read and split it, then, when it is known what its page mentions, make its events."""

import time
from collections import Counter
from functools import cache

from agents import packed
from agents.clock import moment
from agents.messages import Options, Outcome, Output, Record, Stats
from agents.topics import Topic
from pipeline.codec import decode_raw, encode, headers_out
from pipeline.enrich import Draft, Pipeline, mentions, tag
from pipeline.errors import InvalidEvent, Reason
from pipeline.events import Alert, Article, Comment, Enriched, RawArticle
from pipeline.mapping import FieldMapping
from pipeline.rules.document import page_facts
from pipeline.rules.words import key as folded


@cache
def _mapping(raw_fields: str) -> FieldMapping:
    return FieldMapping.parse(raw_fields)


class Begun:
    """A record that is read and split, with the CPU seconds that it cost so far."""

    def __init__(self, record: Record, pipeline: Pipeline, options: Options) -> None:
        begun, cpu = time.perf_counter(), time.process_time()
        self.record, self.headers = record, dict(record.headers)
        if batch := self.headers.get(packed.HEADER):
            raise InvalidEvent(Reason.TOO_LARGE, packed.message(batch))
        self.raw = decode_raw(record.value, self.headers, options.limits, _mapping(options.raw_fields))
        self.decoding = time.perf_counter() - begun
        self.draft = Draft(self.raw, pipeline, time.perf_counter)
        self.cpu = time.process_time() - cpu


def begin(record: Record, pipeline: Pipeline, options: Options) -> Begun | Outcome:
    """Decode and split one record; InvalidEvent when it cannot be read."""
    return Begun(record, pipeline, options)


def finish(begun: Begun, pipeline: Pipeline, options: Options) -> Outcome:
    """Make and encode the events of one record; InvalidEvent when they are too large."""
    cpu = time.process_time()
    if not begun.draft.known:
        tag([begun.draft], pipeline, time.perf_counter)
    enriched, seconds = begun.draft.finish(pipeline)
    processed = time.perf_counter()
    outputs = _outputs(enriched, begun.record, begun.headers, options)
    seconds["decode"] = begun.decoding
    seconds["encode"] = time.perf_counter() - processed
    spent = begun.cpu + time.process_time() - cpu
    return Outcome(outputs=outputs, stats=_stats(enriched, begun.raw, seconds, options.publishers, spent))


def enrich(record: Record, pipeline: Pipeline, options: Options) -> Outcome:
    """Decode, process and encode one record; InvalidEvent when it cannot be read or its outputs are too large."""
    return finish(Begun(record, pipeline, options), pipeline, options)


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
