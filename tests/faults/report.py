"""docs/reliability.md: a row for each run of a part, from the figures of its rounds."""

import statistics
import subprocess
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

_PAGE = Path("docs") / "reliability.md"
_MARK = "<!-- rows -->"
_WANTED_SECONDS = 30  # in which throughput is to be back
_FAULTS = ("lost", "duplicated", "torn", "reordered", "strange", "misjudged", "changed", "crashes")


def read(kept: Path) -> list[dict[str, Any]]:
    """The figures of the rounds that were run."""
    return [orjson.loads(line) for line in kept.read_bytes().splitlines()] if kept.exists() else []


def wrong(figures: dict[str, Any]) -> bool:
    """Whether a round broke a promise, or did not end."""
    return "failed" in figures or any(figures.get(name) for name in _FAULTS)


def write(part: str, promise: str, done: list[dict[str, Any]], wanted: int) -> None:
    """Put a row under the last one, in the place of the part's earlier one."""
    lines = [line for line in _PAGE.read_text(encoding="utf-8").splitlines() if not line.startswith(f"| {part} |")]
    lines.insert(lines.index(_MARK), row(part, promise, done, wanted))
    _PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def row(part: str, promise: str, done: list[dict[str, Any]], wanted: int) -> str:
    """One row: when, which commit, what was done to how many records, what was found."""
    ended = [each for each in done if "failed" not in each]
    commits = ", ".join(sorted({each["commit"] for each in done}))
    kinds: Counter[str] = Counter()
    records: Counter[str] = Counter()
    for each in ended:
        kinds.update(each.get("kinds", {}))
        records.update(each.get("records", {}))
    found = {name: int(sum(each.get(name, 0) for each in ended)) for name in _FAULTS if any(name in each for each in ended)}
    outputs = sum(count for topic, count in records.items() if topic != "articles.raw")
    cells = [
        part, f"{datetime.now(UTC):%Y-%m-%d}, {commits}", f"{promise}: {_kinds(kinds)}",
        f"{len(done)} of {wanted} rounds{_failed(done)}", f"{sum(each.get('events', 0) for each in ended):,}; {outputs:,}",
        "; ".join(f"{count} {name}" for name, count in found.items()), _seconds(ended), "; ".join(_notes(ended)),
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _kinds(kinds: Counter[str]) -> str:
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in sorted(kinds.items()))


def _failed(done: list[dict[str, Any]]) -> str:
    failed = [each["failed"] for each in done if "failed" in each]
    return f", of which {len(failed)} did not end ({failed[0][:120]})" if failed else ""


def _seconds(ended: list[dict[str, Any]]) -> str:
    """How soon work went on: median and longest of the first event, and of 80 % of the undisturbed throughput."""
    first = [seconds for each in ended for seconds in each.get("first", ())]
    full = [seconds for each in ended for seconds in each.get("recovered", ())]
    if not first:
        return ""
    told = f"first event after {statistics.median(first):.1f} s ({max(first):.1f})"
    if full:
        soon = sum(seconds <= _WANTED_SECONDS for seconds in full)
        told += f"; 80 % after {statistics.median(full):.1f} s ({max(full):.1f})"
        told += f", within {_WANTED_SECONDS} s {soon} of {len(full)} times"
    return told


def _notes(ended: list[dict[str, Any]]) -> list[str]:
    """What rounds say of themselves, and how busy the machine was: on one that is shared, times mean little without it."""
    loads = [each["load"] for each in ended if "load" in each]
    span = " to ".join(dict.fromkeys((f"{min(loads):.0f}", f"{max(loads):.0f}"))) if loads else ""
    busy = [f"load of the machine (2 cores) {span}"] if loads else []
    return list(dict.fromkeys(each["note"] for each in ended if each.get("note"))) + busy


def commit() -> str:
    """The commit that is checked out, and whether something was changed on it."""
    return _git("rev-parse", "--short", "HEAD") + ("+" if _git("status", "--porcelain", "agents", "pipeline") else "")


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], capture_output=True, text=True, check=False).stdout.strip()
