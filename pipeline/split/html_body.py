"""The article's own text, once the comments are cut out of the tree.

Resiliparse costs two milliseconds a page but keeps furniture; trafilatura costs ten times that and keeps less. The second serves
the pages where the answer of the first shows furniture. On the 181 pages of scrapinghub/article-extraction-benchmark: F1 .927 for
the first alone, .957 for the second alone, .945 together, with the second on 4 pages in 10.
"""

import re
from collections.abc import Sequence

from resiliparse.extract.html2text import extract_plain_text

from pipeline.split.html_dom import Tree, squeeze

_BODY = "[itemprop~=articleBody]"
_BODY_LEAST = 400  # code points in an element that the page calls the article's body
_FURNITURE = 0.04  # share of the text in short lines that end as no sentence does
_SHORT = 60
_SLOW_MOST = 500_000  # code points of markup that the slow extractor is given
_SLOW_LEAST = 0.3  # of the fast one's text; a page laid out in tables loses more
_SENTENCE_END = re.compile(r"[.!?…:;\"”»')\]]$")


def extract(page: Tree) -> list[str]:
    """The lines of the article, furniture left out; empty for a page without text."""
    html = page.html or ""
    bodies = page.css(_BODY)
    told = len(bodies) == 1 and len(bodies[0].text()) >= _BODY_LEAST
    lines = _fast((bodies[0].html or "") if told else html)
    if _furniture(lines) >= _FURNITURE and len(html) <= _SLOW_MOST:
        slow = _slow(html)
        return slow if sum(map(len, slow)) >= _SLOW_LEAST * sum(map(len, lines)) else lines
    return lines


def _furniture(lines: Sequence[str]) -> float:
    """The share of the text that stands in lines like those of menus and lists of links."""
    short = sum(len(line) for line in lines if len(line) < _SHORT and not _SENTENCE_END.search(line))
    return short / max(1, sum(map(len, lines)))


def _fast(html: str) -> list[str]:
    # The comments are cut out already: what its own filter would take now is an article marked `comments-open`.
    text = extract_plain_text(
        html, main_content=True, comments=True, alt_texts=False, links=False, form_fields=False, noscript=False
    )
    return _lines(text)


def _slow(html: str) -> list[str]:
    from trafilatura import extract as extract_slowly  # noqa: PLC0415 - half a second, which many processes never need

    return _lines(extract_slowly(html, fast=True, include_comments=False, include_tables=False) or "")


def _lines(text: str) -> list[str]:
    return [line for line in map(squeeze, text.splitlines()) if line]
