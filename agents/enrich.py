"""The enrich agent: a batch in, one transaction out."""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from agents.batch import Batch
from agents.log import get_logger
from agents.messages import Outcome, Output, Record, Refusal, RulesFile, Stats, internal
from agents.metrics import Metrics, Since
from agents.owner import OwnerLost
from agents.parts import size_of
from agents.pool import Pool, PoolBroken
from agents.settings import Settings
from agents.source import Source
from agents.topics import Topic
from pipeline.codec import dead_letter_headers
from pipeline.errors import Reason

_OURS = (Reason.INTERNAL, Reason.TIMEOUT, Reason.CRASHED)
_IN_A_ROW = 50  # failures of our own with no success between them, whatever the window holds
log = get_logger(__name__)


class TooManyDeadLetters(Exception):
    """More pages fail by a fault of ours than `VIGIE_DEAD_LETTER_RATIO` allows; nothing of the batch was committed."""


class Enricher:
    """Enriches batches in the pool and delivers them through their owners. `rules()` gives the file of the watch rules, if any."""

    def __init__(self, settings: Settings, metrics: Metrics, pool: Pool, rules: Callable[[], RulesFile | None]) -> None:
        self._settings, self._metrics, self._pool, self._rules = settings, metrics, pool, rules
        self._failures: deque[bool] = deque(maxlen=settings.dead_letter_window)
        self._suspected: dict[Any, int] = {}
        self._condemned: dict[Any, tuple[int, Refusal]] = {}
        self._last = ""
        self.source: Source

    async def handle(self, batch: Batch) -> None:
        """Enrich and commit a batch; whatever happens, `batch.done` is set."""
        outcomes: Sequence[Outcome] = ()
        try:
            outcomes = await self._outcomes(batch)
            await self._deliver(batch, outcomes)
        except OwnerLost as error:
            self._metrics.transactions.of("fenced" if error.fenced else "aborted").inc()
            log.warning("batch.aborted", partition=batch.owner.partition.partition, fenced=error.fenced, error=str(error))
            if error.too_large and not all(outcome.refusal for outcome in outcomes):
                # a dead letter that its topic does not take waits until the topic does; another reason would not make it smaller
                self._suspect(batch, _too_large(), certain=True)
        except (TooManyDeadLetters, PoolBroken) as error:
            log.error("worker.stops", reason=str(error))  # noqa: TRY400 - the message says all; `end` logs where it came from
            self.source.end(error)
        except Exception as error:
            self._metrics.transactions.of("aborted").inc()
            log.exception("batch.failed", partition=batch.owner.partition.partition, records=len(batch.records))
            self._suspect(batch, internal(error))
        finally:
            if not batch.done.done():
                batch.done.set_result(False)

    async def _deliver(self, batch: Batch, outcomes: Sequence[Outcome]) -> None:
        """Commit what became of a batch, then count it."""
        outputs = [
            output for record, outcome in zip(batch.records, outcomes, strict=True) for output in self._written(record, outcome)
        ]
        begun = time.perf_counter()
        await batch.owner.commit(outputs, batch.next_offset)
        self._metrics.commit_seconds.observe(time.perf_counter() - begun)
        self._metrics.transactions.of("committed").inc()
        self.source.widen(batch)
        self._condemned.pop(batch.owner.partition, None)
        self._suspected.pop(batch.owner.partition, None)
        if not batch.done.done():  # cancelled when the partition was given up past its bound
            batch.done.set_result(True)
        self._count(batch, outcomes, outputs)

    async def _outcomes(self, batch: Batch) -> Sequence[Outcome]:
        """Enrich a batch, or refuse its one record if that was found to be what cannot be delivered."""
        offset, refusal = self._condemned.get(batch.owner.partition, (-1, None))
        if refusal and [each.offset for each in batch.records] == [offset]:
            outcomes: Sequence[Outcome] = [Outcome(refusal=refusal)]
            self._check_ratio(outcomes)
            return outcomes
        outcomes = await self._pool.run([_record(each) for each in batch.records], self._rules())
        self._check_ratio(outcomes)
        return outcomes

    def _suspect(self, batch: Batch, refusal: Refusal, *, certain: bool = False) -> None:
        """After a failure that may lie in a record: look for it in smaller batches; one that fails twice alone,
        or once where the broker says what is wrong with it, is refused.

        The next owner of the partition refuses it, not the one at hand: aiokafka has spent sequence numbers on what the broker did
        not take.
        """
        if self.source.narrow(batch):
            partition, offset = batch.owner.partition, batch.records[0].offset
            if certain or self._suspected.get(partition) == offset:
                self._condemned[partition] = (offset, refusal)
            self._suspected[partition] = offset

    def _written(self, record: Any, outcome: Outcome) -> Iterable[Output]:
        """The records to write for an outcome; a refusal gives the original bytes to the dead letters."""
        if outcome.refusal is None:
            return outcome.outputs
        refusal = outcome.refusal
        headers = dead_letter_headers(
            reason=refusal.reason, message=refusal.message, stage=refusal.stage, exception=refusal.exception,
            topic=record.topic, partition=record.partition, offset=record.offset, headers=record.headers,
        )  # fmt: skip
        return (Output(Topic.DEAD_LETTERS, record.key, record.value, tuple(headers)),)

    def _check_ratio(self, outcomes: Iterable[Outcome]) -> None:
        """Stop loudly rather than drain a topic into the dead letters by a fault of ours."""
        for outcome in outcomes:
            refusal = outcome.refusal
            failed = refusal is not None and refusal.reason in _OURS
            self._failures.append(failed)
            if refusal and failed:
                self._last = f"the last of them so: {refusal.message}. See also: vigie doctor"
        if len(self._failures) >= _IN_A_ROW and all(list(self._failures)[-_IN_A_ROW:]):
            raise TooManyDeadLetters(f"the last {_IN_A_ROW} pages failed by no fault of their own, {self._last}")
        full = len(self._failures) == self._failures.maxlen
        if full and sum(self._failures) / len(self._failures) > self._settings.dead_letter_ratio:
            share, window = self._settings.dead_letter_ratio, self._settings.dead_letter_window
            raise TooManyDeadLetters(f"over {share:.0%} of the last {window} pages failed by no fault of their own, {self._last}")

    # --- counting --------------------------------------------------------------------------------------------------

    def _count(self, batch: Batch, outcomes: Sequence[Outcome], outputs: Sequence[Output]) -> None:
        size = sum(size_of(record) for record in batch.records)
        self._metrics.events_in.inc(len(batch.records))
        self._metrics.bytes_in.inc(size)
        self._metrics.batch_size.observe(len(batch.records))
        for topic, count in Counter(output.topic for output in outputs).items():
            self._metrics.events_out.of(topic).inc(count)
            self._metrics.bytes_out.of(topic).inc(sum(len(output.value or b"") for output in outputs if output.topic == topic))
        seconds = 0.0
        for outcome in outcomes:
            if outcome.refusal:
                self._metrics.dead_letters.of(outcome.refusal.reason).inc()
            if outcome.stats:
                self._count_page(outcome.stats)
                seconds += outcome.stats.cpu
        self.source.cutter.learn(size, seconds)
        log.info("batch.committed", partition=batch.owner.partition.partition, records=len(batch.records), outputs=len(outputs),
                 bytes=size, first_offset=batch.records[0].offset, last_offset=batch.records[-1].offset,
                 **_trail(batch, outcomes))  # fmt: skip

    def _count_page(self, stats: Stats) -> None:
        metrics, now = self._metrics, time.time()
        for stage, seconds in stats.seconds.items():
            metrics.stage_seconds.of(stage).observe(seconds)
        metrics.pages_split.of(stats.method).inc()
        metrics.split_confidence.observe(stats.confidence)
        metrics.article_comments.observe(stats.comments)
        metrics.publisher_pages.of(stats.publisher, stats.method).inc()
        metrics.publisher_comments.of(stats.publisher).observe(stats.comments)
        metrics.publisher_confidence.of(stats.publisher).observe(stats.confidence)
        for origin, length in stats.characters.items():
            metrics.characters.of(origin).inc(length)
        for origin, tags in stats.languages.items():
            for tag, count in Counter(tags).items():
                metrics.languages.of(tag, origin).inc(count)
        for kind, count in stats.entities.items():
            metrics.entities.of(kind).inc(count)
        for severity, count in stats.severities.items():
            metrics.alerts.of(severity).inc(count)
        for rule, count in stats.rules.items():
            metrics.rule_alerts.of(rule).inc(count)
        for since, moment in ((Since.FETCHED_AT, stats.fetched_at), (Since.PUBLISHED_AT, stats.published_at)):
            if moment is not None:
                metrics.event_lag.of(since).observe(max(0.0, now - moment))


def _trail(batch: Batch, outcomes: Sequence[Outcome]) -> dict[str, dict[str, str]]:
    """What became of each record of a batch, by offset: the article's id, under which all its outputs are keyed, or the refusal."""
    trail: dict[str, dict[str, str]] = {"articles": {}, "dead_letters": {}}
    for record, outcome in zip(batch.records, outcomes, strict=True):
        if outcome.refusal:
            trail["dead_letters"][str(record.offset)] = outcome.refusal.reason
        elif outcome.outputs:
            trail["articles"][str(record.offset)] = (outcome.outputs[0].key or b"").decode()
    return trail


def _record(record: Any) -> Record:
    return Record(record.value, tuple(record.headers), record.timestamp / 1000)


def _too_large() -> Refusal:
    message = "the broker refused an output as too large; raise max.message.bytes of the topics that vigie writes"
    return Refusal(Reason.OUTPUT_TOO_LARGE, message, "deliver", "MessageSizeTooLargeError")
