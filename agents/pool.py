"""Supervised processes that enrich pages: bytes in, bytes out.

One pebble pool a slot, each with a single process and one task at a time. A page that stalls or kills its process is found by
halving the task, tried once more alone, and refused as `timeout` or `crashed`; its neighbours are enriched.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError as FutureCancelled
from concurrent.futures import TimeoutError as FutureTimeout
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import Any

import msgspec
import psutil
from pebble import ProcessExpired, ProcessPool

from agents import fork
from agents.messages import TOGETHER, Options, Outcome, Record, Refusal, RulesFile, Task
from agents.settings import Settings
from pipeline.errors import Reason

_START_SECONDS = 60.0
_RULES_SECONDS = 600.0  # for compiling rules, of which there may be a hundred thousand
_SHORTEST_LIFE = 3  # calls of a process: to find that it has other rules, to prepare them, to run a task
_REBUILDS = 3
OnRestart = Callable[[str], None]
Start = Callable[[Options], None]
Run = Callable[[bytes], bytes]
_START, _PREPARE, _RUN = (fork.Named(f"agents.work:{name}") for name in ("start", "prepare", "run"))
_outcomes = msgspec.msgpack.Decoder(tuple[Outcome, ...])


class PoolBroken(Exception):
    """The processes of the pool do not start; the message says what to look at."""


class Pool:
    """`slots` supervised processes. `on_restart(cause)` is called with timeout, crashed or recycled when one is replaced.

    A process calls `start(options)` once and `run(task)` for each task; both are importable functions of a module.
    """

    def __init__(self, settings: Settings, on_restart: OnRestart, *, start: Start = _START, run: Run = _RUN) -> None:
        self._start, self._run = start, run
        self._settings = settings
        self._on_restart = on_restart
        self._options = Options(
            limits=settings.limits, detector=settings.detector, source=settings.source, memory=settings.process_memory,
            publishers=settings.metric_publishers, author_key=settings.author_key.reveal(), raw_fields=settings.raw_fields,
            stages=settings.stages,
        )  # fmt: skip
        self._lifetime = settings.process_tasks and max(_SHORTEST_LIFE, settings.process_tasks)
        self._context = fork.context()
        self._slots: list[ProcessPool] = []
        self._free: asyncio.Queue[int] = asyncio.Queue()
        self._tasks = [0] * settings.slots

    async def start(self) -> None:
        """Start every process and wait until its models are loaded; PoolBroken if one does not come up."""
        self._slots = [self._new() for _ in range(self._settings.slots)]
        empty = msgspec.msgpack.encode(Task(records=()))
        try:
            await asyncio.to_thread(lambda: [slot.active for slot in self._slots])  # starts them, and waits until they are forked
            await asyncio.gather(*(self._call(index, self._run, empty, _START_SECONDS) for index in range(len(self._slots))))
        except (FutureTimeout, ProcessExpired, BrokenProcessPool) as error:
            raise PoolBroken(f"a process of the pool did not start ({type(error).__name__}); try: vigie doctor") from error
        for index in range(len(self._slots)):
            self._free.put_nowait(index)

    async def stop(self) -> None:
        """End every process, whatever it is doing."""
        slots: list[Any] = self._slots
        self._slots = []
        for slot in slots:
            slot.stop()
        await asyncio.to_thread(lambda: [slot.join(timeout=5) for slot in slots])

    async def run(self, records: Sequence[Record], rules: RulesFile | None) -> list[Outcome]:
        """Enrich records, in order, split over the slots."""
        if not records:
            return []
        size = max(TOGETHER, -(-len(records) // max(1, len(self._slots))))
        chunks = [records[start : start + size] for start in range(0, len(records), size)]
        outcomes = await asyncio.gather(*(self._enrich(chunk, rules) for chunk in chunks))
        return [outcome for chunk in outcomes for outcome in chunk]

    async def _enrich(
        self, records: Sequence[Record], rules: RulesFile | None, *, alone: bool = False, rebuilt: int = 0
    ) -> list[Outcome]:
        """Enrich on one slot; a task that times out or kills its process is halved down to the page that does it.

        A process that died between tasks (killed from outside) is no page's fault: it is replaced, and the task run as it was.
        """
        task = msgspec.msgpack.encode(Task(records=tuple(records), rules=rules))
        index = await self._free.get()
        try:
            while not (answer := await self._call(index, self._run, task, self._settings.page_timeout)):
                await self._call(index, _PREPARE, msgspec.msgpack.encode(rules), _RULES_SECONDS)
        except BrokenProcessPool as error:
            if rebuilt == _REBUILDS:
                raise PoolBroken(
                    f"a process of the pool died {_REBUILDS} times while it was replaced; try: vigie doctor"
                ) from error
            reason = None
            self._on_restart("crashed")
            await self._rebuild(index)
        except (FutureTimeout, ProcessExpired, FutureCancelled) as error:
            reason = Reason.TIMEOUT if isinstance(error, FutureTimeout) else Reason.CRASHED
            self._on_restart(reason)
        else:
            return list(_outcomes.decode(answer))
        finally:
            self._free.put_nowait(index)
        if reason is None:
            return await self._enrich(records, rules, alone=alone, rebuilt=rebuilt + 1)
        if len(records) == 1:
            return [self._refused(reason)] if alone else await self._enrich(records, rules, alone=True)
        middle = len(records) // 2
        return [*await self._enrich(records[:middle], rules), *await self._enrich(records[middle:], rules)]

    def _refused(self, reason: Reason) -> Outcome:
        what = f"took more than {self._settings.page_timeout:g} s" if reason is Reason.TIMEOUT else "ended its process"
        message = f"the page {what}, twice; look at it with: vigie dead-letters show"
        return Outcome(refusal=Refusal(reason, message, "process", reason.capitalize()))

    async def _call(self, index: int, function: Run, task: bytes, seconds: float) -> bytes:
        self._tasks[index] += 1
        if self._lifetime and self._tasks[index] % self._lifetime == 0:
            self._on_restart("recycled")
        try:
            future = self._slots[index].schedule(function, args=(task,), timeout=seconds)
        except RuntimeError as error:  # pebble has given the pool up: its process died while it had nothing to do
            raise BrokenProcessPool(str(error)) from error
        answer: bytes = await asyncio.wrap_future(future)
        return answer

    def _new(self) -> ProcessPool:
        return ProcessPool(
            max_workers=1,
            max_tasks=self._lifetime,
            initializer=self._start,
            initargs=(self._options,),
            context=self._context,
        )

    async def _rebuild(self, index: int) -> None:
        """Replace a pool that has given itself up (its process died between tasks)."""
        broken: Any = self._slots[index]
        self._slots[index] = self._new()
        broken.stop()
        await asyncio.to_thread(partial(broken.join, timeout=5))


def resident_memory() -> float:
    """Resident bytes of the processes that this one has started, together; what they share counts in each."""
    found = 0
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            found += child.memory_info().rss
    return float(found)
