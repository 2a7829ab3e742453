"""Comments in a page's markup, found before the article is, and cut out of the tree.

A zone (an element whose class or id speaks of comments) is read as a line of blocks, each with a role: author, date, text, action,
meta. Comments begin where an element begins that is one comment by its markup; in a zone without such elements, where the run of
author and date marks begins anew. Nesting of the elements, or a `depth-2` class, gives who answers whom.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from selectolax.lexbor import LexborHTMLParser

from pipeline.split.html_dates import find_date, is_date_line, is_interface, is_name
from pipeline.split.html_dom import Node, attribute, is_block, squeeze, walk
from pipeline.split.html_vocabulary import ROWS, ZONE_TAGS, Item, is_zone, item_kind, role, vocabulary
from pipeline.text import fold

_MARKS = ("author", "date")
_STRAY = 400  # code points of text before the first comment: more, and the zone holds an article
_LEVEL = re.compile(r"(?:depth|level|niveau|indent)[-_]?(\d{1,3})\b", re.IGNORECASE)
_KEYS = ("data-comment-id", "data-commentid", "id")
_DIGITS = "0123456789"
_PARENTS = ("data-parent", "data-parent-id", "data-parentid", "data-in-reply-to", "data-reply-to")
_ARTICLE = "h1, [itemprop=articleBody], [itemprop=headline]"


@dataclass
class Draft:
    """A comment as it is read: its lines, what stands around it, and how deep it is nested."""

    depth: int
    place: int = 0  # how deep in the tree its element is
    kind: Item | None = None
    key: str = ""
    parent_key: str = ""
    published_at: datetime | None = None
    lines: list[str] = field(default_factory=list)
    header: list[str] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)  # of the lines of `header`
    bare: int = 0  # how many of `lines` had no role of their own

    @property
    def text(self) -> str:
        """The comment's own lines."""
        return "\n".join(self.lines)


@dataclass
class _Event:
    """An element that is a comment begins (`node`), or a block of text was read."""

    role: str
    text: str = ""
    when: datetime | None = None
    node: Node | None = None
    kind: Item | None = None
    depth: int = 0


def harvest(page: LexborHTMLParser, now: datetime | None) -> list[Draft]:
    """The comments of every zone of the page, in order; the zones are cut out of the tree. Empty when none was found."""
    found: list[Draft] = []
    for zone in _zones(page):
        drafts = drafts_of(zone, now)
        if drafts is not None:
            found += drafts
            zone.decompose()
    return found


def _zones(page: LexborHTMLParser) -> list[Node]:
    """Elements that may hold comments, outermost first; one that holds the article too gives way to what it holds."""
    taken: set[int] = set()
    zones = []
    found = {node.mem_id: node for node in page.css(_selector())}  # which gives a node once for each part that fits
    for node in found.values():
        if node.tag not in ZONE_TAGS or not (is_zone(node) or item_kind(node) is Item.SCHEMA):
            continue
        if not _is_within(node, taken) and node.css_first(_ARTICLE) is None:
            taken.add(node.mem_id)
            zones.append(node)
    return zones


def _is_within(node: Node, taken: set[int]) -> bool:
    parent = node.parent
    while parent is not None:
        if parent.mem_id in taken:
            return True
        parent = parent.parent
    return False


@cache
def _selector() -> str:
    known = vocabulary().zone
    words = sorted(word for word in known if not any(other in word for other in known - {word}))  # the others hold one of these
    return ", ".join([f'[{name}*="{word}" i]' for word in words for name in ("class", "id")] + ['[itemtype*="schema.org" i]'])


def drafts_of(zone: Node, now: datetime | None, items: frozenset[int] = frozenset()) -> list[Draft] | None:
    """The comments of a zone; an empty list for one that only holds furniture (a form), None for one that is no zone at all.

    `items` are elements (by mem_id) that are known to be comments whatever their markup says.
    """
    events = _events(zone, now, items)
    before = next((at for at, event in enumerate(events) if event.node is not None), 0)
    if sum(len(event.text) for event in events[:before] if event.role in ("", "text")) > _STRAY:
        return None
    by_item = [draft for draft in _by_item(events) if draft.lines]
    by_mark = [draft for draft in _by_mark(events) if draft.lines] if len(by_item) <= 1 else []
    if not items and not by_item and len(rows := _rows(zone)) >= max(2, len(by_mark)):
        return drafts_of(zone, now, rows)
    drafts = by_mark if len(by_mark) > max(1, len(by_item)) else by_item
    if signed := _signed(drafts):
        return signed
    return [] if sum(len(event.text) for event in events if event.role in ("", "text")) < _STRAY / 2 else None


def _signed(drafts: list[Draft]) -> list[Draft]:
    """The drafts without furniture that was taken for a comment: where others bear an author or a date, one without is none,
    unless its element says in schema.org's words that it is one.

    Drafts that only their place tells need a date; those of a telling element, an author or a date, in half the cases.
    """
    dated = [draft for draft in drafts if draft.published_at or "date" in draft.roles]
    marked = [draft for draft in drafts if draft.published_at or draft.roles]
    certain = any(draft.kind in (Item.SCHEMA, Item.ID) for draft in drafts)
    placed = all(draft.kind in (None, Item.PLACE) for draft in drafts)
    if len(dated if placed else marked) * 2 >= len(drafts):
        return [draft for draft in drafts if draft.published_at or draft.roles or draft.kind is Item.SCHEMA]
    return drafts if certain else []


