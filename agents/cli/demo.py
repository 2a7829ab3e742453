"""`vigie demo`: the whole of vigie on a real Kafka, in one command; exit 1 when anything did not arrive."""

from typing import Annotated

import typer

from agents.cli.context import read_settings

EXAMPLES = {"demo": "Example:  vigie demo\n\nOn a Kafka of yours:  VIGIE_BROKER=kafka-1.example.org:9092 vigie demo"}


def demo(full: Annotated[bool, typer.Option("--full", help="Show articles in full.")] = False) -> None:
    """Start Kafka and a worker, publish pages and bad events, show what comes out, stop.

    Under a minute once the jars of Kafka are there. Under VIGIE_BROKER that Kafka is used, with topics of the demo's own that are
    deleted at the end.
    """
    settings = read_settings()
    from agents.cli.demo_steps import run

    run(settings, full=full)
