"""Files in memory that the processes of the pool read: what somebody watches is never written to a disk, where a worker killed with
-9 would leave it behind.
"""

import os
from collections import deque

_KEPT_FILES, _KEPT_LEAST = 64, 4
_KEPT_BYTES = 64 << 20  # of all files but the last few: a million names take 20 MB each time that a rule changes


class MemoryFiles:
    """The last few files, so that a task under way keeps the one it began with."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._files: deque[int] = deque()

    def write(self, data: memoryview | bytes) -> str:
        """Make a new file; its path holds for every process of this user while this one lives and keeps it."""
        self._files.append(os.memfd_create(self._name))
        with os.fdopen(self._files[-1], "wb", closefd=False) as file:
            file.write(data)
        while len(self._files) > _KEPT_FILES or (len(self._files) > _KEPT_LEAST and sum(map(_size, self._files)) > _KEPT_BYTES):
            os.close(self._files.popleft())
        return f"/proc/{os.getpid()}/fd/{self._files[-1]}"

    def close(self) -> None:
        """Let go of the files."""
        while self._files:
            os.close(self._files.pop())


def _size(file: int) -> int:
    return os.fstat(file).st_size
