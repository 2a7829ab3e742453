"""A watch rule as a tree: what it asks for, and what a document must have for it to hold at all."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

# What a document has: a field and a folded value, as ("entity", "q912"). Field "text" takes a phrase in plain form (words.py).
Key = tuple[str, str]

# Facts that a great many documents share: a rule is looked up by one of them only if it asks for nothing rarer.
_BROAD = {"publisher": 1 << 30, "type": 1 << 31, "country": 1 << 32, "lang": 1 << 33, "origin": 1 << 33}


@dataclass(frozen=True, slots=True)
class Atom:
    """One thing that a document has or has not. `term` is how the rule's author wrote it."""

    key: Key
    term: str


@dataclass(frozen=True, slots=True)
class Near:
    """Words near each other, in any order, with at most `distance` others between; `keys` holds each, field "text"."""

    keys: tuple[Key, ...]
    distance: int
    term: str


@dataclass(frozen=True, slots=True)
class Listed:
    """Any of a rule's list of entities; `key` is the rule's own, and names.py tells where a document has one of them."""

    key: Key


@dataclass(frozen=True, slots=True)
class Not:
    """Holds where `part` does not; `position` is a code point offset into the query."""

    part: "Node"
    position: int


@dataclass(frozen=True, slots=True)
class And:
    """Holds where every part holds."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Holds where some part holds."""

    parts: tuple["Node", ...]


Node = Atom | Near | Listed | Not | And | Or


def leaves(node: Node) -> Iterator[Atom | Near | Listed]:
    """The atoms of a tree, from left to right."""
    match node:
        case Not():
            yield from leaves(node.part)
        case And() | Or():
            for part in node.parts:
                yield from leaves(part)
        case _:
            yield node


def keys(node: Node) -> set[Key]:
    """Everything that a tree asks about."""
    return {key for leaf in leaves(node) for key in (leaf.keys if isinstance(leaf, Near) else (leaf.key,))}


def loose(node: Node) -> Not | None:
    """The NOT for which a tree could hold on a document that has nothing it asks for; None if there is none."""
    match node:
        case Not():
            return node
        case Or():
            return next((found for part in node.parts if (found := loose(part)) is not None), None)
        case And():
            negatives = [loose(part) for part in node.parts]
            return None if None in negatives else negatives[0]
        case _:
            return None


def anchors(node: Node, shares: Mapping[Key, int]) -> frozenset[Key] | None:
    """Keys of which a document has one at least wherever the tree holds; None for a loose tree.

    Of several such sets, that which the fewest rules ask about: `shares` counts the rules by key.
    """

    def cost(found: frozenset[Key]) -> int:
        return sum(shares[key] + _BROAD.get(key[0], 0) for key in found)

    match node:
        case Atom() | Listed():
            return frozenset((node.key,))
        case Near():
            return min((frozenset((key,)) for key in node.keys), key=cost)
        case Not():
            return None
        case Or():
            parts = [anchors(part, shares) for part in node.parts]
            return None if None in parts else frozenset().union(*(part for part in parts if part))
        case And():
            held = [found for part in node.parts if (found := anchors(part, shares)) is not None]
            return min(held, key=cost, default=None)
