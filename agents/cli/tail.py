"""`vigie tail TOPIC`: committed records as they arrive."""

import asyncio
import contextlib
from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
import typer
from aiokafka import TopicPartition

from agents import kafka, topics
from agents.cli import show
from agents.cli.context import console, fail, read_settings
from agents.settings import Settings
from agents.topics import Topic


def tail(
    topic: Annotated[str, typer.Argument(help="Topic without the prefix, such as articles.enriched")],
    start: Annotated[str, typer.Option("--from", help="earliest or latest")] = "latest",
    most: Annotated[int | None, typer.Option("--max", min=1, help="Stop after so many records.", show_default=False)] = None,
    json: Annotated[bool, typer.Option("--json", help="JSON Lines: the record with key, headers and value.")] = False,
) -> None:
    """Show the records of a topic until Ctrl-C; read_committed, so only what is final."""
    if start not in {"earliest", "latest"}:
        raise typer.BadParameter("takes earliest or latest", param_hint="--from")
    settings = read_settings()
    with contextlib.suppress(KeyboardInterrupt):
        try:
            asyncio.run(_follow(settings, settings.topic(topic), start, most, json))
        except (kafka.NoBroker, topics.TopicsError) as error:
            fail(str(error))


async def _follow(settings: Settings, topic: str, start: str, most: int | None, json: bool) -> None:
    async with kafka.consumer(settings) as consumer:
        partitions = await kafka.partitions(consumer, topic)
        consumer.assign(partitions)
        offsets = await (consumer.beginning_offsets if start == "earliest" else consumer.end_offsets)(partitions)
        for partition, offset in offsets.items():
            consumer.seek(partition, offset)
        count = 0
        while most is None or count < most:
            for record in _in_order(await consumer.getmany(timeout_ms=500)):
                if most is not None and count >= most:
                    break
                count += 1
                _print(record, settings, json)


def _in_order(fetched: dict[TopicPartition, list[Any]]) -> list[Any]:
    """Records of all partitions by their time."""
    return sorted((record for records in fetched.values() for record in records), key=lambda record: record.timestamp)


def _print(record: Any, settings: Settings, json: bool) -> None:
    out = console()
    if json or not out.is_terminal:
        print(orjson.dumps(as_row(record), default=str).decode(), flush=True)
        return
    out.rule(f"{record.topic} {record.partition}:{record.offset}  {datetime.fromtimestamp(record.timestamp / 1000, UTC):%H:%M:%S}")
    out.print(_laid_out(record, settings))


def _laid_out(record: Any, settings: Settings) -> Any:
    """Lay out a record of a topic of ours for a person; any other as it is."""
    from pipeline.codec import decode_alert, decode_article, decode_comment

    with contextlib.suppress(ValueError):
        if record.topic == settings.topic(Topic.ARTICLES):
            return show.article(decode_article(record.value))
        if record.topic == settings.topic(Topic.COMMENTS):
            return show.comment(decode_comment(record.value), {})
        if record.topic == settings.topic(Topic.ALERTS):
            return show.alert(decode_alert(record.value))
    return show.printable(_text(record.value))


def as_row(record: Any) -> dict[str, Any]:
    """Make one JSON object of a record; a value that is JSON is given as such."""
    try:
        value = orjson.loads(record.value) if record.value is not None else None
    except orjson.JSONDecodeError:
        value = _text(record.value)
    return {
        "topic": record.topic, "partition": record.partition, "offset": record.offset,
        "timestamp": datetime.fromtimestamp(record.timestamp / 1000, UTC), "key": None if record.key is None else _text(record.key),
        "headers": {name: _text(header) for name, header in record.headers}, "value": value,
    }  # fmt: skip


def _text(data: bytes | None) -> str:
    return "(null)" if data is None else data.decode("utf-8", "backslashreplace")
