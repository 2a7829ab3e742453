"""`vigie publish FILE...`: pages to articles.raw, keyed by URL."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from agents import kafka, topics
from agents.cli.context import console, fail, read_settings
from agents.settings import Settings
from agents.topics import Topic

TYPES = {".txt": "text/plain", ".html": "text/html", ".htm": "text/html"}
LINES = {".jsonl", ".ndjson"}
Record = tuple[bytes | None, bytes]


def publish(
    files: Annotated[list[Path], typer.Argument(help=".txt, .html or .jsonl (RawArticle) files")],
    url: Annotated[str | None, typer.Option(help="URL of the page; needed for a text or HTML file")] = None,
    headline: Annotated[str | None, typer.Option(help="Headline of a text or HTML page")] = None,
) -> None:
    """Publish pages as raw events; a line of a .jsonl file is sent as it is, good or bad."""
    settings = read_settings()
    records = [record for path in files for record in _read(path, url, headline)]
    try:
        asyncio.run(send(settings, records, show=True))
    except (kafka.NoBroker, topics.TopicsError) as error:
        fail(str(error))
    console().print(f"published {len(records)} events to {settings.topic(Topic.RAW)} on {settings.broker}")


async def send(settings: Settings, records: list[Record], *, show: bool = False) -> None:
    """Send records to articles.raw and wait for each; TopicsError when the topic is missing."""
    async with kafka.admin(settings) as admin:
        name = settings.topic(Topic.RAW)
        if await topics.missing(admin, [name]):
            raise topics.TopicsError(topics.missing_message([name], settings))
    bar = Progress(
        TextColumn("publishing"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), transient=True, disable=not show
    )
    with bar:
        task = bar.add_task("publish", total=len(records))
        async with kafka.producer(settings) as producer:
            deliveries = []
            for key, value in records:
                deliveries.append(await producer.send(name, value, key=key))
                bar.advance(task)
            await asyncio.gather(*deliveries)


def _read(path: Path, url: str | None, headline: str | None) -> Iterator[Record]:
    """Read the records of a file: one for a page, one a line for JSON Lines."""
    try:
        data = path.read_bytes()
    except OSError as error:
        fail(f"{path}: {error.strerror}; name a file that can be read")
    suffix = path.suffix.lower()
    if suffix in LINES:
        yield from ((_key(line), line) for line in data.splitlines() if line.strip())
    elif suffix in TYPES:
        if url is None:
            raise typer.BadParameter(f"{path} is a page without an address; give it with --url", param_hint="--url")
        yield page_record(data, TYPES[suffix], url, headline)
    else:
        raise typer.BadParameter(f"{path}: publishes .txt, .html and .jsonl files", param_hint="FILE")


def page_record(data: bytes, content_type: str, url: str, headline: str | None = None) -> Record:
    """Make the record of a page from the bytes of its file (UTF-8, else Latin-1)."""
    try:
        content = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        content = data.decode("cp1252", "replace")
    event = {"url": url, "content": content, "content_type": content_type}
    return url.encode(), orjson.dumps(event | ({"headline": headline} if headline else {}))


def _key(line: bytes) -> bytes | None:
    """Return the URL of a line as its key, where it has one."""
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    url = value.get("url") if isinstance(value, dict) else None
    return url.encode() if isinstance(url, str) else None
