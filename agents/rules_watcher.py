"""Watch rules from a file (VIGIE_RULES_FILE) instead of the topic, put in force whole whenever the file changes."""

import asyncio
import logging
import os
from pathlib import Path
from typing import Any

from mode import Service

from agents import rules_file
from agents.log import get_logger
from agents.rules import RuleBook
from agents.rules_file import Known, Look, RulesFileError

_LOOK_SECONDS = 1.0
log = get_logger(__name__)
_mundane = logging.getLogger("mode.rules")


class RulesWatcher(Service):
    """Looks at the file every second. A change is taken once the file has stood still from one look to the next.

    A file with a fault leaves the rules that are in force as they are; a batch under way keeps those it began with. `known` is what
    was read of the file already: ten thousand rules take seconds to check, once is enough.
    """

    logger = _mundane

    def __init__(self, path: str, book: RuleBook, known: Known | None = None, **options: Any) -> None:
        super().__init__(**options)
        self._path, self._book, self._known = Path(path), book, known
        self._taken: Look | None = None
        self._seen: Look | None = None

    async def on_start(self) -> None:
        """Put the rules of the file in force; RulesFileError when there are none to start with."""
        known = self._known
        if known is None:
            known = await asyncio.to_thread(rules_file.know, self._path)
        self._known = None
        self._taken = self._seen = known.looked
        self._book.replace(known.rules)
        log.info("rules.ready", rules=len(self._book), file=os.fspath(self._path))

    @Service.task
    async def _watch(self) -> None:
        while not self.should_stop:
            await self.sleep(_LOOK_SECONDS)
            await self.check()

    async def check(self) -> None:
        """Look at the file, and put its rules in force if it has changed and stands still."""
        before, self._seen = self._seen, rules_file.look(self._path)
        if self._seen in (None, self._taken) or self._seen != before:
            return
        self._taken = self._seen
        try:
            self._book.replace(await asyncio.to_thread(rules_file.read, self._path))
        except RulesFileError as error:
            log.warning("rules.refused", error=str(error), in_force=len(self._book))
        else:
            log.info("rules.changed", rules=len(self._book), file=os.fspath(self._path))
