"""What the site does beyond mkdocs: a link that leaves docs/ leads to the file in the repository, where it stands."""

import re
from pathlib import Path
from typing import Protocol

_REPOSITORY = "https://github.com/vigie/vigie/blob/main/"
_ROOT = Path(__file__).parents[1]


class _File(Protocol):
    src_uri: str


class _Page(Protocol):
    file: _File


def on_page_markdown(markdown: str, page: _Page, **_: object) -> str:
    """Called by mkdocs with the text of each page."""
    folder = (_ROOT / "docs" / page.file.src_uri).parent

    def outward(link: re.Match[str]) -> str:
        path = (folder / link[1]).resolve()
        inside = path.is_relative_to(_ROOT / "docs") or not path.is_relative_to(_ROOT) or not path.exists()
        return link[0] if inside else f"]({_REPOSITORY}{path.relative_to(_ROOT)}{link[2] or ''})"

    return re.sub(r"\]\((\.\./[^)#\s]+)(#[^)\s]*)?\)", outward, markdown)
