"""`vigie publish FILE...`: pages to articles.raw, keyed by URL."""

import sys
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import orjson
import typer

from agents.cli.context import console, fail, read_settings
from agents.cli.send import Event, send

if TYPE_CHECKING:
    from agents.cli.folders import Places
    from agents.cli.pages import Item, Reading
    from agents.cli.resume import Resume
    from agents.settings import Settings

EXAMPLES = {
    "publish": "Example:  vigie publish page.html --url https://example.org/page\n\n"
    "Many:  vigie publish crawl.jsonl, or another-crawler | vigie publish -\n\n"
    "A folder of HTML:  vigie publish html/ --url https://example.org/\n\n"
    "An archive:  vigie publish crawl.warc.gz --rate 50 --resume crawl.state --report refused.jsonl"
}
_SHOWN = 20
_TOO_LARGE = ("too_large", "too large for the topic; shorten it or raise max.message.bytes")


Files = Annotated[
    list[Path],
    typer.Argument(
        help=".txt, .html, .jsonl (a RawArticle, or what VIGIE_RAW_FIELDS reads, a line), .json (trafilatura's, newspaper's, "
        "lists) and .warc files, each also with .gz; folders of them; - for .jsonl from a pipe."
    ),
]
Url = Annotated[
    str | None,
    typer.Option(
        help="URL of the page; needed for a .txt or .html file; of a folder of them, what their URLs begin with.",
        show_default=False,
    ),
]
Headline = Annotated[str | None, typer.Option(help="Headline of a .txt or .html page.", show_default=False)]
Rate = Annotated[float | None, typer.Option(min=0.001, help="At most so many events a second.", show_default=False)]
ResumeFile = Annotated[
    Path | None, typer.Option(help="File that keeps how far it came; the same command again goes on there.", show_default=False)
]
ReportFile = Annotated[
    Path | None, typer.Option(help="File for what was refused, as JSON Lines: where, reason, message.", show_default=False)
]


def publish(
    files: Files,
    *,
    url: Url = None,
    headline: Headline = None,
    rate: Rate = None,
    resume: ResumeFile = None,
    report: ReportFile = None,
    json: Annotated[bool, typer.Option("--json", help="The counts as one JSON object.")] = False,
) -> None:
    """Publish pages as raw events, keyed by their URL.

    A line in our own JSON is sent as it is, good or bad. Exit 1 when some were refused: here, because a worker could not use
    them, or by Kafka, because they are too large for the topic; the rest is published.
    """
    settings = read_settings()
    from agents.cli.folders import opened
    from agents.cli.pages import Reading

    folders = sum(path.is_dir() for path in files)
    files, places = opened(files)
    _check(files, places, folders, url, resume)
    with ExitStack() as stack:
        run = _Run(settings, _resume(resume), _opened(report, stack))
        run.publish(files, Reading(settings, 2 * settings.output_bytes, url, headline, places=places), rate)
    for line in run.shown:
        typer.echo(f"vigie: {line}", err=True)
    if json:
        from agents.cli.lines import write_json

        write_json({"topic": settings.topic("articles.raw"), **run.counts, "reasons": dict(run.reasons)})
    else:
        console().print(_told(run, settings), soft_wrap=True)
    if run.reasons:
        raise typer.Exit(1)


def _told(run: "_Run", settings: "Settings") -> str:
    counts = run.counts
    reasons = ", ".join(f"{count} {reason}" for reason, count in run.reasons.most_common())
    parts = [
        f"published {counts['published']} events to {settings.topic('articles.raw')} on {settings.broker}",
        f"{counts['refused']} were refused ({reasons})" if reasons else "",
        f"{counts['skipped']} are no pages" if counts["skipped"] else "",
        f"{counts['earlier']} were published earlier" if counts["earlier"] else "",
    ]
    return "; ".join(filter(None, parts))


