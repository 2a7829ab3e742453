"""Comments without telling names: siblings of one form that each hold a date and a text, such as the posts of a forum."""

from collections import defaultdict
from datetime import datetime
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser

from pipeline.split.html_comments import Draft, drafts_of
from pipeline.split.html_dom import Node, attribute, text_of, words
from pipeline.split.html_vocabulary import cut, role

_MARKS = ", ".join(
    ["time", "abbr[title]", "[itemprop*=date i]"]
    + [f'[class*="{word}" i]' for word in ("date", "time", "author", "auteur", "posted", "ago")]
)
_MAX_MARKS = 4000
_CLIMB = 6
_FEWEST = 3
_TITLE = 25  # code points of a link that is no name and no button
_ASIDE = frozenset(("nav", "aside", "header", "footer", "head", "form"))
_ORDER = words("odd even first last alt bg left right clearfix")


class _Form(NamedTuple):
    """What siblings must share: their parent, their tag and their class names without what numbers them."""

    parent: int
    tag: str
    names: frozenset[tuple[str, ...]]


def harvest_siblings(page: LexborHTMLParser, now: datetime | None) -> list[Draft]:
    """The comments of the largest family of dated siblings that reads like people, not like a list of articles; cut out."""
    families = sorted(_families(page).values(), key=lambda family: -len(family))
    for family in families[:3]:
        parent = family[0].parent
        if parent is None or len(family) < _FEWEST or sum(map(_is_teaser, family)) * 2 > len(family):
            continue
        drafts = drafts_of(parent, now, frozenset(node.mem_id for node in family)) or []
        told = [draft for draft in drafts if "author" in draft.roles]
        if len(drafts) >= _FEWEST and len(told) * 2 > len(drafts):
            for node in family:
                node.decompose()
            return drafts
    return []


def _families(page: LexborHTMLParser) -> dict[_Form, list[Node]]:
    """Siblings of one form that each hold a mark of their own."""
    families: defaultdict[_Form, dict[int, Node]] = defaultdict(dict)
    for mark in page.css(_MARKS)[:_MAX_MARKS]:
        if role(mark) not in ("date", "author", "meta"):
            continue
        node: Node | None = mark
        for _ in range(_CLIMB):
            if node is None or node.parent is None or node.tag in ("body", *_ASIDE):
                break
            families[_form(node)][node.mem_id] = node
            node = node.parent
    return {
        form: list(nodes.values())
        for form, nodes in families.items()
        if len(nodes) >= _FEWEST and form.tag not in ("span", "a", "time", "p")
    }


def _form(node: Node) -> _Form:
    names = frozenset(words for name in attribute(node, "class").split() if (words := cut(name)) and not _ORDER.issuperset(words))
    return _Form(parent=node.parent.mem_id if node.parent else 0, tag=node.tag or "", names=names)


def _is_teaser(node: Node) -> bool:
    """Whether it announces another page: a title that is a link, or more link than text."""
    links = [(text_of(link), _is_fragment(link)) for link in node.css("a")]
    if any(len(text) > _TITLE and " " in text and not stays for text, stays in links):
        return True
    return sum(len(text) for text, _ in links) * 2 > len(text_of(node))


def _is_fragment(link: Node) -> bool:
    """Whether a link stays on the page, as permalinks of comments do."""
    return "#" in attribute(link, "href")
