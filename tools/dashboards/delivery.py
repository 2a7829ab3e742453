"""The dashboard `delivery`: batches, transactions, partitions changing hands, and the processes that do the work."""

from grafana_foundation_sdk.models.dashboard import Dashboard

from tools.dashboards.panels import (
    WORKERS,
    Panels,
    board,
    increase,
    lines,
    mean_and_most,
    median_and_most,
    per_second,
    worker_choice,
)


def _transactions() -> Panels:
    """How transactions end."""
    return (
        lines(
            "Transactions",
            "By how they ended. Aborted ones are tried again; fenced means that another worker took the partition over.",
            "cps",
            (per_second("vigie_ended_transactions_total", WORKERS, "outcome"), "{{outcome}}"),
        ),
        lines(
            "Transactions that failed",
            "By worker, in 10 minutes. Alarms: fenced again and again, or aborted and none committed (the "
            "broker's disk is full, or it is away).",
            "short",
            ('vigie:ended_transactions:increase10m{outcome!="committed", instance=~"$instance"}', "{{instance}}: {{outcome}}"),
        ),
        lines(
            "Time of a commit",
            "From the beginning of a transaction on the broker to its end.",
            "s",
            *median_and_most("vigie_commit_duration_seconds", WORKERS),
        ),
    )


def _batches() -> Panels:
    """What a transaction holds, what waits for one, and partitions changing hands."""
    return (
        lines(
            "Events in a batch",
            "Small batches at low load, larger ones as it grows.",
            "short",
            *mean_and_most("vigie_batch_size_events", WORKERS),
        ),
        lines(
            "Batches waiting",
            "Batches fetched that wait for the enrich agent, by worker. Some: the processes are the bottleneck; none: they wait "
            "for Kafka or for pages.",
            "short",
            (f"vigie_queue_batches{{{WORKERS}}}", "{{instance}}"),
        ),
        lines(
            "Rebalances",
            "Rebalances of the consumer group, by the worker that saw them. A steady rate means that workers come and go.",
            "short",
            (increase("vigie_group_rebalances_total", WORKERS, "instance"), "{{instance}}"),
        ),
    )


def _processes() -> Panels:
    """The worker and its pool."""
    return (
        lines(
            "Processes replaced",
            "timeout and crashed cost the page that did it; recycled is routine.",
            "short",
            (increase("vigie_pool_restarts_total", WORKERS, "cause"), "{{cause}}"),
        ),
        lines(
            "Memory",
            "Resident memory of each worker's own process, and of its pool's processes together.",
            "bytes",
            (f"process_resident_memory_bytes{{{WORKERS}}}", "{{instance}}"),
            (f"vigie_pool_resident_memory_bytes{{{WORKERS}}}", "{{instance}}: pool"),
        ),
        lines(
            "Open files",
            "File descriptors of each worker's own process. It should not grow with time.",
            "short",
            (f"process_open_fds{{{WORKERS}}}", "{{instance}}"),
        ),
    )


def build() -> Dashboard:
    """Make the dashboard."""
    return board(
        "delivery",
        "Exactly once: batches and their transactions, rebalances, and the pool.",
        {"Batches and transactions": [*_transactions(), *_batches()], "Processes": _processes()},
        variables=[worker_choice()],
    )