def _rows(zone: Node) -> frozenset[int]:
    """Children of one form in a zone without telling names, such as the rows of a table."""
    holder: Node | None = zone
    while holder is not None:
        rows = [child for child in holder.iter() if child.tag in ROWS]
        if len(rows) > 1:
            return frozenset(row.mem_id for row in rows if row.tag == rows[0].tag)
        holder = rows[0] if rows else next((child for child in holder.iter() if child.tag == "tbody"), None)
    return frozenset()


def _events(zone: Node, now: datetime | None, items: frozenset[int]) -> list[_Event]:
    """The zone as a line of comment starts and blocks."""
    reader = _Reader(now)
    for node, opens in walk(zone):
        if node.tag == "-text":
            reader.pieces.append(node.text_content or "")
        elif opens:
            kind = item_kind(node) or (Item.PLACE if node.mem_id in items else None)
            reader.open(node, kind)
        else:
            reader.close(node)
    reader.flush()
    return reader.events


class _Reader:
    """Gathers inline text to blocks, each under the role of the nearest element that has one."""

    def __init__(self, now: datetime | None) -> None:
        self.events: list[_Event] = []
        self.pieces: list[str] = []
        self._now = now
        self._roles: list[tuple[str, datetime | None]] = [("", None)]
        self._whens: list[datetime | None] = []

    def open(self, node: Node, kind: Item | None) -> None:
        own = role(node) if kind is None or node.tag == "dt" else ""
        if own or kind or is_block(node.tag) or node.tag == "br":
            self.flush()
        if kind:
            self.events.append(_Event(role="item", node=node, kind=kind, depth=len(self._roles)))
        inherited, when = self._roles[-1] if not kind else ("", None)
        if own == "date":
            when = _machine_date(node, self._now)
            if node.tag == "meta" and when:
                self.events.append(_Event(role="date", when=when))
        self._roles.append((own or inherited, when))

    def close(self, node: Node) -> None:
        changed = self._roles[-1] != self._roles[-2]
        if changed or is_block(node.tag):
            self.flush()
        self._roles.pop()

    def flush(self) -> None:
        if not self.pieces:
            return
        text = squeeze("".join(self.pieces))
        self.pieces.clear()
        if text:
            role, when = self._roles[-1]
            self.events.append(_Event(role=_line_role(role, text), text=text, when=when))


def _machine_date(node: Node, now: datetime | None) -> datetime | None:
    """The date of an element's attributes, which machines wrote."""
    for name in ("datetime", "content", "title", "data-time", "data-date"):
        found = find_date(attribute(node, name), now)
        if found:
            return found
    return None


def _line_role(role: str, text: str) -> str:
    """The role of a block once its text is known: 'Reply' and '3 comments' are furniture wherever they stand."""
    if role in ("", "text", "meta") and len(text) < 80:
        folded = fold(text)
        if vocabulary().action.fullmatch(folded):
            return "action"
        if role != "text" and (vocabulary().heading.fullmatch(folded) or is_interface(folded)):
            return "action"
        if role == "" and is_date_line(folded):
            return "date"
    return role


def _by_item(events: Iterable[_Event]) -> list[Draft]:
    """Comments that begin where an element begins that is one."""
    drafts: list[Draft] = []
    for event in events:
        if event.node is not None:
            if drafts and not drafts[-1].lines and not drafts[-1].header and event.depth <= drafts[-1].place:
                drafts.pop()  # an element that looked like a comment and held none
            if not drafts or drafts[-1].lines:
                drafts.append(Draft(depth=_depth(event), place=event.depth))
            _name(drafts[-1], event.node, event.kind)
        elif drafts:
            _add(drafts[-1], event)
    return drafts


def _by_mark(events: Sequence[_Event]) -> list[Draft]:
    """Comments that begin with the kind of mark that the first one begins with, or with text where marks close a comment."""
    parts = [event for event in events if event.role in (*_MARKS, "text", "")]
    first = next((event.role for event in parts if event.role in _MARKS or event.role == "text"), "")
    drafts: list[Draft] = []
    for event in events:
        current = drafts[-1] if drafts else None
        if event.role == first and first in _MARKS:
            if current is None or current.lines:
                drafts.append(Draft(depth=0))
        elif event.role == "text" == first and (current is None or (current.lines and current.roles)):
            drafts.append(Draft(depth=0))
        if drafts:
            _add(drafts[-1], event)
    return drafts


def _depth(event: _Event) -> int:
    """How deep a comment is nested: as its class says, else by the depth of its element."""
    level = _LEVEL.search(attribute(event.node, "class")) if event.node else None
    return int(level[1]) if level else event.depth


def _name(draft: Draft, node: Node, kind: Item | None) -> None:
    """Note what the element says of the comment: its id, its parent's, and how sure it is one."""
    if draft.kind is None or (kind and list(Item).index(kind) < list(Item).index(draft.kind)):
        draft.kind = kind
    attributes = node.attributes
    draft.key = draft.key or _number(next((key for name in _KEYS if (key := attributes.get(name))), ""))
    draft.parent_key = draft.parent_key or next(filter(None, (_number(attributes.get(name) or "") for name in _PARENTS)), "")


def _number(name: str) -> str:
    """The number that a name ends with."""
    return name[len(name.rstrip(_DIGITS)) :]


def _add(draft: Draft, event: _Event) -> None:
    if event.role in ("", "text"):
        draft.lines.append(event.text)
        draft.bare += not event.role
    elif event.role in (*_MARKS, "meta"):
        if event.role == "date" and len(draft.lines) == draft.bare == 1 and "author" not in draft.roles and is_name(draft.lines[0]):
            draft.header.append(draft.lines.pop())  # a short line without a role before the date
            draft.roles.append("author")
        if event.text:
            draft.header.append(event.text)
            draft.roles.append(event.role)
        draft.published_at = draft.published_at or event.when
