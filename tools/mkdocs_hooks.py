"""What the site does beyond mkdocs: a link out of docs/ leads to the repository; pages that mkdocs.yml does not name come last."""

import re
from pathlib import Path
from typing import Any, Protocol

_REPOSITORY = "https://github.com/vigie/vigie/blob/main/"
_ROOT = Path(__file__).parents[1]


class _File(Protocol):
    src_uri: str


class _Page(Protocol):
    file: _File


def on_config(config: dict[str, Any]) -> dict[str, Any]:
    """Called by mkdocs with what mkdocs.yml says."""
    named = str(config["nav"])
    pages = (str(path.relative_to(_ROOT / "docs")) for path in sorted((_ROOT / "docs").rglob("*.md")))
    if more := [page for page in pages if f"'{page}'" not in named]:
        config["nav"].append({"More": more})
    return config


def on_page_markdown(markdown: str, page: _Page, **_: object) -> str:
    """Called by mkdocs with the text of each page."""
    folder = (_ROOT / "docs" / page.file.src_uri).parent

    def outward(link: re.Match[str]) -> str:
        path = (folder / link[1]).resolve()
        inside = path.is_relative_to(_ROOT / "docs") or not path.is_relative_to(_ROOT) or not path.exists()
        return link[0] if inside else f"]({_REPOSITORY}{path.relative_to(_ROOT)}{link[2] or ''})"

    return re.sub(r"\]\((\.\./[^)#\s]+)(#[^)\s]*)?\)", outward, markdown)