def _check(files: list[Path], places: "Places", folders: int, url: str | None, resume: Path | None) -> None:
    """Refuse, before anything is sent, what cannot be meant: a page without its address, two pages or folders under one."""
    from agents.cli.pages import is_page
    from pipeline.urls import check_url

    pages = [path for path in files if is_page(path)]
    if pages and url is None:
        raise typer.BadParameter(f"{pages[0]} is a page without an address; give it with --url", param_hint="--url")
    alone = [path for path in pages if path not in places]
    if len(alone) + (folders if len(pages) > len(alone) else 0) > 1:
        message = "is the address of one page, or of one folder; publish several one by one, or as .jsonl"
        raise typer.BadParameter(message, param_hint="--url")
    if url is not None and (problem := check_url(url)) is not None:
        raise typer.BadParameter(f"{problem}; give the page's absolute http or https address", param_hint="--url")
    if resume is not None and any(str(path) == "-" for path in files):
        raise typer.BadParameter("cannot go on in a pipe; name files", param_hint="--resume")
    for path in files:
        if str(path) != "-" and not path.is_file():
            fail(f"{path}: no such file; name a file that can be read")


def _resume(path: Path | None) -> "Resume":
    from agents.cli.resume import NotAState, Resume

    try:
        return Resume(path)
    except NotAState as error:
        fail(str(error))


def _opened(path: Path | None, stack: ExitStack) -> BinaryIO | None:
    try:
        return stack.enter_context(path.open("ab")) if path else None
    except OSError as error:
        fail(f"{path}: {error.strerror}; name a file that can be written")


class _Run:
    """One run of the command: what it sends, and what became of it."""

    def __init__(self, settings: "Settings", resume: "Resume", report: BinaryIO | None) -> None:
        self._settings, self._resume, self._report = settings, resume, report
        self._sent: deque[tuple[Path, int, str]] = deque()  # under way: file, events of it so far, where it stands
        self._seen: Counter[Path] = Counter()
        self._published = self._skipped = self._earlier = 0
        self.reasons: Counter[str] = Counter()
        self.shown: list[str] = []

    @property
    def counts(self) -> dict[str, int]:
        """How many events were published, refused, left out as no pages, published by an earlier run."""
        refused = self.reasons.total()
        return {"published": self._published, "refused": refused, "skipped": self._skipped, "earlier": self._earlier}

    def publish(self, files: list[Path], reading: "Reading", rate: float | None) -> None:
        """Send with a progress bar in bytes of the files."""
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

        from agents.cli.pages import records
        from agents.cli.remote import run

        out = console(stderr=True)
        columns = (TextColumn("publishing"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
        with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as bar:
            known = all(str(path) != "-" for path in files)
            done = self._resume.done(files) if known else {}
            self._seen.update(done)
            self._earlier = sum(done.values())
            task = bar.add_task("publish", total=sum(path.stat().st_size for path in files) if known else None)
            items = records(files, replace(reading, done=done), lambda size: bar.advance(task, size))
            live = not known and not sys.stdin.isatty()
            run(send(self._settings, self._events(items), rate=rate, live=live, delivered=self._delivered))

    def _events(self, items: "Iterable[tuple[Path, Item]]") -> Iterator[Event]:
        for path, item in items:
            self._seen[path] += 1
            if item.refusal:
                self._refuse(item.where, *item.refusal)
            elif item.skipped:
                self._skipped += 1
            else:
                self._sent.append((path, self._seen[path], item.where))
                yield item.key, item.value

    def _delivered(self, count: int, too_large: list[int]) -> None:
        """So many events more were answered; `too_large` are the numbers of those that Kafka refused."""
        reached: dict[Path, int] = {}
        for number in range(count):
            path, reached[path], where = self._sent.popleft()
            if number in too_large:
                self._refuse(where, *_TOO_LARGE)
            else:
                self._published += 1
        for path, seen in (reached if self._sent else self._seen).items():
            self._resume.delivered(path, seen)
        self._resume.save()

    def _refuse(self, where: str, reason: str, message: str) -> None:
        self.reasons[str(reason)] += 1
        if len(self.shown) < _SHOWN:
            self.shown.append(f"{where}: {message}")
        if self._report:
            self._report.write(orjson.dumps({"where": where, "reason": str(reason), "message": message}) + b"\n")
            self._report.flush()
