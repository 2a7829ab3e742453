"""The language of watch rules: Lucene query syntax, read by luqum, kept as a tree of our own.

    mali OR "Assimi Goïta"              a word; a phrase: its words in a row
    (grève OR strike*) AND NOT mine     AND, OR, NOT in capitals, parentheses, words that start with
    "mine grève"~8                      in any order, with at most 8 words between
    entity:Q912 entity:"Assimi Goïta"   a tagged entity, by id, name or surface; type:PER, type:ORG, type:LOC by type
    lang:fr origin:comment              what the document is; publisher: (name or domain), country:ML, author:

Compared by their folded words: neither case nor accents nor punctuation count. Nothing is ignored: what cannot be evaluated is
refused with its position. A query must ask for something: where it could hold for want of anything ("NOT mali"), it is refused.
"""

import re
from collections.abc import Callable
from threading import Lock
from typing import Any, get_args

from pipeline.errors import InvalidRule
from pipeline.events import EntityType, Origin
from pipeline.rules.tree import And, Atom, Near, Node, Not, Or, loose
from pipeline.rules.words import ends_in_word, key

MAX_LENGTH = 20_000
_MAX_DEPTH = 100


def parse(query: str) -> Node:
    """Read a query; InvalidRule, with the position and a hint, if it cannot be evaluated as written."""
    if not query.strip():
        raise InvalidRule("the query is empty: write a word, or leave the query out and name entities", 0)
    if len(query) > MAX_LENGTH:
        raise InvalidRule(f"the query has more than {MAX_LENGTH} characters: make several rules of it", MAX_LENGTH)
    tree = _build(_luqum(query), None, 0)
    if (negative := loose(tree)) is not None:
        hint = "join this NOT to something wanted, as in mali AND NOT mine"
        raise InvalidRule(f"the query would hold where nothing is found: {hint}", negative.position)
    return tree


_lock = Lock()  # ply keeps a parse's state in its one parser


def _luqum(query: str) -> Any:  # noqa: ANN401 - luqum has no types
    from luqum.parser import lexer, parser  # noqa: PLC0415 - builds its tables at import (0.1 s): only where a query is read

    try:
        with _lock:
            return parser.parse(query, lexer=lexer.clone())  # a lexer that met an error is spoilt for the next query
    except (ValueError, ArithmeticError) as error:
        from luqum.exceptions import ParseError  # noqa: PLC0415 - as above

        if not isinstance(error, ParseError):  # int() and Decimal() have met the number of "~1.5" or "^1.2.3"
            sign = re.search(r"[~^][\d.]*\.", query)
            raise InvalidRule("the number after ~ is a whole one, as in ~8", sign.start() if sign else None) from error
        places = re.findall(r"at position (\d+)", str(error))
        position = int(places[-1]) if places else len(query)
        raise InvalidRule(_syntax_hint(query, position), position) from error


_SYNTAX_HINTS = {
    '"': 'close the phrase with "',
    "/": 'regular expressions are not supported; put the term between "',
    ")": "it closes no parenthesis",
    "AND": "it stands between two terms",
    "OR": "it stands between two terms",
}


def _syntax_hint(query: str, position: int) -> str:
    if position >= len(query):
        return "the query stops too soon: close its parentheses, or finish what follows the last AND, OR or NOT"
    rest = query[position:]
    sign = next((sign for sign in _SYNTAX_HINTS if rest.startswith(sign)), rest[0])
    return f"cannot read {sign!r} here: " + _SYNTAX_HINTS.get(sign, 'put a term that holds such a character between "')


# --- from luqum's tree to ours ---------------------------------------------------------------------------------------

_HINTS = {
    "Fuzzy": "~ after a word (fuzzy search) is not supported; write the spellings with OR, or a prefix with *",
    "Boost": "^ (boost) is not supported: a rule holds or it does not; leave it out",
    "Range": "ranges are not supported; list the values with OR",
    "From": '> (a range) is not supported; put the term between "',
    "To": '< (a range) is not supported; put the term between "',
    "Regex": "regular expressions are not supported; use a prefix with *, or list the forms with OR",
    "Plus": "+ is not supported; join what must hold with AND",
    "Prohibit": "- is not supported; write AND NOT",
}
_AFTER_TERM = ("Fuzzy", "Boost")  # the sign follows the term


def _build(item: Any, field: str | None, depth: int) -> Node:  # noqa: ANN401 - luqum has no types
    kind = type(item).__name__
    if depth > _MAX_DEPTH:
        raise InvalidRule(f"the query is nested more than {_MAX_DEPTH} deep: make several rules of it", item.pos)
    if kind in _HINTS:
        position = item.children[0].pos + item.children[0].size if kind in _AFTER_TERM else item.pos
        raise InvalidRule(_HINTS[kind], position)
    return _BUILDERS[kind](item, field, depth + 1)


def _word(item: Any, field: str | None, _depth: int) -> Node:  # noqa: ANN401 - luqum has no types
    raw = item.value
    if raw in {"&&", "||"} or raw[0] == "!":
        raise InvalidRule("&&, || and ! are not operators here: write AND, OR, NOT", item.pos)
    if quote := re.search(r'(?<!\\)"', raw):
        raise InvalidRule("a phrase starts after a space: join it to what comes before with AND or OR", item.pos + quote.start())
    stem = _stem(raw)
    prefix = len(stem) < len(raw)
    if prefix and (raw[len(stem) :] != "*" or not ends_in_word(stem)):
        raise InvalidRule("a wildcard is one * at the end of a word, as in mali*", item.pos + len(stem))
    if prefix and field:
        raise InvalidRule(f"{field}: takes no wildcard; write the whole value", item.pos + len(stem))
    return _atom(field, _unescape(stem), item, prefix=prefix)


