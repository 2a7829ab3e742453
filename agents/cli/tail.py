"""`vigie tail TOPIC`: committed records as they arrive."""

import contextlib
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agents.cli.context import console, read_settings
from agents.clock import moment

if TYPE_CHECKING:
    from agents.settings import Settings

EXAMPLES = {
    "tail": "Example:  vigie tail articles.enriched --from earliest --max 1\n\nIn a script:  vigie tail alerts --json | jq .value"
}


def tail(
    topic: Annotated[str, typer.Argument(help="Topic, such as articles.enriched or alerts; VIGIE_PREFIX is put before it.")],
    start: Annotated[
        str, typer.Option("--from", help="earliest: what is there already, too; latest: what comes from now on.")
    ] = "latest",
    most: Annotated[int | None, typer.Option("--max", min=1, help="Stop after so many records.", show_default=False)] = None,
    json: Annotated[bool, typer.Option("--json", help="JSON Lines: the record with key, headers and value.")] = False,
) -> None:
    """Show the records of a topic until Ctrl-C.

    Only what is final (read_committed). Where the output is no terminal it is JSON Lines, as with --json.
    """
    if start not in {"earliest", "latest"}:
        raise typer.BadParameter("takes earliest or latest", param_hint="--from")
    from agents.cli.remote import run

    settings = read_settings()
    with contextlib.suppress(KeyboardInterrupt):
        run(_follow(settings, topic, start, most, json))


async def _follow(settings: "Settings", name: str, start: str, most: int | None, json: bool) -> None:
    from agents import kafka

    async with kafka.consumer(settings) as consumer:
        partitions = await kafka.partitions(consumer, settings, await _full_name(consumer, settings, name))
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


async def _full_name(consumer: Any, settings: "Settings", name: str) -> str:
    """Put the prefix before a name, unless it was given with it already; TopicsError lists the topics when there is none such."""
    from agents.acl import Right
    from agents.topics import Topic, TopicsError, missing_message

    present = await consumer.topics()
    for full in (settings.topic(name), name):
        if full in present and full.startswith(settings.prefix):
            return full
    if name in list(Topic):
        raise TopicsError(missing_message([Right("Read", "topic", settings.topic(name))], settings))
    known = ", ".join(sorted(each for each in present if not each.startswith("__"))) or "no topic at all"
    raise TopicsError(f"there is no topic {settings.topic(name)} at {settings.broker}, which has: {known}")


def _in_order(fetched: dict[Any, list[Any]]) -> list[Any]:
    """Records of all partitions by their time."""
    return sorted((record for records in fetched.values() for record in records), key=lambda record: record.timestamp)


def _print(record: Any, settings: "Settings", json: bool) -> None:
    out = console()
    if json or not out.is_terminal:
        from agents.cli.lines import write_json

        write_json(as_row(record))
        return
    out.rule(f"{record.topic} {record.partition}:{record.offset}  {moment(record.timestamp):%H:%M:%S}")
    out.print(_laid_out(record, settings))


def _laid_out(record: Any, settings: "Settings") -> Any:
    """Lay out a record of a topic of ours for a person; any other as it is."""
    from agents.cli import show
    from agents.cli.remote import text
    from agents.topics import Topic
    from pipeline.codec import decode_alert, decode_article, decode_comment
    from pipeline.errors import InvalidEvent

    with contextlib.suppress(InvalidEvent):
        if record.topic == settings.topic(Topic.ARTICLES):
            return show.article(decode_article(record.value or b""))
        if record.topic == settings.topic(Topic.COMMENTS):
            return show.comment(decode_comment(record.value or b""), {})
        if record.topic == settings.topic(Topic.ALERTS):
            return show.alert(decode_alert(record.value or b""))
    return show.marked(text(record.value))


def as_row(record: Any) -> dict[str, Any]:
    """Make one JSON object of a record; a value that is JSON is given as such."""
    import orjson

    from agents.cli.remote import text

    try:
        value = None if record.value is None else orjson.loads(record.value)
    except orjson.JSONDecodeError:
        value = text(record.value)
    return {
        "topic": record.topic, "partition": record.partition, "offset": record.offset,
        "timestamp": moment(record.timestamp), "key": None if record.key is None else text(record.key),
        "headers": {name: text(header) for name, header in record.headers}, "value": value,
    }  # fmt: skip
