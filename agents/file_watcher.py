"""Rules and names to watch from files (VIGIE_RULES_FILE, VIGIE_WATCH_LIST), put in force whole whenever the file changes."""

import asyncio
import logging
import os
from collections.abc import Callable, Sized
from pathlib import Path
from typing import Any, Generic, TypeVar

from mode import Service

from agents.log import get_logger
from agents.watch_files import Known, Look, WatchFileError, know, look

_LOOK_SECONDS = 1.0
log = get_logger(__name__)
_mundane = logging.getLogger("mode.files")
Content = TypeVar("Content", bound=Sized)


class FileWatcher(Service, Generic[Content]):
    """Looks at the file every second. A change is taken once the file has stood still from one look to the next.

    `read` makes what the file holds (in a thread; WatchFileError where it cannot be used), `put` puts it in force; `what` names it
    in the log. A file with a fault leaves in force what is; a batch under way keeps what it began with.
    """

    logger = _mundane

    def __init__(
        self,
        path: str,
        what: str,
        read: Callable[[Path], Content],
        put: Callable[[Content], None],
        known: Known[Content] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self._path, self._what, self._read, self._put, self._known = Path(path), what, read, put, known
        self._count = 0
        self._taken: Look | None = None
        self._seen: Look | None = None

    async def on_start(self) -> None:
        """Put what the file holds in force; WatchFileError when it cannot be used to start with."""
        known = self._known
        if known is None:
            known = await asyncio.to_thread(know, self._path, self._read)
        self._known = None
        self._taken = self._seen = known.looked
        self._take(known.content, "ready")

    def _take(self, content: Content, happened: str) -> None:
        self._put(content)
        self._count = len(content)
        event = f"{self._what}.{happened}"
        log.info(event, file=os.fspath(self._path), **{self._what: self._count})

    @Service.task
    async def _watch(self) -> None:
        while not self.should_stop:
            await self.sleep(_LOOK_SECONDS)
            await self.check()

    async def check(self) -> None:
        """Look at the file, and put what it holds in force if it has changed and stands still."""
        before, self._seen = self._seen, look(self._path)
        if self._seen in (None, self._taken) or self._seen != before:
            return
        self._taken = self._seen
        try:
            self._take(await asyncio.to_thread(self._read, self._path), "changed")
        except WatchFileError as error:
            event = f"{self._what}.refused"
            log.warning(event, error=str(error), in_force=self._count)
