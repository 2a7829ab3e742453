"""docs/metrics.md: every metric with its kind, unit, labels and meaning, from where they are declared."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry

from agents.metrics.declare import OTHER, Declared, Label
from agents.metrics.notifier import NotifierMetrics
from agents.metrics.worker import Metrics

_HEAD = f"""# Metrics

Made by `python tools/metrics_table.py` from agents/metrics/, where each metric is declared once; do not edit.

`/metrics` of `vigie worker` and `vigie notify` answers the text format of Prometheus. A histogram has the series `_bucket`, `_sum`
and `_count`; a summary `_sum` and `_count`; `process_*` (memory, CPU, open files) are those of every Prometheus client. Times are
in seconds, sizes in bytes. A label takes only the values below; any other counts as `{OTHER}`.
"""


def markdown() -> str:
    """The whole page."""
    worker, notifier = Metrics(CollectorRegistry()).board, NotifierMetrics(CollectorRegistry()).board
    parts = [_HEAD, "## vigie worker\n", *_table(worker.declared), "## vigie notify\n", *_table(notifier.declared)]
    return "\n".join(parts)


def _table(declared: Iterable[Declared]) -> list[str]:
    rows = ["| name | kind | unit | labels | meaning |", "|---|---|---|---|---|"]
    for each in declared:
        labels = "; ".join(map(_label, each.labels))
        rows.append(f"| `{each.name}` | {each.kind} | {each.unit} | {labels} | {each.meaning} |")
    return [*rows, ""]


def _label(label: Label) -> str:
    return f"`{label.name}`: {label.words or ', '.join(label.values)}"
