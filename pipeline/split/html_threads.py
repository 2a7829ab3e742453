"""Who wrote a comment, when, and whom it answers: what is left to tell once the comments of a page are read."""

import re
from collections.abc import Sequence
from datetime import datetime
from itertools import chain

from pipeline.events import Author
from pipeline.split.html_comments import Draft
from pipeline.split.html_dates import find_date, header_name, is_name
from pipeline.split.html_vocabulary import vocabulary
from pipeline.text import fold

_WRAPPING = ' \t,:;|-–—·•#[]«»"“”>/'
_ADDRESSED = re.compile(r"@([\w.-]{2,40}(?: [\w.-]{2,40})?)")


def date_of(draft: Draft, now: datetime | None) -> datetime | None:
    """The date of a comment: what machines wrote, else what its header says."""
    dated = (find_date(line, now) for line, role in zip(draft.header, draft.roles, strict=True) if role != "author")
    anywhere = (find_date(line, now) for line in draft.header)
    return draft.published_at or next(filter(None, dated), None) or next(filter(None, anywhere), None)


def author_of(draft: Draft) -> Author | None:
    """The author that an element of the header names, else the name that a line like 'Par Awa, le 12 mars' leaves."""
    marked = [line for line, role in zip(draft.header, draft.roles, strict=True) if role == "author"]
    names = chain(map(_marked_name, marked), map(_named, draft.header))
    found = next(filter(None, names), None)
    return Author(name=found, source="header") if found else None


def _marked_name(line: str) -> str | None:
    """The name on a line that is marked as the author's: all of it but 'Par', 'a dit :' and, if one stands there, a date."""
    known = vocabulary()
    line = known.said.sub("", line).strip(_WRAPPING)
    line = line[match.end() :] if (match := known.by.match(line)) else line
    return line if is_name(line) else _named(line)


def _named(line: str) -> str | None:
    """The name beside a date or an 'a dit', if it looks like one."""
    name = header_name(line)
    return name if name and is_name(name) else None


def replies(drafts: Sequence[Draft], authors: Sequence[Author | None]) -> list[int | None]:
    """For each comment the index of the one that it answers: as its markup says, by nesting, or by a leading '@Name'."""
    by_key: dict[str, int] = {}
    latest: dict[str, int] = {}
    open_above: list[int] = []
    answers: list[int | None] = []
    for index, draft in enumerate(drafts):
        while open_above and drafts[open_above[-1]].depth >= draft.depth:
            open_above.pop()
        nested = open_above[-1] if open_above else None
        addressed = _ADDRESSED.match(draft.text)
        named = _addressee(addressed[1], latest) if addressed else None
        answers.append(next((each for each in (by_key.get(draft.parent_key), named, nested) if each is not None), None))
        open_above.append(index)
        by_key |= {draft.key: index} if draft.key else {}
        author = authors[index]
        if author:
            latest[fold(author.name)] = index
    return answers


def _addressee(name: str, latest: dict[str, int]) -> int | None:
    """The latest comment of a name, or of its first word alone."""
    folded = fold(name)
    return latest.get(folded, latest.get(folded.split()[0]))
