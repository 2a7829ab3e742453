"""Every metric, declared once with its meaning; nothing else imports prometheus_client.

Names are `vigie_<what>_<unit>`, with `_total` after a counter's; times are in seconds, sizes in bytes. A label takes its values
from a closed set: whatever else is given counts as `other`, so hostile input can neither add series nor break a scrape.
"""

from enum import StrEnum
from itertools import product
from typing import Generic, TypeVar, get_args

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.parser import text_string_to_metric_families

from agents.topics import OUTPUTS
from pipeline import languages
from pipeline.errors import Reason
from pipeline.events import EntityType, Origin, Severity

__all__ = ["CollectorRegistry", "Metrics", "Bounded", "Outcome", "Restart", "Since", "Stage", "exposition", "CONTENT_TYPE"]

CONTENT_TYPE = CONTENT_TYPE_LATEST
OTHER = "other"
# The `method` of a layout (pipeline/split/layout.py).
SPLIT_METHODS = ("plain_headers", "plain_bare", "plain_none", "html_comments", "html_body", "html_plain")


class Stage(StrEnum):
    """The steps of a page's way, in order; process() gives the seconds of each."""

    DECODE = "decode"
    SPLIT = "split"
    LANGUAGE = "language"
    ENTITIES = "entities"
    QUOTES = "quotes"
    ASSEMBLE = "assemble"
    ALERTS = "alerts"
    ENCODE = "encode"


class Restart(StrEnum):
    """Why a process of the pool was replaced."""

    TIMEOUT = "timeout"
    CRASHED = "crashed"
    RECYCLED = "recycled"


class Outcome(StrEnum):
    """How a transaction ended; fenced means that another worker had taken the partition over."""

    COMMITTED = "committed"
    ABORTED = "aborted"
    FENCED = "fenced"


class Since(StrEnum):
    """The timestamp of an event that its lag is counted from."""

    FETCHED_AT = "fetched_at"
    PUBLISHED_AT = "published_at"


M = TypeVar("M", bound=MetricWrapperBase)

# Upper bounds of the histograms, in seconds where they are times.
_STAGE = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_COMMIT = (0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.25, 2.5, 5, 10, 30)
_EVENT_LAG = (0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 900, 3600, 6 * 3600, 86400, 7 * 86400, 30 * 86400)
_BATCH = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
_COMMENTS = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000)
_TENTHS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1)


class Bounded(Generic[M]):
    """A metric whose labels each take their values from a closed set; `of(*values)` gives one series, another value being `other`.

    Every series of the closed sets exists from the start, at 0, so that the first event of a kind shows in a rate.
    """

    def __init__(self, metric: M, *axes: tuple[str, ...]) -> None:
        self._metric = metric
        self.labels = tuple(frozenset(axis) for axis in axes)
        self._series = {values: metric.labels(*values) for values in product(*axes)}

    def of(self, *values: str) -> M:
        """One value for each label, in the order of their declaration."""
        series = self._series.get(values)
        if series is not None:
            return series
        known = (value if value in axis else OTHER for value, axis in zip(values, self.labels, strict=True))
        return self._metric.labels(*known)


