"""The watch rules of this worker: the whole of a compacted topic, kept up to date by a Faust agent, or a TOML file.

The processes of the pool read the rules, and the names of VIGIE_WATCH_LIST, from files in memory; a change gives another file; a
task under way keeps its own.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from aiokafka import AIOKafkaConsumer

from agents import connection, kafka, lenient
from agents.log import get_logger
from agents.memory_files import MemoryFiles
from agents.messages import RulesFile
from agents.settings import Settings
from agents.topics import Topic
from pipeline.alerts import check_rule
from pipeline.codec import decode_rule
from pipeline.errors import InvalidRule
from pipeline.events import WatchRule

if TYPE_CHECKING:
    from pipeline.entities.watch_list import WatchList

_WAIT_MS = 50  # for which a fetch of what is not there holds up the end of the reading
_AT_ONCE = 100  # rules between which others have their turn
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

    The topic is read twice: whole, at start, and by a Faust agent that then follows it. A record counts once.

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
        self._last_offset = self._followed = -1

    def __len__(self) -> int:
        return len(self._rules)

    def complete(self) -> None:
        """Say that the topic was read to the end that it had at start."""
        self.ready.set()
        log.info("rules.ready", rules=len(self))

    def follow(self, offset: int, key: bytes | None, value: bytes | None) -> None:
        """Take a record from the agent that follows the topic; where its offsets go back, the topic begins anew."""
        if offset <= self._followed:
            self._last_offset = -1
        self._followed = offset
        self.apply(offset, key, value)

    def apply(self, offset: int, key: bytes | None, value: bytes | None) -> None:
        """Take a record of the topic that was not taken yet: a rule, or a tombstone.

        A rule that cannot be used leaves the one before it in force.
        """
        if offset <= self._last_offset:
            return
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

    def replace(self, rules: Iterable[WatchRule]) -> None:
        """Put other rules, each of them checked, in the place of all, in one step; the book is ready then."""
        self._rules = {rule.id.encode(): _Kept.of(rule) for rule in rules}
        self._changes += 1
        self.ready.set()

    def watch(self, names: "WatchList") -> None:
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


async def read(settings: Settings, book: RuleBook) -> None:
    """Read the topic to the end that it has now, then complete the book; TimeoutError once nothing comes for `kafka_timeout`.

    The Faust agent could do it, but only once it has joined its group, for which a broker makes the first member wait (3 s by
    default).
    """
    lenient.install()
    options = {"enable_auto_commit": False, "fetch_max_wait_ms": _WAIT_MS, "max_poll_records": _AT_ONCE}
    consumer = AIOKafkaConsumer(**connection.options(settings), **options)
    async with asyncio.timeout(settings.kafka_timeout) as bound:
        await consumer.start()
        try:
            async for record in kafka.records(consumer, settings, settings.topic(Topic.RULES)):
                book.apply(record.offset, record.key, record.value)
                bound.reschedule(asyncio.get_running_loop().time() + settings.kafka_timeout)
        finally:
            await consumer.stop()
    book.complete()
