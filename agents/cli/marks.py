"""Marks on a text, as HTML: they may overlap and cross paragraphs, and still give well-formed elements."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from unicodedata import category

from pipeline.events import Article, Comment

_HIDDEN = {"Cc", "Cf", "Cs"}  # controls, bidi overrides, halves of characters


@dataclass(frozen=True)
class Mark:
    """A stretch of code points, the start tag (without its >) and end tag around it, and the id that its first piece gets."""

    start: int
    end: int
    opening: str
    closing: str
    id: str = ""


def marked(text: str, marks: Iterable[Mark], line_feed: str = "<br>") -> str:
    """Escape a text and put its marks around it; of marks on the same code points the first given is the outermost.

    The text is cut wherever a mark begins or ends and at each line feed, so that no element overlaps another.
    """
    begins: dict[int, list[int]] = defaultdict(list)
    ends: dict[int, list[int]] = defaultdict(list)
    listed = [mark for mark in marks if 0 <= mark.start < mark.end <= len(text)]
    for number, mark in enumerate(listed):
        begins[mark.start].append(number)
        ends[mark.end].append(number)
    feeds = {place for place, char in enumerate(text) if char == "\n"}
    cuts = sorted({0, len(text), *begins, *ends, *feeds, *(place + 1 for place in feeds)})
    active: set[int] = set()
    pieces = []
    for start, end in pairwise(cuts):
        active.difference_update(ends.get(start, ()))
        active.update(begins.get(start, ()))
        if start in feeds:
            pieces.append(line_feed)
            continue
        around = [listed[number] for number in sorted(active)]
        opened = "".join(mark.opening + (f' id="{mark.id}">' if mark.id and mark.start == start else ">") for mark in around)
        pieces += [opened, escaped(text[start:end]), *(mark.closing for mark in reversed(around))]
    return "".join(pieces)


def escaped(text: str) -> str:
    """Escape a text for HTML, with a blank for each character that is not seen but can turn the text around."""
    if text.isascii() and text.isprintable():
        return escape(text)
    return escape("".join(" " if category(char) in _HIDDEN else char for char in text))


def excerpt(snippet: str, texts: Iterable[str]) -> str:
    """A snippet with an ellipsis on each side on which the text that it was cut from goes on."""
    text = next((text.strip() for text in texts if snippet in text), snippet)
    return f"{'' if text.startswith(snippet) else '… '}{snippet}{'' if text.endswith(snippet) else ' …'}"


def texts_of(article: Article, comments: Iterable[Comment]) -> dict[str, tuple[str, ...]]:
    """What an alert may have been cut from, by the id of its document."""
    return {article.id: (article.headline or "", article.body)} | {each.id: (each.text,) for each in comments}
