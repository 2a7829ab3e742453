"""`vigie inspect FILE`: what vigie makes of a page, and why."""

import time
from pathlib import Path
from typing import Annotated

import typer

from agents.cli import show
from agents.cli.analysis import read_rules
from agents.cli.context import console, read_settings


def inspect(
    files: Annotated[list[Path], typer.Argument(help=".txt, .html or .jsonl (RawArticle) files")],
    rules: Annotated[Path | None, typer.Option("--rules", help="TOML file with [[rules]] tables", show_default=False)] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write a page, or a folder for several.", show_default=False)] = None,
    json: Annotated[bool, typer.Option("--json", help="The events as JSON Lines.")] = False,
) -> None:
    """Show pages as vigie sees them: article, comments, languages, names, and the evidence for the boundary."""
    from agents.cli.html import write_pages
    from agents.cli.pages import enriched
    from pipeline.codec import encode
    from pipeline.process import load_pipeline

    pipeline = load_pipeline(read_rules(rules) if rules else (), detector=read_settings().detector)
    pages = enriched(files, pipeline, time.perf_counter)
    if html is not None:
        written = write_pages(list(pages), html)
        console().print(f"wrote {written}", markup=False)
        return
    for page in pages:
        if json:
            print(encode(page).decode())
        else:
            show.page(console(), page.article, page.comments, page.alerts)
    if not json:
        console().print(show.legend())
