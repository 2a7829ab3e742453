"""One process at a time, by a lock on a file that the kernel drops when its holder ends."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from agents.broker.errors import BrokerError


@contextmanager
def locked(path: Path, seconds: float) -> Iterator[None]:
    """Hold the lock on `path`, waiting for another holder at most `seconds`; BrokerError after that."""
    deadline = monotonic() + seconds
    with path.open("a") as handle:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if monotonic() > deadline:
                    raise BrokerError(
                        f"Another vigie has been busy with {path.parent} for over {seconds:.0f} s.\n"
                        f"See which process holds it (fuser -v {path}), end that one, and run the command again."
                    ) from None
                sleep(0.1)
        yield
