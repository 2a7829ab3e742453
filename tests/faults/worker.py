"""A worker that can be told to die at a step of a transaction, or to meet poison: `python -m tests.faults.worker`.

FAULTS_STEP is one of STEPS, FAULTS_AT the transaction (from 1, over all partitions) in which it dies by kill -9; FAULTS_POISON
turns the stage of tests/faults/stage.py on.
"""

import asyncio
import os
import signal
import sys
from functools import partial
from typing import Any

from aiokafka import AIOKafkaProducer

STEPS = ("before_begin", "after_send", "before_offsets", "before_commit", "in_commit", "after_commit")
_chosen, _at = os.environ.get("FAULTS_STEP", ""), int(os.environ.get("FAULTS_AT", "1"))
_begun = 0


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def reach(step: str) -> None:
    """Die here, if this is the step and the transaction that was chosen."""
    if step == _chosen and _begun >= _at:
        die()


class Mortal(AIOKafkaProducer):
    """A producer that dies, with its process, where it was told to."""

    async def begin_transaction(self) -> None:
        global _begun  # noqa: PLW0603 - counted over all producers of the process
        _begun += 1
        reach("before_begin")
        await super().begin_transaction()

    async def send_batch(self, *args: Any, **options: Any) -> Any:
        sent = await super().send_batch(*args, **options)
        reach("after_send")
        return sent

    async def send_offsets_to_transaction(self, *args: Any) -> None:
        reach("before_offsets")
        await super().send_offsets_to_transaction(*args)

    async def commit_transaction(self) -> None:
        reach("before_commit")
        if _chosen == "in_commit" and _begun >= _at:
            asyncio.get_running_loop().call_later(0.004, die)
        await super().commit_transaction()
        reach("after_commit")


def main() -> None:
    from agents import fork

    fork.prepare()  # as early as `vigie worker` does; what is patched below takes a second to import
    from agents import app, cli, owner
    from tests.faults import stage

    owner.AIOKafkaProducer = Mortal
    if os.environ.get("FAULTS_POISON"):
        app.Pool = partial(app.Pool, start=stage.start)
    sys.argv[1:1] = ["worker"]
    cli.main()


if __name__ == "__main__":
    main()