class Metrics:
    """What a worker tells of itself, on a registry of its own: one attribute a metric, each declared with its meaning."""

    def __init__(self, registry: CollectorRegistry) -> None:
        # `_created` would double the series of every counter and histogram, and no panel reads it
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library leaves this one function untyped
        self._declare_flow(registry)
        self._declare_lag(registry)
        self._declare_delivery(registry)
        self._declare_pages(registry)
        self._declare_findings(registry)
        self._declare_process(registry)

    def _declare_flow(self, registry: CollectorRegistry) -> None:
        """What comes in and what goes out."""
        self.events_in = Counter(
            "vigie_received_events_total",
            "Raw events taken in from articles.raw, counted when their batch commits.",
            registry=registry,
        )
        self.bytes_in = Counter(
            "vigie_received_bytes_total", "Bytes of the raw events taken in, counted when their batch commits.", registry=registry
        )
        self.events_out = Bounded(
            Counter(
                "vigie_emitted_events_total", "Events committed, by topic (named without the prefix).", ["topic"], registry=registry
            ),
            OUTPUTS,
        )
        self.bytes_out = Bounded(
            Counter("vigie_emitted_bytes_total", "Bytes of the values committed, by topic.", ["topic"], registry=registry), OUTPUTS
        )
        self.dead_letters = Bounded(
            Counter(
                "vigie_dead_lettered_events_total", "Raw events that could not be used, by reason.", ["reason"], registry=registry
            ),
            tuple(Reason),
        )

    def _declare_lag(self, registry: CollectorRegistry) -> None:
        """How far behind the worker is, in time and in events."""
        self.event_lag = Bounded(
            Histogram(
                "vigie_event_lag_seconds",
                "Age of a page when its events are committed, since it was fetched or published.",
                ["since"],
                buckets=_EVENT_LAG,
                registry=registry,
            ),
            tuple(Since),
        )
        self.consumer_lag = Gauge(
            "vigie_consumer_lag_events",
            "Raw events that wait in a partition assigned to this worker; the series goes when the partition is revoked.",
            ["partition"],
            registry=registry,
        )

    def _declare_delivery(self, registry: CollectorRegistry) -> None:
        """Batches and their transactions."""
        self.batch_size = Histogram("vigie_batch_size_events", "Raw events in a batch.", buckets=_BATCH, registry=registry)
        self.queue = Gauge("vigie_queue_batches", "Batches fetched that wait for the enrich agent.", registry=registry)
        self.commit_seconds = Histogram(
            "vigie_commit_duration_seconds",
            "Time of a transaction on the broker, from its beginning to its end.",
            buckets=_COMMIT,
            registry=registry,
        )
        self.transactions = Bounded(
            Counter("vigie_ended_transactions_total", "Transactions, by how they ended.", ["outcome"], registry=registry),
            tuple(Outcome),
        )
        self.rebalances = Counter(
            "vigie_group_rebalances_total", "Rebalances of the consumer group seen by this worker.", registry=registry
        )

    def _declare_pages(self, registry: CollectorRegistry) -> None:
        """How pages were processed and split."""
        self.stage_seconds = Bounded(
            Histogram(
                "vigie_stage_duration_seconds",
                "Time that one page spends in a stage.",
                ["stage"],
                buckets=_STAGE,
                registry=registry,
            ),
            tuple(Stage),
        )
        self.pages_split = Bounded(
            Counter("vigie_split_pages_total", "Pages, by the method that split them.", ["method"], registry=registry),
            SPLIT_METHODS,
        )
        self.split_confidence = Histogram(
            "vigie_split_confidence_ratio",
            "Probability, by vigie's own estimate, that the boundary between article and comments is exact.",
            buckets=_TENTHS,
            registry=registry,
        )
        self.article_comments = Histogram(
            "vigie_article_comments", "Comments found with an article.", buckets=_COMMENTS, registry=registry
        )

    def _declare_findings(self, registry: CollectorRegistry) -> None:
        """What was found in the pages."""
        self.languages = Bounded(
            Counter(
                "vigie_language_documents_total", "Articles and comments, by language.", ["language", "origin"], registry=registry
            ),
            (*languages.tags(), "und", OTHER),
            get_args(Origin),
        )
        self.entities = Bounded(
            Counter(
                "vigie_tagged_entities_total", "Entities tagged in headlines, articles and comments.", ["type"], registry=registry
            ),
            get_args(EntityType),
        )
        self.alerts = Bounded(
            Counter("vigie_raised_alerts_total", "Alerts raised, by severity.", ["severity"], registry=registry), get_args(Severity)
        )

    def _declare_process(self, registry: CollectorRegistry) -> None:
        """The worker itself; `process_*` are the parent's memory, CPU and open files."""
        self.pool_restarts = Bounded(
            Counter(
                "vigie_pool_restarts_total", "Processes of the pool that were replaced, by cause.", ["cause"], registry=registry
            ),
            tuple(Restart),
        )
        self.ready = Gauge(
            "vigie_worker_ready", "1 when partitions are assigned, rules read and the broker answers; else 0.", registry=registry
        )
        self.build = Info("vigie_build", "The version of vigie and of Python that runs.", registry=registry)
        self.process = ProcessCollector(registry=registry)


def counters(exposed: str) -> dict[tuple[str, str], float]:
    """Values of vigie's counters in what a scrape answered, by name and label values (joined by commas)."""
    return {
        (sample.name, ",".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(exposed)
        if family.type == "counter" and family.name.startswith("vigie_")
        for sample in family.samples
    }


def exposition(registry: CollectorRegistry) -> bytes:
    """The text that a scrape of /metrics answers, of type CONTENT_TYPE."""
    return generate_latest(registry)
