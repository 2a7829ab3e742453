"""A parsed page: bad markup made harmless, and walked without recursion."""

import re
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from selectolax.lexbor import LexborHTMLParser, LexborNode

Node = LexborNode
Tree = LexborHTMLParser

MAX_DEPTH = 400  # browsers stop at 512; parsers and extractors cost depth times size
_MAX_FORMATTING = 24  # open <b>, <font> and so on, which a parser repeats in every block that follows


def words(text: str) -> frozenset[str]:
    """A set of names, written as one line of them."""
    return frozenset(text.split())


_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]{0,30})[^<>]*>")
_TAG_NAME = re.compile(r"<(/?[a-zA-Z][a-zA-Z0-9-]{0,30})[^<>]*>")
_MAX_ATTRIBUTES = 1000
_CROWDED_CHARS = 4000
_CROWDED = re.compile(rf"<([a-zA-Z][a-zA-Z0-9-]{{0,30}})[^<>]{{{_CROWDED_CHARS},}}>")
# What has no end tag, or may leave it out: no depth.
_FLAT = words(
    "area base br col embed hr img input link meta param source track wbr "
    "p li dd dt option optgroup tr td th tbody thead tfoot colgroup rb rt rp rtc html head body frame"
)
_FORMATTING = words("a b big code em font i nobr s small strike strong tt u")
_BLOCK = words(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure footer form "
    "h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre section summary table tbody td tfoot th thead tr ul"
)
_UNREAD = words("script style noscript template iframe frame frameset noframes object svg math head audio video canvas -comment")
_SPACE = re.compile(r"[\s\x00\u200b\ufeff]+")


class _Steps(dict[str, int]):
    """How far a tag ("div", "/div") leads down the tree: 1, -1 or, where it leads nowhere, 0; three times that if it formats."""

    def __missing__(self, tag: str) -> int:
        name = tag.removeprefix("/").lower()
        step = 0 if name in _FLAT else 3 if name in _FORMATTING else 1
        return -step if tag.startswith("/") else step


_STEPS = _Steps()
_STEPS |= {sign + name: _STEPS[sign + name] for name in _FLAT | _FORMATTING | _BLOCK | _UNREAD for sign in ("", "/")}


def parse(content: str) -> LexborHTMLParser:
    """The page as a tree of at most about MAX_DEPTH levels, in time linear in its size. Lone surrogates become '?'."""
    content = content.encode("utf-8", "replace").decode("utf-8")
    if max(map(len, content.split("<"))) > _CROWDED_CHARS:
        content = _CROWDED.sub(_uncrowded, content)
    if _is_too_deep(content):
        content = _flattened(content)
    return LexborHTMLParser(content)


def _uncrowded(match: re.Match[str]) -> str:
    """A tag without its attributes when they are too many: a parser compares each with all others."""
    return match[0] if match[0].count(" ") < _MAX_ATTRIBUTES else f"<{match[1]}>"


def _is_too_deep(content: str) -> bool:
    steps = steps_of(content)
    return deepest(np.sign(steps)) > MAX_DEPTH or deepest(steps // 3 * (steps % 3 == 0)) > _MAX_FORMATTING


def steps_of(content: str) -> npt.NDArray[np.int64]:
    """How far each tag leads down the tree (_Steps)."""
    return np.array([*map(_STEPS.__getitem__, _TAG_NAME.findall(content))], dtype=np.int64)


def deepest(steps: npt.NDArray[np.int64]) -> int:
    """How deep the steps lead, where one up from the top leads nowhere."""
    sums = np.cumsum(steps)
    return int((sums - np.minimum.accumulate(np.minimum(sums, 0))).max(initial=0))


def _flattened(content: str) -> str:
    """The same text without formatting tags and without what lies deeper than MAX_DEPTH's tags."""
    depth = 0

    def keep(match: re.Match[str]) -> str:
        nonlocal depth
        tag = match[2].lower()
        if tag in _FORMATTING:
            return ""
        if tag in _FLAT:
            return match[0]
        shown = depth < MAX_DEPTH if not match[1] else 0 < depth <= MAX_DEPTH
        depth = max(0, depth + (-1 if match[1] else 1))
        return match[0] if shown else " "

    return _TAG.sub(keep, content)


def walk(root: Node) -> Iterator[tuple[Node, bool]]:
    """Elements as they open (True) and close (False), text nodes as they come (True), `root` included; only what is shown."""
    stack = [root]
    yield root, True
    node = root.child
    while stack:
        if node is None:
            closing = stack.pop()
            yield closing, False
            node = closing.next if stack else None
        elif node.tag == "-text":
            yield node, True
            node = node.next
        elif node.tag in _UNREAD:
            node = node.next
        else:
            stack.append(node)
            yield node, True
            node = node.child


def is_block(tag: str | None) -> bool:
    """Whether an element of this name stands on lines of its own."""
    return tag in _BLOCK


def squeeze(text: str | None) -> str:
    """Text on one line, white space and invisible characters as single spaces."""
    text = text or ""
    if "\x00" in text or "\u200b" in text or "\ufeff" in text:
        return _SPACE.sub(" ", text).strip()
    return " ".join(text.split())


def text_of(node: Node) -> str:
    """The text of an element on one line, scripts left out."""
    return squeeze("".join(_pieces(node)))


def _pieces(node: Node) -> Iterator[str]:
    for each, opens in walk(node):
        if each.tag == "-text":
            yield each.text_content or ""
        elif each.tag == "br" or (is_block(each.tag) and opens):
            yield " "


def attribute(node: Node, name: str) -> str:
    """An attribute, '' when it is missing or empty."""
    return node.attributes.get(name) or ""
