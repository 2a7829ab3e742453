"""What class names, ids and schema.org properties say about an element: which part of a comment it is."""

import re
from enum import StrEnum
from functools import cache, lru_cache
from typing import NamedTuple

from pipeline.languages import read
from pipeline.split.html_dom import Node, attribute, words
from pipeline.text import fold

_SHORT = {"author": 120, "date": 120, "meta": 240, "action": 240}  # code points; a longer element is none of these
_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_COMPOUND = re.compile(r"(?i)comment(?:aire)?s?(?=[a-z])(?!aire|ary|er|ing|ed)")
_UTILITY = re.compile(r"(?:text|font|bg|col|row|mt|mb|ml|mr|mx|my|pt|pb|pl|pr|px|py|d|w|h)-")
_NUMBERED = re.compile(r"[-_]?\d+$")
_TAG_ROLES = {"time": "date", "cite": "author", "button": "action", "form": "action", "textarea": "action", "input": "action"}
_TAG_ROLES |= {"select": "action", "label": "action", "nav": "action", "header": "meta", "footer": "meta", "legend": "meta"}
_TAG_ROLES |= {f"h{level}": "meta" for level in range(1, 7)}
_PROPERTIES = {
    "author": "author",
    "creator": "author",
    "name": "author",
    "text": "text",
    "commenttext": "text",
    "description": "text",
}
_PROPERTIES |= dict.fromkeys(("datepublished", "datecreated", "commenttime", "datemodified"), "date")
_SCHEMA = re.compile(r"schema\.org/(?:Comment|UserComments|Answer|DiscussionForumPosting)\b", re.IGNORECASE)
ZONE_TAGS = words("div section ol ul li article aside dl table tbody main")
ROWS = words("tr li div article section")
_ITEM_TAGS = words("li div article section tr td dt dl table")


class Item(StrEnum):
    """Why an element is taken to be one comment; the strongest first."""

    SCHEMA = "schema_org_comment"
    ID = "comment_id"
    CLASS = "comment_class"
    PLACE = "comment_zone"  # a row or sibling in a place for comments


class _Vocabulary(NamedTuple):
    zone: frozenset[str]
    item: frozenset[str]
    state: frozenset[str]
    roles: dict[str, str]
    by: re.Pattern[str]
    said: re.Pattern[str]
    heading: re.Pattern[str]
    action: re.Pattern[str]


def is_zone(node: Node) -> bool:
    """Whether an element's class or id names a place for comments."""
    known = vocabulary()
    return any(not known.state.intersection(words) and known.zone.intersection(words) for words in _names(node))


def item_kind(node: Node) -> Item | None:
    """Whether an element is one comment, by what its markup says."""
    if node.tag not in _ITEM_TAGS:
        return None
    attributes = node.attributes
    if not attributes:
        return None
    if _SCHEMA.search(attributes.get("itemtype") or "") or attributes.get("itemprop") == "comment":
        return Item.SCHEMA
    if attributes.get("data-comment-id") or attributes.get("data-commentid"):
        return Item.ID
    name = attributes.get("id") or ""
    if name and (bare := _NUMBERED.sub("", name)) != name and (words := cut(bare)) and vocabulary().item.issuperset(words):
        return Item.ID
    return Item.CLASS if _is_single(attributes.get("class") or "") else None


@lru_cache(maxsize=4096)
def _is_single(classes: str) -> bool:
    """Whether one of the class names is that of one comment."""
    item = vocabulary().item
    names = [cut(each) for each in classes.split()]
    return any(len(words) > 0 and item.issuperset(words) and not _SINGULAR.isdisjoint(words) for words in names)


_SINGULAR = frozenset({"comment", "commentaire", "reply", "reponse", "reaction", "review", "answer", "cmt", "kmt", "fil", "avis"})


def role(node: Node) -> str:
    """`author`, `date`, `text`, `action`, `meta`, or '' when the element says nothing; only a short one is furniture."""
    attributes, found = node.attributes, "date" if node.tag == "time" else ""
    if attributes:
        found = _PROPERTIES.get((attributes.get("itemprop") or "").lower(), found)
        found = found or _role_of_names(attributes.get("class") or "", attributes.get("id") or "")
    found = found or _TAG_ROLES.get(node.tag or "", "")
    if found in _SHORT and len(node.text_content or "") > 4 * _SHORT[found]:
        return ""
    return found


@lru_cache(maxsize=4096)
def _role_of_names(classes: str, name: str) -> str:
    """The role that the last telling word of each class gives, a date before an author; the id when no class tells."""
    known = vocabulary()
    roles = [_last_role(cut(each), known) for each in classes.split() if not _UTILITY.match(each)]
    found = next((role for role in ("date", "author", "action", "text", "meta") if role in roles), "")
    return found or _last_role(cut(_NUMBERED.sub("", name)), known)


def _last_role(words: tuple[str, ...], known: _Vocabulary) -> str:
    return next((known.roles[word] for word in reversed(words) if word in known.roles), "")


def _names(node: Node) -> list[tuple[str, ...]]:
    return [cut(each) for each in f"{attribute(node, 'class')} {attribute(node, 'id')}".split()]


@lru_cache(maxsize=4096)
def cut(name: str) -> tuple[str, ...]:
    """The words of one class name or id: 'td-commentBody_2' gives td, comment, body."""
    return tuple(fold(part) for part in _PART.findall(_COMPOUND.sub(lambda match: f"-{match[0].lower()}-", name[:100])))


@cache
def vocabulary() -> _Vocabulary:
    """Every language's html.toml together."""
    languages = read("html").values()
    every = {key: [word for data in languages for word in data[key]] for key in ("zone", "item", "state")}
    lines = {
        key: "|".join(word for data in languages for word in data["lines"][key]) for key in ("by", "said", "heading", "action")
    }
    return _Vocabulary(
        zone=frozenset(every["zone"]),
        item=frozenset(every["item"]),
        state=frozenset(every["state"]),
        roles={word: role for data in languages for role, words in data["roles"].items() for word in words},
        by=re.compile(rf"(?:{lines['by']})\s+", re.IGNORECASE),
        said=re.compile(rf"\s+(?:{lines['said']})[\W_]*$", re.IGNORECASE),
        heading=re.compile(rf"[\W\d]*(?:{lines['heading']})[\W\d]*"),
        action=re.compile(rf"\W*(?:{lines['action']})[\W\d]*"),
    )
