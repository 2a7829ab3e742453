"""What a worker tells of itself: every metric, declared once."""

from collections.abc import Iterable
from enum import StrEnum
from typing import get_args

from prometheus_client import CollectorRegistry

from agents.metrics.declare import OTHER, Board, Label
from agents.topics import OUTPUTS
from pipeline import languages
from pipeline.errors import Reason
from pipeline.events import EntityType, Origin, Severity

MAX_RULES = 500  # that have a series of their own
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
    STAGES = "stages"
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


# Upper bounds of the histograms, in seconds where they are times.
_STAGE = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_COMMIT = (0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.25, 2.5, 5, 10, 30)
_EVENT_LAG = (0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 900, 3600, 6 * 3600, 86400, 7 * 86400, 30 * 86400)
_BATCH = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
_COMMENTS = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000)
_TENTHS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1)

_TOPIC = Label("topic", OUTPUTS)
_METHOD = Label("method", SPLIT_METHODS)
_ORIGIN = Label("origin", get_args(Origin))


class Metrics:
    """The metrics of a worker, on a registry of its own: one attribute a metric.

    `publishers` are those that have series of their own (VIGIE_METRIC_PUBLISHERS).
    """

    def __init__(self, registry: CollectorRegistry, publishers: Iterable[str] = ()) -> None:
        board = Board(registry)
        self._declare_flow(board)
        self._declare_lag(board)
        self._declare_delivery(board)
        self._declare_pages(board)
        self._declare_findings(board)
        self._declare_publishers(board, tuple(publishers))
        self._declare_process(board)
        self.board = board

    def _declare_flow(self, board: Board) -> None:
        """What comes in and what goes out."""
        self.events_in = board.counter(
            "vigie_received_events_total", "events", "Raw events taken in from articles.raw, counted when their batch commits."
        )
        self.bytes_in = board.counter(
            "vigie_received_bytes_total", "bytes", "Bytes of the raw events taken in, counted when their batch commits."
        )
        self.events_out = board.counters(
            "vigie_emitted_events_total", "events", "Events committed, by topic (named without the prefix).", _TOPIC
        )
        self.bytes_out = board.counters("vigie_emitted_bytes_total", "bytes", "Bytes of the values committed, by topic.", _TOPIC)
        self.dead_letters = board.counters(
            "vigie_dead_lettered_events_total", "events", "Raw events that could not be used, by reason.",
            Label("reason", tuple(Reason)),
        )  # fmt: skip

    def _declare_lag(self, board: Board) -> None:
        """How far behind the worker is, in time and in events."""
        self.event_lag = board.histograms(
            "vigie_event_lag_seconds", "seconds", "Age of a page when its events are committed, since it was fetched or published.",
            _EVENT_LAG, Label("since", tuple(Since)),
        )  # fmt: skip
        self.consumer_lag = board.gauges(
            "vigie_consumer_lag_events", "events",
            "Raw events that wait in a partition assigned to this worker; the series goes when the partition is revoked.",
            Label("partition", (), "numbers of the partitions assigned to the worker"),
        )  # fmt: skip

    def _declare_delivery(self, board: Board) -> None:
        """Batches and their transactions."""
        self.batch_size = board.histogram("vigie_batch_size_events", "events", "Raw events in a batch.", _BATCH)
        self.queue = board.gauge("vigie_queue_batches", "batches", "Batches fetched that wait for the enrich agent.")
        self.commit_seconds = board.histogram(
            "vigie_commit_duration_seconds",
            "seconds",
            "Time of a transaction on the broker, from its beginning to its end.",
            _COMMIT,
        )
        self.transactions = board.counters(
            "vigie_ended_transactions_total", "transactions", "Transactions, by how they ended.", Label("outcome", tuple(Outcome))
        )
        self.rebalances = board.counter(
            "vigie_group_rebalances_total", "rebalances", "Rebalances of the consumer group seen by this worker."
        )

    def _declare_pages(self, board: Board) -> None:
        """How pages were processed and split."""
        self.stage_seconds = board.histograms(
            "vigie_stage_duration_seconds", "seconds", "Time that one page spends in a stage.", _STAGE, Label("stage", tuple(Stage))
        )
        self.pages_split = board.counters("vigie_split_pages_total", "pages", "Pages, by the method that split them.", _METHOD)
        self.split_confidence = board.histogram(
            "vigie_split_confidence_ratio", "ratio",
            "Probability, by vigie's own estimate, that the boundary between article and comments is exact.", _TENTHS,
        )  # fmt: skip
        self.article_comments = board.histogram("vigie_article_comments", "comments", "Comments found with an article.", _COMMENTS)

    def _declare_findings(self, board: Board) -> None:
        """What was found in the pages."""
        self.languages = board.counters(
            "vigie_language_documents_total", "documents", "Articles and comments, by language.",
            Label("language", (*languages.tags(), "und", OTHER)), _ORIGIN,
        )  # fmt: skip
        self.characters = board.counters(
            "vigie_read_characters_total", "code points",
            "Length of the texts that were analysed: headlines and bodies (article), comments; entities per 1,000 of them tell "
            "whether tagging still works.", _ORIGIN,
        )  # fmt: skip
        self.entities = board.counters(
            "vigie_tagged_entities_total", "entities", "Entities tagged in headlines, articles and comments.",
            Label("type", get_args(EntityType)),
        )  # fmt: skip
        self.alerts = board.counters(
            "vigie_raised_alerts_total", "alerts", "Alerts raised, by severity.", Label("severity", get_args(Severity))
        )
        self.rule_alerts = board.counters(
            "vigie_rule_alerts_total", "alerts", "Alerts raised, by the rule that fired.",
            Label("rule", (), f"ids of enabled rules, the first {MAX_RULES} in order"),
        )  # fmt: skip
        self.rules = board.gauge("vigie_enabled_rules", "rules", "Watch rules in force.")

    def _declare_publishers(self, board: Board, publishers: tuple[str, ...]) -> None:
        """How the pages of each publisher that is watched fare, so that a new layout of a site is seen the same day."""
        publisher = Label("publisher", publishers, "those of VIGIE_METRIC_PUBLISHERS, at most 100")
        self.publisher_pages = board.counters(
            "vigie_publisher_pages_total", "pages", "Pages of a publisher, by the method that split them.", publisher, _METHOD
        )
        self.publisher_comments = board.summaries(
            "vigie_publisher_article_comments", "comments", "Comments found with the articles of a publisher.", publisher
        )
        self.publisher_confidence = board.summaries(
            "vigie_publisher_split_confidence_ratio", "ratio", "Confidence of the splits of a publisher's pages.", publisher
        )

    def _declare_process(self, board: Board) -> None:
        """The worker itself; `process_*` are the parent's memory, CPU and open files."""
        self.pool_restarts = board.counters(
            "vigie_pool_restarts_total", "processes", "Processes of the pool that were replaced, by cause.",
            Label("cause", tuple(Restart)),
        )  # fmt: skip
        self.pool_memory = board.gauge(
            "vigie_pool_resident_memory_bytes", "bytes", "Resident memory of the processes that the worker has started, together."
        )
        self.ready = board.gauge(
            "vigie_worker_ready", "0 or 1", "1 when partitions are assigned, rules read and the broker answers; else 0."
        )
        self.build = board.info("vigie_build", "The version of vigie and of Python that runs.", "version", "python")
        board.process()

    def watch(self, rules: Iterable[str]) -> None:
        """Say which rules are enabled; the first MAX_RULES ids have a series of their own."""
        ids = sorted(set(rules))
        self.rules.set(len(ids))
        self.rule_alerts.renew(tuple(ids[:MAX_RULES]))
