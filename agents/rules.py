"""The watch rules of this worker: the whole of a compacted topic, kept up to date by a Faust agent, or a TOML file.

The processes of the pool read the rules, and the names of VIGIE_WATCH_LIST, from files in memory; a change gives another file; a
task under way keeps its own.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import NamedTuple

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from agents import connection
from agents.log import get_logger
from agents.memory_files import MemoryFiles
from agents.settings import Settings
from agents.topics import Topic
from agents.work import RulesFile
from pipeline.alerts import check_rule
from pipeline.codec import decode_rule
from pipeline.entities.watch_list import WatchList
from pipeline.errors import InvalidRule
from pipeline.events import WatchRule

log = get_logger(__name__)


def _nobody(_enabled: Iterable[str]) -> None:
    """Nobody asked to be told."""


class _Kept(NamedTuple):
    """A rule as the processes read it: a million names take 20 MB so, and four times as much as strings."""

    id: str
    enabled: bool
    json: bytes

    @classmethod
    def of(cls, rule: WatchRule) -> "_Kept":
        return cls(rule.id, rule.enabled, msgspec.json.encode(rule))


class RuleBook:
    """Rules by key of their record. `ready` is set once the topic was read to the end that it had at start.

    `on_change` is told the ids of the enabled rules, before the first batch under them.
    """

    def __init__(self, on_change: Callable[[Iterable[str]], None] = _nobody) -> None:
        self.ready = asyncio.Event()
        self._on_change = on_change
        self._rules: dict[bytes, _Kept] = {}
        self._rule_files, self._name_files = MemoryFiles("vigie-rules"), MemoryFiles("vigie-names")
        self._rules_path = self._names_path = ""
        self._changes = self._changes_of_names = 0
        self._written = -1
        self._last_offset = -1
        self._target: int | None = None

    def __len__(self) -> int:
        return len(self._rules)

    def expect(self, target: int) -> None:
        """Say which offset must have been applied before the book is ready; -1 when the topic is empty."""
        self._target = target
        self._settle()

    def apply(self, offset: int, key: bytes | None, value: bytes | None) -> None:
        """Take a record of the topic: a rule, or a tombstone. A rule that cannot be used leaves the one before it in force."""
        if value is None:
            self._rules.pop(key or b"", None)
        else:
            try:
                rule = decode_rule(value)
                check_rule(rule)
                self._rules[key or rule.id.encode()] = _Kept.of(rule)
            except InvalidRule as error:
                log.warning("rule.refused", offset=offset, key=repr(key), error=error.message, position=error.position)
        self._changes += 1
        self._last_offset = offset
        self._settle()

    def replace(self, rules: Iterable[WatchRule]) -> None:
        """Put other rules, each of them checked, in the place of all, in one step; the book is ready then."""
        self._rules = {rule.id.encode(): _Kept.of(rule) for rule in rules}
        self._changes += 1
        self.ready.set()

    def _settle(self) -> None:
        if self._target is not None and self._last_offset >= self._target and not self.ready.is_set():
            self.ready.set()
            log.info("rules.ready", rules=len(self))

    def watch(self, names: WatchList) -> None:
        """Put another list of names to watch in the place of the one there is."""
        self._names_path = self._name_files.write(names.data.data) if names else ""
        self._changes_of_names += 1

    def file(self) -> RulesFile | None:
        """Give files in memory with the rules and names as they are now; None when there are none."""
        if self._written != self._changes:
            data = b"[" + b",".join(rule.json for _, rule in sorted(self._rules.items())) + b"]"
            self._rules_path = self._rule_files.write(data) if self._rules else ""
            self._written = self._changes
            self._on_change([rule.id for rule in self._rules.values() if rule.enabled])
        if not self._rules_path and not self._names_path:
            return None
        return RulesFile(self._rules_path, self._changes, self._names_path, self._changes_of_names)

    def close(self) -> None:
        """Let go of the files."""
        self._rule_files.close()
        self._name_files.close()


def group(settings: Settings) -> str:
    """How the names of the groups begin under which Faust follows the rules, each process in one of its own."""
    return f"{settings.full_group}-rules-"


async def last_offset(settings: Settings) -> int:
    """Offset of the last record of the watch rules, or -1 if there is none.

    The end offset itself will not do: the last entry of a log may be the marker of a transaction, which no reader is given.
    """
    partition = TopicPartition(settings.topic(Topic.RULES), 0)
    consumer = AIOKafkaConsumer(**connection.options(settings), enable_auto_commit=False)
    async with asyncio.timeout(settings.kafka_timeout):
        await consumer.start()
        try:
            consumer.assign([partition])
            first = (await consumer.beginning_offsets([partition]))[partition]
            end = (await consumer.end_offsets([partition]))[partition]
            back = 1
            while end > first:
                start = max(first, end - back)
                if (found := await _last_in(consumer, partition, start, end)) >= 0:
                    return found
                if start == first:
                    break
                back *= 8
        finally:
            await consumer.stop()
    return -1


async def _last_in(consumer: AIOKafkaConsumer, partition: TopicPartition, start: int, end: int) -> int:
    """Offset of the last record in [start, end), or -1."""
    last = -1
    consumer.seek(partition, start)
    while await consumer.position(partition) < end:
        for record in (await consumer.getmany(partition, timeout_ms=200)).get(partition, ()):
            if record.offset < end:
                last = record.offset
    return last