_WILDCARD = re.compile(r"(?<!\\)(?:\\\\)*(?P<sign>[*?])")  # an even number of backslashes escapes nothing


def _stem(raw: str) -> str:
    """What stands before the first wildcard that is not escaped."""
    wildcard = _WILDCARD.search(raw)
    return raw[: wildcard.start("sign")] if wildcard else raw


def _phrase(item: Any, field: str | None, _depth: int) -> Node:  # noqa: ANN401 - luqum has no types
    stem = _stem(item.value)
    if "*" in item.value[len(stem) :]:
        raise InvalidRule("a phrase takes no wildcard; write its words out", item.pos + len(stem))
    return _atom(field, _unescape(item.value[1:-1]), item)


def _unescape(raw: str) -> str:
    return re.sub(r"\\(.)", r"\1", raw, flags=re.DOTALL)


def _atom(field: str | None, text: str, item: Any, *, prefix: bool = False) -> Atom:  # noqa: ANN401 - luqum has no types
    value = key(text)
    if not value:
        raise InvalidRule("a term needs a letter or a digit: punctuation is not compared", item.pos)
    if field is None:
        return Atom(("text", f" {value}" if prefix else f" {value} "), text + "*" * prefix)
    if hint := _FIELDS[field](value):
        raise InvalidRule(f"{field}: {hint}", item.pos)
    return Atom((field, value), f"{field}:{text}")


def _near(item: Any, field: str | None, _depth: int) -> Node:  # noqa: ANN401 - luqum has no types
    after = item.pos + item.term.size
    if field:
        raise InvalidRule(f"{field}: takes no ~; write the whole value", after)
    _phrase(item.term, None, 0)
    text = _unescape(item.term.value[1:-1])
    found = key(text).split()
    if item._implicit_degree or len(found) < 2:  # noqa: SLF001 - luqum keeps nowhere else that the number was left out
        raise InvalidRule('~ takes two words or more and a number, as in "mine grève"~8', after)
    return Near(tuple(("text", f" {word} ") for word in found), item.degree, f'"{text}"~{item.degree}')


def _field(item: Any, field: str | None, depth: int) -> Node:  # noqa: ANN401 - luqum has no types
    if field:
        raise InvalidRule(f"a field within {field}: is not supported; join the two with AND", item.pos)
    if item.name not in _FIELDS:
        known = ", ".join(f"{name}:" for name in _FIELDS)
        raise InvalidRule(f'no field is called {item.name!r}: use {known} or put the term between "', item.pos)
    return _build(item.expr, item.name, depth)


def _not(item: Any, field: str | None, depth: int) -> Node:  # noqa: ANN401 - luqum has no types
    return Not(_build(item.children[0], field, depth), item.pos)


def _group(item: Any, field: str | None, depth: int) -> Node:  # noqa: ANN401 - luqum has no types
    return _build(item.expr, field, depth)


def _joined(join: type[And] | type[Or]) -> Callable[[Any, str | None, int], Node]:
    return lambda item, field, depth: join(tuple(_build(part, field, depth) for part in item.operands))


def _side_by_side(item: Any, _field: str | None, _depth: int) -> Node:  # noqa: ANN401 - luqum has no types
    for part in item.operands[1:]:
        written = str(getattr(part, "value", "")).strip()
        if written.upper() in {"AND", "OR", "NOT"} or written in {"&&", "||"}:
            raise InvalidRule(f"{written} is not an operator here: write AND, OR, NOT in capitals", part.pos)
    second = item.operands[1]
    if type(second).__name__ in {"Plus", "Prohibit"}:
        raise InvalidRule(_HINTS[type(second).__name__], second.pos)
    hint = "AND NOT" if type(second).__name__ == "Not" else 'AND or OR, or put a phrase between "'
    raise InvalidRule(f"two terms stand side by side: join them with {hint}", second.pos)


_BUILDERS: dict[str, Callable[[Any, str | None, int], Node]] = {
    "Word": _word,
    "Phrase": _phrase,
    "Proximity": _near,
    "SearchField": _field,
    "Not": _not,
    "Group": _group,
    "FieldGroup": _group,
    "AndOperation": _joined(And),
    "OrOperation": _joined(Or),
    "UnknownOperation": _side_by_side,
}


def _one_of(*allowed: str) -> Callable[[str], str | None]:
    return lambda value: None if value in map(str.lower, allowed) else f"takes one of {', '.join(allowed)}"


def _letters(least: int, most: int, example: str) -> Callable[[str], str | None]:
    shape = re.compile(rf"[a-z]{{{least},{most}}}")
    return lambda value: None if shape.fullmatch(value) else f"takes a code, as in {example}"


def _any_value(_value: str) -> str | None:
    return None


# Each field, with the check of its folded value: the hint where it can never hold.
_FIELDS: dict[str, Callable[[str], str | None]] = {
    "entity": _any_value,
    "type": _one_of(*get_args(EntityType)),
    "lang": _letters(2, 3, "lang:fr or lang:und"),
    "origin": _one_of(*get_args(Origin)),
    "publisher": _any_value,
    "country": _letters(2, 2, "country:ML"),
    "author": _any_value,
}
