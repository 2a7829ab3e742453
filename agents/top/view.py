"""What looks tell: rates between two of them, and what there is now."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agents.top.look import Look, Worker
from agents.topics import OUTPUTS

WINDOW = 60.0  # seconds over which languages are counted


@dataclass(frozen=True)
class View:
    """Rates in events a second: None where nobody tells. `languages` are shares by language; `recent` says whether of WINDOW, or
    since the workers started. `seconds_behind` is the time that what waits takes at the present rate, None where that is 0.
    """

    arriving: float
    taken: float
    emitted: Mapping[str, float | None]
    waiting: Mapping[int, int]
    seconds_behind: float | None
    languages: Mapping[str, float]
    recent: bool
    dead: Mapping[str, int]


def view(looks: Sequence[Look]) -> View:
    """Compare the last look with the one before it, and with the oldest of those given; needs two at least."""
    *_, before, now = looks
    seconds = max(now.at - before.at, 1e-9)
    taken = _rate(before.committed, now.committed, seconds)
    waiting = now.waiting
    behind = sum(waiting.values()) / taken if taken else None
    languages, recent = _languages(looks)
    return View(
        arriving=_rate(before.ends, now.ends, seconds),
        taken=taken,
        emitted={topic: _emitted(before.workers, now.workers, topic, seconds) for topic in OUTPUTS},
        waiting=waiting,
        seconds_behind=behind,
        languages=languages,
        recent=recent,
        dead=dict(Counter(reason for _, reason in now.dead).most_common()),
    )


def _rate(before: Mapping[int, int], now: Mapping[int, int], seconds: float) -> float:
    return sum(max(0, offset - before.get(partition, offset)) for partition, offset in now.items()) / seconds


def _emitted(before: Sequence[Worker], now: Sequence[Worker], topic: str, seconds: float) -> float | None:
    """Rate of a topic over the workers that both looks have seen; None where there is none."""
    known = {worker.url: worker.values for worker in before if worker.values}
    pairs = [(known[worker.url], worker.values) for worker in now if worker.values and worker.url in known]
    if not pairs:
        return None
    name = ("vigie_emitted_events_total", topic)
    return sum(max(0.0, late.get(name, 0.0) - early.get(name, 0.0)) for early, late in pairs) / seconds


def _languages(looks: Sequence[Look]) -> tuple[dict[str, float], bool]:
    """Shares of documents by language, of the last WINDOW where any came in it, else since the workers started."""
    now = looks[-1]
    oldest = next(look for look in looks if now.at - look.at <= WINDOW)
    counted = _documents(now)
    recent = counted - _documents(oldest)  # drops what is not more than before: a worker that was restarted counts from 0
    found = recent or counted
    whole = sum(found.values())
    return {tag: count / whole for tag, count in found.most_common() if count}, bool(recent)


def _documents(look: Look) -> Counter[str]:
    found: Counter[str] = Counter()
    for worker in look.workers:
        for (name, labels), value in worker.values.items():
            if name == "vigie_language_documents_total":
                found[labels.split(",")[0]] += int(value)
    return found


def of_worker(before: Look, now: Look, worker: Worker) -> float | None:
    """Events that a worker takes in a second; None where it did not answer both times."""
    name = ("vigie_received_events_total", "")
    earlier = next((each.values for each in before.workers if each.url == worker.url), {})
    if name not in earlier or name not in worker.values:
        return None
    return max(0.0, worker.values[name] - earlier[name]) / max(now.at - before.at, 1e-9)
