"""`vigie top`: a running system at a glance, in the terminal."""

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Annotated

import typer

from agents.cli.context import console, read_settings

if TYPE_CHECKING:
    from agents.settings import Settings
    from agents.top.look import Look, Observer

EXAMPLES = {"top": "Example:  vigie top\n\nIn a script, or over a slow line:  vigie top --once"}
_KEPT = 120  # looks


def top(
    every: Annotated[float, typer.Option(min=0.5, max=60, help="Seconds between two looks.")] = 2.0,
    once: Annotated[bool, typer.Option("--once", help="Print one frame, of two looks, and end.")] = False,
) -> None:
    """Watch a running system: throughput, what waits, workers, dead letters, languages, last alerts; until Ctrl-C.

    Offsets, alerts and dead letters come from Kafka, the rest from /metrics of the workers, which are found by their consumer
    group (VIGIE_GROUP). Reads only; commits nothing. Where the output is no terminal it ends after one frame, as with --once.
    """
    from agents.cli.remote import run

    settings = read_settings()
    try:
        run(_watch(settings, every, once=once or not console().is_terminal))
    except KeyboardInterrupt:
        return


async def _watch(settings: "Settings", every: float, *, once: bool) -> None:
    from agents.top.look import observing

    async with observing(settings) as observer:
        looks: deque[Look] = deque([await observer.look()], maxlen=_KEPT)
        await asyncio.sleep(every)
        looks.append(await observer.look())
        if once:
            from agents.cli.top_frame import frame

            console().print(frame(settings, looks, every))
        else:
            await _live(settings, observer, looks, every)


async def _live(settings: "Settings", observer: "Observer", looks: "deque[Look]", every: float) -> None:
    """Draw frame after frame; a Kafka that does not answer is said in the frame, and asked again."""
    from aiokafka.errors import KafkaError
    from rich.live import Live

    from agents.cli.top_frame import frame

    fault = ""
    with Live(console=console(), screen=True, auto_refresh=False) as live:
        while True:
            live.update(frame(settings, looks, every, fault=fault), refresh=True)
            await asyncio.sleep(every)
            try:
                looks.append(await observer.look())
                fault = ""
            except (KafkaError, TimeoutError, OSError) as error:
                fault = f"Kafka does not answer ({type(error).__name__}); what follows is as it was"
