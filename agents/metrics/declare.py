"""How a metric is declared: once, with its kind, unit, labels and meaning. Nothing outside this folder imports prometheus_client.

Names are `vigie_<what>_<unit>`, with `_total` after a counter's; times are in seconds, sizes in bytes. A label takes its values
from a closed set: whatever else is given counts as `other`, so hostile input can neither add series nor break a scrape.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Generic, TypeVar

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    Summary,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.parser import text_string_to_metric_families

CONTENT_TYPE = CONTENT_TYPE_LATEST
OTHER = "other"

M = TypeVar("M", bound=MetricWrapperBase)


@dataclass(frozen=True)
class Label:
    """A label: its name, the values it may take, and these in words (what is not among them counts as `other`)."""

    name: str
    values: tuple[str, ...]
    words: str = ""


@dataclass(frozen=True)
class Declared:
    """What docs/metrics.md tells of a metric."""

    name: str
    kind: str
    unit: str
    labels: tuple[Label, ...]
    meaning: str


class Bounded(Generic[M]):
    """A metric whose labels each take their values from a closed set; `of(*values)` gives one series, another value being `other`.

    Every series of the closed sets exists from the start, at 0, so that the first event of a kind shows in a rate.
    """

    def __init__(self, metric: M, *axes: tuple[str, ...]) -> None:
        self._metric = metric
        self._series: dict[tuple[str, ...], M] = {}
        self.renew(*axes)

    def renew(self, *axes: tuple[str, ...]) -> None:
        """Take other sets of values: series of values that are in both go on counting, the others go."""
        self.labels = tuple(frozenset(axis) for axis in axes)
        wanted = dict.fromkeys(product(*axes))
        for values in self._series.keys() - wanted.keys():
            self._metric.remove(*values)
        self._series = {values: self._metric.labels(*values) for values in wanted}

    def of(self, *values: str) -> M:
        """One value for each label, in the order of their declaration."""
        series = self._series.get(values)
        if series is not None:
            return series
        known = (value if value in axis else OTHER for value, axis in zip(values, self.labels, strict=True))
        return self._metric.labels(*known)


class Board:
    """Declares metrics on a registry, and keeps what was `declared`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        # `_created` would double the series of every counter and histogram, and no panel reads it
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library leaves this one function untyped
        self.registry = registry
        self.declared: list[Declared] = []

    def counter(self, name: str, unit: str, meaning: str) -> Counter:
        """A count that only grows; `name` ends in _total."""
        self._note(name, "counter", unit, meaning)
        return Counter(name, meaning, registry=self.registry)

    def counters(self, name: str, unit: str, meaning: str, *labels: Label) -> Bounded[Counter]:
        """A counter by label."""
        self._note(name, "counter", unit, meaning, labels)
        return _bounded(Counter(name, meaning, _names(labels), registry=self.registry), labels)

    def gauge(self, name: str, unit: str, meaning: str) -> Gauge:
        """A value that goes up and down."""
        self._note(name, "gauge", unit, meaning)
        return Gauge(name, meaning, registry=self.registry)

    def gauges(self, name: str, unit: str, meaning: str, *labels: Label) -> Gauge:
        """A gauge by label, whose series come and go with what they tell of; only our own numbers may be its values."""
        self._note(name, "gauge", unit, meaning, labels)
        return Gauge(name, meaning, _names(labels), registry=self.registry)

    def histogram(self, name: str, unit: str, meaning: str, buckets: Sequence[float]) -> Histogram:
        """A distribution; `buckets` are upper bounds."""
        self._note(name, "histogram", unit, meaning)
        return Histogram(name, meaning, buckets=buckets, registry=self.registry)

    def histograms(self, name: str, unit: str, meaning: str, buckets: Sequence[float], *labels: Label) -> Bounded[Histogram]:
        """A distribution by label."""
        self._note(name, "histogram", unit, meaning, labels)
        return _bounded(Histogram(name, meaning, _names(labels), buckets=buckets, registry=self.registry), labels)

    def summaries(self, name: str, unit: str, meaning: str, *labels: Label) -> Bounded[Summary]:
        """A sum and a count by label, from which a mean is had."""
        self._note(name, "summary", unit, meaning, labels)
        return _bounded(Summary(name, meaning, _names(labels), registry=self.registry), labels)

    def info(self, name: str, meaning: str, *facts: str) -> Info:
        """A series of value 1 whose labels are facts about the program."""
        self._note(f"{name}_info", "gauge", "", meaning, tuple(Label(fact, (), "what runs") for fact in facts))
        return Info(name, meaning, registry=self.registry)

    def process(self) -> None:
        """`process_*`: memory, CPU, open files and start of this process, as every Prometheus client tells them."""
        ProcessCollector(registry=self.registry)

    def _note(self, name: str, kind: str, unit: str, meaning: str, labels: Iterable[Label] = ()) -> None:
        self.declared.append(Declared(name, kind, unit, tuple(labels), meaning))


def _names(labels: Iterable[Label]) -> list[str]:
    return [label.name for label in labels]


def _bounded(metric: M, labels: Iterable[Label]) -> Bounded[M]:
    return Bounded(metric, *(label.values for label in labels))


def counters(exposed: str) -> dict[tuple[str, str], float]:
    """Values of vigie's counters in what a scrape answered, by name and label values (joined by commas)."""
    return _values(exposed, "counter")


def values(exposed: str) -> dict[tuple[str, str], float]:
    """The same with the gauges; ValueError for what no scrape answers."""
    return _values(exposed, "counter", "gauge")


def _values(exposed: str, *kinds: str) -> dict[tuple[str, str], float]:
    return {
        (sample.name, ",".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(exposed)
        if family.type in kinds and family.name.startswith("vigie_")
        for sample in family.samples
    }


def exposition(registry: CollectorRegistry) -> bytes:
    """The text that a scrape of /metrics answers, of type CONTENT_TYPE."""
    return generate_latest(registry)
