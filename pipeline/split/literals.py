"""Many patterns on many lines: an automaton over the strings that their matches must hold tells where each is worth a try.

The strings are taken from the parsed pattern, as RE2's prefilter does (Cox, "Regular expression matching with a trigram index",
2012): one of them, at least, is in whatever the pattern matches. On a page of a hundred lines a handful of tries is left.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from itertools import accumulate
from typing import Any

from ahocorasick_rs import BytesAhoCorasick, Implementation

from pipeline.errors import InvalidModel

_MOST = 64  # strings that a pattern may be looked for by
_parse = import_module("re._parser").parse
Strings = frozenset[str]
Token = tuple[Any, Any]  # what the parser makes of a piece of a pattern: its kind, and a value that depends on it
_NOTHING: Strings = frozenset({""})


class Finder:
    """Patterns by name, looked for together; none may match across a line feed."""

    def __init__(self, patterns: Mapping[str, Iterable[str]]) -> None:
        self.names = tuple(patterns)
        self._patterns: list[tuple[str, re.Pattern[str]]] = []
        of_string: defaultdict[str, list[int]] = defaultdict(list)
        for name, sources in patterns.items():
            for source in sources:
                for string in needed(source):
                    of_string[string].append(len(self._patterns))
                self._patterns.append((name, re.compile(source)))
        self._of_string = list(of_string.values())
        self._automaton = BytesAhoCorasick([string.encode() for string in of_string], implementation=Implementation.DFA)

    def on(self, lines: Sequence[str]) -> dict[str, set[int]]:
        """Which lines each name's patterns are found on."""
        coded = [line.encode("utf-8", "surrogatepass") for line in lines]
        starts = list(accumulate((len(line) + 1 for line in coded), initial=0))
        found: dict[str, set[int]] = {name: set() for name in self.names}
        tried: set[tuple[int, int]] = set()
        for string, start, _ in self._automaton.find_matches_as_indexes(b"\n".join((b"", *coded, b"")), overlapping=True):
            line = min(bisect_right(starts, start), len(lines)) - 1
            tried.update((line, pattern) for pattern in self._of_string[string])
        for line, pattern in tried:
            name, compiled = self._patterns[pattern]
            if line not in found[name] and compiled.search(lines[line]):
                found[name].add(line)
        return found


def needed(pattern: str) -> Strings:
    """Strings one of which is in every match of a pattern, on a line between line feeds; InvalidModel if there are none."""
    strings = _needed(_parse(pattern))
    if not min(strings, key=len, default=""):
        message = f"pipeline/languages: the pattern {pattern!r} must hold a letter, a sign or the start of the line"
        raise InvalidModel(message)
    return frozenset(string for string in strings if not any(other in string for other in strings if other != string))


def _needed(tokens: Iterable[Token]) -> Strings:
    """The strings of the sequence's best part: a run of exact tokens, or a part that repeats or branches."""
    best = run = _NOTHING
    for token in tokens:
        exact = _exact(token)
        if exact is not None and len(run) * len(exact) <= _MOST:
            run = frozenset(begun + string for begun in run for string in exact)
        else:
            best = max(best, run, _inside(token), key=_worth)
            run = exact or _NOTHING
    return max(best, run, key=_worth)


def _worth(strings: Strings) -> tuple[int, int]:
    return min(map(len, strings)), -len(strings)


def _exact(token: Token) -> Strings | None:
    """All that a token can match, where that is little; conditions match the empty string."""
    kind, value = str(token[0]), token[1]
    exact: Strings | None = None
    match kind:
        case "LITERAL":
            exact = frozenset({chr(value)})
        case "AT":
            exact = frozenset({"\n"}) if str(value) in {"AT_BEGINNING", "AT_END"} else _NOTHING
        case "ASSERT" | "ASSERT_NOT":
            exact = _NOTHING
        case "IN" if all(str(each) == "LITERAL" for each, _ in value):
            exact = frozenset(chr(code) for _, code in value)
        case "SUBPATTERN":
            exact = _joined(value[-1])
        case "BRANCH" if all(branches := [_joined(branch) for branch in value[1]]):
            exact = frozenset().union(*filter(None, branches))
        case "MAX_REPEAT" if value[:2] == (0, 1) and (once := _joined(value[2])):
            exact = once | _NOTHING
    return exact if exact is None or len(exact) <= _MOST else None


def _joined(tokens: Iterable[Token]) -> Strings | None:
    """All that a sequence can match, where that is little."""
    whole = _NOTHING
    for token in tokens:
        exact = _exact(token)
        if exact is None or len(whole) * len(exact) > _MOST:
            return None
        whole = frozenset(begun + string for begun in whole for string in exact)
    return whole


def _inside(token: Token) -> Strings:
    """What is needed within a token that matches too much to be told."""
    kind, value = str(token[0]), token[1]
    match kind:
        case "SUBPATTERN":
            return _needed(value[-1])
        case "BRANCH":
            return frozenset().union(*map(_needed, value[1]))
        case "MAX_REPEAT" | "MIN_REPEAT" if value[0]:
            return _needed(value[2])
    return _NOTHING
