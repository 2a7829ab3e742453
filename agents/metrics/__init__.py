"""Metrics: how one is declared (declare.py), a worker's (worker.py), a notifier's (notifier.py), their table (table.py)."""

from prometheus_client import CollectorRegistry

from agents.metrics.declare import CONTENT_TYPE, OTHER, Bounded, counters, exposition, values
from agents.metrics.worker import SPLIT_METHODS, Metrics, Outcome, Restart, Since, Stage

__all__ = [
    "CollectorRegistry", "Metrics", "Bounded", "Outcome", "Restart", "Since", "Stage", "SPLIT_METHODS", "OTHER",
    "counters", "values", "exposition", "CONTENT_TYPE",
]  # fmt: skip
