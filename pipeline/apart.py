"""Comments that a crawler has apart from the article: put into one page with it, as markup that the splitter is sure of.

The markup is schema.org's Comment (https://schema.org/Comment), which pipeline/split/html_comments.py reads before anything else.
"""

from collections.abc import Iterable
from html import escape
from typing import NamedTuple

_SCHEMA = "https://schema.org/Comment"


class Apart(NamedTuple):
    """A comment as a crawler has it: text of the page's content type, a name, a date as text, and the comments that answer it."""

    text: str
    author: str
    published_at: str
    replies: tuple["Apart", ...] = ()

    def markup(self, *, html: bool) -> str:
        """The comment and its answers as an element of HTML; empty without any text."""
        below = "".join(each.markup(html=html) for each in self.replies)
        if not self.text.strip():
            return below
        author = f'<span itemprop="author">{escape(self.author)}</span>' if self.author.strip() else ""
        date = f'<meta itemprop="dateCreated" content="{escape(self.published_at)}">' if self.published_at else ""
        text = self.text if html else _paragraphs(self.text)
        return f'<div itemscope itemtype="{_SCHEMA}">{author}{date}<div itemprop="text">{text}</div>{below}</div>\n'


def page_of(content: str, comments: Iterable[Apart], *, html: bool) -> str:
    """The article and its comments as one page of HTML, empty without comments; `html`: their texts are HTML, else plain."""
    below = "".join(each.markup(html=html) for each in comments)
    if not below:
        return ""
    return f"{content if html else f'<article>{_paragraphs(content)}</article>'}\n{below}"


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(line)}</p>\n" for line in text.splitlines() if line.strip())
