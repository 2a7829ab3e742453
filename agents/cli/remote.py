"""Work on Kafka for the commands: run it, and say in one line what is in the way."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from agents.cli.context import fail

_Result = TypeVar("_Result")


def run(work: Coroutine[Any, Any, _Result]) -> _Result:
    """Run a coroutine on Kafka; a broker, topic or right that is missing, or what Kafka refuses, exits 1 with the mend."""
    from aiokafka.errors import KafkaError

    from agents import acl, dead_letters, kafka, topics

    try:
        return asyncio.run(work)
    except (kafka.NoBroker, topics.TopicsError, acl.MissingRight, dead_letters.TooScattered) as error:
        fail(str(error))
    except KafkaError as error:
        fail(kafka.explain(error))
    except TimeoutError:
        fail("Kafka did not answer in time; see: vigie doctor")


def text(data: bytes | None) -> str:
    """Write a key, header or value as text; bytes that are no UTF-8 are escaped."""
    return "(null)" if data is None else data.decode("utf-8", "backslashreplace")
