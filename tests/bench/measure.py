"""Rows of measurements, and the clocks and counters that they come from."""

import gc
import os
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import psutil


@dataclass
class Row:
    """One measure: its values, one a repetition, in the order in which they were taken."""

    name: str
    unit: str
    values: list[float] = field(default_factory=list)
    wanted: str = ""
    note: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def as_dict(self) -> dict[str, Any]:
        """For the JSON: the values and what the table says of them."""
        return asdict(self) | {"median": self.median, "low": min(self.values), "high": max(self.values)}


class Rows:
    """Rows in the order of their first value."""

    def __init__(self) -> None:
        self._rows: dict[str, Row] = {}

    def add(self, name: str, unit: str, value: float, *, wanted: str = "", note: str = "") -> None:
        """Add the value of a repetition to the row of this name."""
        self._rows.setdefault(name, Row(name, unit, wanted=wanted, note=note)).values.append(value)

    def all(self) -> list[Row]:
        return list(self._rows.values())


def cpu_seconds(work: Callable[[], object], repetitions: int = 3) -> float:
    """CPU seconds of a call: the least of several, since whatever else runs here can only add to one."""
    least = float("inf")
    for _ in range(repetitions):
        gc.collect()
        begun = time.process_time()
        work()
        least = min(least, time.process_time() - begun)
    return least


def cpu_of(processes: list[psutil.Process]) -> float:
    """CPU seconds of processes and of all that they started and that still runs."""
    each = {child.pid: child for process in processes for child in (process, *process.children(recursive=True))}
    return sum(sum(process.cpu_times()[:2]) for process in each.values())


def machine() -> str:
    """The machine in words."""
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "")  # noqa: SIM115, PTH123
    cores, memory = len(os.sched_getaffinity(0)), psutil.virtual_memory().total / 2**30
    load = os.getloadavg()[2]
    kind = f"{cores} cores of {model or platform.machine()}, {memory:.0f} GiB"
    return f"{kind}, Linux {platform.release()}, Python {platform.python_version()}; load over the 15 minutes before: {load:.1f}"
