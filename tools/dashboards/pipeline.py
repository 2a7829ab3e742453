"""The dashboard `pipeline`: what comes in, what goes out, how far behind, and where the work is spent."""

from grafana_foundation_sdk.models.dashboard import Dashboard

from tools.dashboards.panels import (
    WORKERS,
    Panels,
    Series,
    board,
    figure,
    lines,
    median_and_most,
    per_second,
    quantile,
    worker_choice,
)


def _flow() -> Panels:
    """What comes in and goes out."""
    return (
        figure(
            "Workers",
            "Workers that run, and those that have partitions, have read the rules and reach the broker.",
            "short",
            (f"sum(vigie_worker_ready{{{WORKERS}}})", "ready"),
            (f"count(vigie_worker_ready{{{WORKERS}}})", "running"),
        ),
        figure(
            "Versions",
            "The versions of vigie that run, and how many workers each has. Two at once only while an upgrade is under way.",
            "short",
            (f"count by (version, python) (vigie_build_info{{{WORKERS}}})", "vigie {{version}}, Python {{python}}"),
        ),
        lines(
            "Events in and out",
            "Raw events taken in, and the events committed to each topic.",
            "cps",
            *_in_and_out("events"),
        ),
        lines(
            "Bytes in and out",
            "Bytes of the values read, and of those committed to each topic: what the broker's disks take.",
            "Bps",
            *_in_and_out("bytes"),
        ),
    )


def _in_and_out(unit: str) -> tuple[Series, Series]:
    """What is read and what is committed, in events or bytes a second."""
    return (
        (per_second(f"vigie_received_{unit}_total", WORKERS), "in: articles.raw"),
        (per_second(f"vigie_emitted_{unit}_total", WORKERS, "topic"), "out: {{topic}}"),
    )


def _refused() -> Panels:
    """What could not be used."""
    return (
        lines(
            "Dead letters",
            "Raw events that could not be used, by reason. timeout, crashed and internal are faults of vigie; the others "
            "are the event's own.",
            "cps",
            (per_second("vigie_dead_lettered_events_total", WORKERS, "reason"), "{{reason}}"),
        ),
        lines(
            "Share of dead letters",
            "Of the events of the last 15 minutes: all dead letters, and those by a fault of vigie. Alarms at 5 % and 1 %.",
            "percentunit",
            ("vigie:dead_lettered_events:ratio_rate15m", "all"),
            ("vigie:failed_events:ratio_rate15m", "faults of vigie"),
        ),
    )


def _behind() -> Panels:
    """What waits, and how old it is when it is done."""
    return (
        lines(
            "Events waiting",
            "Raw events not yet taken in, by partition. It should return to near 0 after a burst.",
            "short",
            (f"sum by (partition) (vigie_consumer_lag_events{{{WORKERS}}})", "partition {{partition}}"),
            stacked=True,
        ),
        lines(
            "Work waiting",
            "Time that the workers need for what waits, at the rate of the last 5 minutes. Alarm at 10 minutes.",
            "s",
            ("vigie:backlog_seconds:rate5m", "backlog"),
        ),
        lines(
            "Time since a page was fetched",
            "By the crawler, when the page's events are committed: how late vigie is, what waits included.",
            "s",
            *median_and_most("vigie_event_lag_seconds", f'{WORKERS}, since="fetched_at"'),
        ),
        lines(
            "Time since a page was published",
            "When its events are committed. Mostly how late the crawlers come; the scale ends at 30 days.",
            "s",
            *median_and_most("vigie_event_lag_seconds", f'{WORKERS}, since="published_at"'),
        ),
    )


def _work() -> Panels:
    """Where the time goes."""
    return (
        lines(
            "Work by stage",
            "Seconds of work each second, by stage: the sum is the number of busy processes.",
            "short",
            (per_second("vigie_stage_duration_seconds_sum", WORKERS, "stage"), "{{stage}}"),
            stacked=True,
        ),
        lines(
            "Time a page spends in a stage",
            "99th percentile, by stage.",
            "s",
            (quantile(0.99, "vigie_stage_duration_seconds", WORKERS, "stage"), "{{stage}}"),
        ),
        lines(
            "CPU of the worker's own process",
            "Seconds of CPU each second outside the pool: Kafka, transactions, metrics.",
            "short",
            (f"rate(process_cpu_seconds_total{{{WORKERS}}}[$__rate_interval])", "{{instance}}"),
        ),
    )


def build() -> Dashboard:
    """Make the dashboard."""
    return board(
        "pipeline",
        "From articles.raw to enriched events: flow, delay and work.",
        {"Flow": [*_flow(), *_refused()], "How far behind": _behind(), "Where the work is": _work()},
        variables=[worker_choice()],
    )
