"""What `vigie notify` tells of itself: every metric, declared once."""

from enum import StrEnum

from prometheus_client import CollectorRegistry

from agents.metrics.declare import Board, Label


class Taken(StrEnum):
    """What became of a record of the topic alerts: a new alert, one that is live already, one past its time, or no alert."""

    NEW = "new"
    REPEATED = "repeated"
    EXPIRED = "expired"
    REFUSED = "refused"


class Answer(StrEnum):
    """What an Alertmanager made of something: failed means no answer, or one that has nothing to do with the alerts."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    FAILED = "failed"


# Upper bounds of the histograms, in seconds.
_REQUEST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_DELAY = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 900, 3600, 6 * 3600, 86400)


class NotifierMetrics:
    """The metrics of `vigie notify`, on a registry of its own: one attribute a metric."""

    def __init__(self, registry: CollectorRegistry) -> None:
        board = Board(registry)
        self.read = board.counters(
            "vigie_notify_read_alerts_total", "alerts",
            "Records read from the topic alerts, by what became of them; after a start those of the last VIGIE_ALERT_TTL are read "
            "again.", Label("outcome", tuple(Taken)),
        )  # fmt: skip
        self.live = board.gauge("vigie_notify_live_alerts", "alerts", "Alerts that are posted again until they end.")
        self.waiting = board.gauge("vigie_notify_waiting_alerts", "alerts", "Live alerts that some Alertmanager has not taken yet.")
        self.posted = board.counters(
            "vigie_notify_posted_alerts_total", "alerts",
            "Alerts posted, repetitions included, by the answer to each; a refused one is not posted again.",
            Label("answer", (Answer.ACCEPTED, Answer.REFUSED)),
        )  # fmt: skip
        self.requests = board.counters(
            "vigie_notify_requests_total", "requests", "Requests to an Alertmanager, by its answer.", Label("answer", tuple(Answer))
        )
        self.request_seconds = board.histogram(
            "vigie_notify_request_duration_seconds", "seconds", "Time of a request to an Alertmanager.", _REQUEST
        )
        self.delay = board.histogram(
            "vigie_notify_delay_seconds", "seconds",
            "Time from an alert's record on the topic, written since this start, to the first time that an Alertmanager takes it.",
            _DELAY,
        )  # fmt: skip
        self.lag = board.gauges(
            "vigie_notify_lag_events", "events", "Records of the topic alerts that were not read yet.",
            Label("partition", (), "numbers of the topic's partitions"),
        )  # fmt: skip
        self.ready = board.gauge(
            "vigie_notify_ready", "0 or 1", "1 when the topic was read to its end and every Alertmanager answers; else 0."
        )
        board.process()
        self.board = board
