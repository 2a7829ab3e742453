"""`vigie inspect FILE`: what vigie makes of a page, and why."""

from pathlib import Path
from typing import Annotated

import typer

from agents.cli.analysis import AS_PUBLISH, RulesOption, pipeline_for, read_rules
from agents.cli.context import console, fail, read_settings

EXAMPLES = {
    "inspect": "Example:  vigie inspect page.html\n\nIn a browser:  vigie inspect page.txt --rules rules.toml --html page-seen.html"
}


def inspect(
    files: Annotated[list[Path], typer.Argument(help=f"{AS_PUBLISH}; - for .jsonl from a pipe.")],
    rules: RulesOption = None,
    html: Annotated[
        Path | None,
        typer.Option("--html", help="Write one HTML file; a folder with an index for several pages.", show_default=False),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="The events as JSON Lines, as `vigie enrich` gives them.")] = False,
) -> None:
    """Show what vigie makes of pages, and why.

    Article, comments, languages, names, and the evidence for the boundary.
    """
    settings = read_settings()
    watched = read_rules(rules) if rules else ()
    from agents.cli import show
    from agents.cli.html import write_pages
    from agents.cli.lines import write_json
    from agents.cli.pages import enriched
    from pipeline.codec import encode

    pipeline = pipeline_for(settings, watched)
    pages = enriched(files, pipeline, settings)
    if html is not None:
        try:
            console().print(f"wrote {write_pages(list(pages), html)}", soft_wrap=True)
        except OSError as error:
            fail(f"{error.filename or html}: {error.strerror}; name a file (one page) or a folder (several) that can be written")
        return
    for page in pages:
        if json:
            write_json(encode(page))
        else:
            show.page(console(), page.article, page.comments, page.alerts)
    if not json:
        console().print(show.legend())
