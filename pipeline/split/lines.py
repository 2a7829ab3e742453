"""A page as lines: the unit that the plain-text splitter decides about."""

from typing import NamedTuple

from pipeline.text import fold


class Line(NamedTuple):
    """A line that is not blank, without the white space around it. `gap`: blank lines stand before it."""

    start: int
    end: int
    text: str
    folded: str
    gap: bool


def cut(text: str) -> list[Line]:
    """The lines of a text that hold more than white space, in order; offsets are code points into `text`."""
    folded = fold(text)
    lines: list[Line] = []
    position, blank = 0, False
    for raw in text.split("\n"):
        stripped = raw.strip()
        if stripped:
            start = position + len(raw) - len(raw.lstrip())
            end = start + len(stripped)
            lines.append(Line(start, end, stripped, folded[start:end], blank))
        blank = not stripped
        position += len(raw) + 1
    return lines
