"""Article, comments and furniture of a page, whatever its content type: `split` is the stage, the rest of the folder its parts."""

from collections.abc import Callable
from datetime import datetime

from pipeline.events import ContentType
from pipeline.split.html import split_html
from pipeline.split.layout import Layout
from pipeline.split.plain import split_text


def _plain(content: str, *, url: str, now: datetime | None) -> Layout:  # noqa: ARG001 - every splitter is called alike
    return split_text(content, now=now)


_SPLITTERS: dict[ContentType, Callable[..., Layout]] = {"text/plain": _plain, "text/html": split_html}


def split(content: str, content_type: ContentType, *, url: str = "", now: datetime | None = None) -> Layout:
    """The layout of a page. `url` is the page's own address; `now` is what relative dates ('il y a 3 jours') count from."""
    return _SPLITTERS[content_type](content, url=url, now=now)
