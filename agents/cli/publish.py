"""`vigie publish FILE...`: pages to articles.raw, keyed by URL."""

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agents.cli.context import console, fail, read_settings

if TYPE_CHECKING:
    from agents.settings import Settings

EXAMPLES = {
    "publish": "Example:  vigie publish page.html --url https://example.org/page\n\n"
    "Many:  vigie publish crawl.jsonl, or another-crawler | vigie publish -"
}
_BATCH_RECORDS = 500
_BATCH_BYTES = 16 << 20
_SHOWN = 20


def publish(
    files: Annotated[
        list[Path], typer.Argument(help=".txt, .html or .jsonl (a RawArticle a line) files; - for .jsonl from a pipe.")
    ],
    url: Annotated[str | None, typer.Option(help="URL of the page; needed for a .txt or .html file.", show_default=False)] = None,
    headline: Annotated[str | None, typer.Option(help="Headline of a .txt or .html page.", show_default=False)] = None,
    json: Annotated[bool, typer.Option("--json", help="The counts as one JSON object.")] = False,
) -> None:
    """Publish pages as raw events, keyed by their URL.

    A line of a .jsonl file is sent as it is, good or bad. Exit 1 when Kafka refused some (too large for the topic); the rest
    is published.
    """
    settings = read_settings()
    _check(files, url)
    refused, count = _publish(settings, files, url, headline)
    for where in refused[:_SHOWN]:
        typer.echo(f"vigie: {where}: too large for the topic; shorten it or raise max.message.bytes", err=True)
    if json:
        from agents.cli.lines import write_json

        write_json({"topic": settings.topic("articles.raw"), "published": count - len(refused), "refused": len(refused)})
    else:
        out = f"published {count - len(refused)} events to {settings.topic('articles.raw')} on {settings.broker}"
        console().print(out + (f"; {len(refused)} were refused" if refused else ""))
    if refused:
        raise typer.Exit(1)


def _check(files: list[Path], url: str | None) -> None:
    """Refuse, before anything is sent, what cannot be meant: a page without its address, two pages under one."""
    from agents.cli.pages import is_page
    from pipeline.urls import check_url

    pages = [path for path in files if is_page(path)]
    if pages and url is None:
        raise typer.BadParameter(f"{pages[0]} is a page without an address; give it with --url", param_hint="--url")
    if len(pages) > 1:
        raise typer.BadParameter("is the address of one page; publish several one by one, or as .jsonl", param_hint="--url")
    if url is not None and (problem := check_url(url)) is not None:
        raise typer.BadParameter(f"{problem}; give the page's absolute http or https address", param_hint="--url")
    for path in files:
        if str(path) != "-" and not path.is_file():
            fail(f"{path}: {'is a folder' if path.is_dir() else 'no such file'}; name a file that can be read")


def _publish(settings: "Settings", files: list[Path], url: str | None, headline: str | None) -> tuple[list[str], int]:
    """Send with a progress bar in bytes; answers where those stand that were refused, and how many there were in all."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

    from agents.cli.pages import records
    from agents.cli.remote import run

    places: list[str] = []
    out = console(stderr=True)
    columns = (TextColumn("publishing"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    bar = Progress(*columns, console=out, transient=True, disable=not out.is_terminal)
    with bar:
        known = all(str(path) != "-" for path in files)
        task = bar.add_task("publish", total=sum(path.stat().st_size for path in files) if known else None)

        def read() -> Iterable[tuple[bytes | None, bytes]]:
            for where, key, value in records(files, 2 * settings.output_bytes, url, headline):
                places.append(where)
                yield key, value

        refused = run(send(settings, read(), lambda size: bar.advance(task, size)))
    return [places[index] for index in refused], len(places)


async def send(
    settings: "Settings", events: Iterable[tuple[bytes | None, bytes]], progress: Callable[[int], Any] = bool
) -> list[int]:
    """Send events (key, value) to articles.raw and wait for each; answers the places of those that were too large.

    TopicsError when the topic is missing. `progress` is told the bytes of each event that was handed over.
    """
    from aiokafka.errors import MessageSizeTooLargeError

    from agents import kafka, topics

    name = settings.topic(topics.Topic.RAW)
    async with kafka.admin(settings) as admin:
        await topics.require(admin, settings, topics.Topic.RAW, "Write")
    refused: list[int] = []
    async with kafka.producer(settings) as producer:
        waiting: dict[int, asyncio.Future[Any]] = {}
        size = 0
        for place, (key, value) in enumerate(events):
            try:
                waiting[place] = await producer.send(name, value, key=key)
            except MessageSizeTooLargeError:
                refused.append(place)
            progress(len(value) + 1)
            size += len(value)
            if len(waiting) >= _BATCH_RECORDS or size >= _BATCH_BYTES:
                refused += await _delivered(waiting)
                size = 0
        refused += await _delivered(waiting)
    return sorted(refused)


async def _delivered(waiting: "dict[int, asyncio.Future[Any]]") -> list[int]:
    """Wait for deliveries, and forget them; answers the places that were refused as too large, and raises any other error."""
    from aiokafka.errors import MessageSizeTooLargeError

    refused = []
    for place, outcome in zip(waiting, await asyncio.gather(*waiting.values(), return_exceptions=True), strict=True):
        if isinstance(outcome, MessageSizeTooLargeError):
            refused.append(place)
        elif isinstance(outcome, BaseException):
            raise outcome
    waiting.clear()
    return refused
