"""Pages from files for the commands that enrich them here: .txt, .html, .jsonl (RawArticle)."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import typer

from agents.cli.publish import LINES, TYPES, page_record
from pipeline.codec import decode_raw
from pipeline.errors import InvalidEvent
from pipeline.events import Enriched
from pipeline.process import Pipeline, process


def enriched(files: Iterable[Path], pipeline: Pipeline, clock: Callable[[], float]) -> Iterator[Enriched]:
    """Enrich the pages of files; a page that is refused, or a file that cannot be read, is named on standard error."""
    for path in files:
        try:
            data = path.read_bytes()
        except OSError as error:
            typer.echo(f"vigie: {path}: {error.strerror}", err=True)
            raise typer.Exit(1) from None
        suffix = path.suffix.lower()
        if suffix not in TYPES and suffix not in LINES:
            raise typer.BadParameter(f"{path}: reads .txt, .html and .jsonl files", param_hint="FILE")
        lines = (
            data.splitlines() if suffix in LINES else [page_record(data, TYPES[suffix], f"https://local.invalid/{path.name}")[1]]
        )
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                yield process(decode_raw(line), pipeline, clock)[0]
            except InvalidEvent as error:
                typer.echo(f"vigie: {path}:{number}: {error.reason}: {error.message}", err=True)
