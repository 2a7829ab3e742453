"""The agencies and sites that an article itself names as where it comes from.

Only lines that sign off are read ("Source : ...", "Avec AFP", "(AFP)", "Reuters") and the dateline that opens the text
("BAMAKO (AFP) -"): an agency that the text merely mentions is no source.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple
from urllib.parse import urlsplit

from pipeline.events import InfoSource
from pipeline.languages import read
from pipeline.text import WORD, fold, urls

_MAX_LINE = 160  # code points; a longer line is running text
_MAX_NAME = 60
_DATELINE = 80  # how far into the text a dateline may reach
_NAMES = re.compile(r"\s*(?:[,;/&|+]|\bet\b|\band\b|\s[-–—]\s)\s*")
_ENDING = re.compile(r"\(([^()]{2,60})\)[.\s]*$")
_SENTENCE_END = re.compile(r'[.!?…»"”)]\s+')


class _Data(NamedTuple):
    """Every language's sources.toml together; names and words are folded."""

    label: re.Pattern[str]
    with_words: re.Pattern[str]  # faster than the next, which finds them as whole words
    after_with: re.Pattern[str]
    newsroom: frozenset[str]
    picture: frozenset[str]
    names: dict[str, str]
    heads: frozenset[str]
    domains: dict[str, str]


def info_sources(body: str, folded: str | None = None) -> tuple[InfoSource, ...]:
    """The sources that `body` signs off with, in order, each once; a URL that any of its lines gives is kept.

    `folded`: the body folded, where that is known already.
    """
    folded = fold(body) if folded is None else folded
    found: dict[str, InfoSource] = {}
    for source in _dateline(folded[:_DATELINE]):
        found.setdefault(source.name, source)
    memory: dict[str, tuple[InfoSource, ...]] = {"": ()}
    end = 0
    for raw in body.splitlines(keepends=True):
        end += len(raw)
        line = raw.strip()
        named = memory.get(line)
        if named is None:
            start = end - len(raw.lstrip())
            named = memory[line] = tuple(_of_line(line, folded[max(start, start + len(line) - _MAX_LINE) : start + len(line)]))
        for source in named:
            if source.url or source.name not in found:
                found[source.name] = source
    return tuple(found.values())


def _of_line(line: str, tail: str) -> Iterator[InfoSource]:
    """What one line names; nothing when it is running text or credits a picture. `tail`: the end of it, folded."""
    label = _data().label.match(tail) if len(line) <= _MAX_LINE else None
    if label:
        yield from _labelled(line[label.end() :])
        return
    ending = _ENDING.search(tail) if tail.rstrip(" .").endswith(")") else None
    if ending:
        yield from _known(ending.group(1))
        return
    if len(line) > _MAX_NAME and not _data().with_words.search(tail):
        return
    last = _SENTENCE_END.split(tail)[-1] if len(line) > _MAX_NAME else tail
    yield from _signed_off(last.strip(" .-()[]*_\"'"), line)


def _signed_off(tail: str, line: str) -> Iterator[InfoSource]:
    """'AFP', 'avec AFP', 'Le Monde avec AFP': the whole of a short line, or what follows the last sentence."""
    if len(tail) > _MAX_NAME:
        return
    match = _data().after_with.search(tail) if _data().with_words.search(tail) else None
    if not (match or (len(line) <= _MAX_NAME and _heads(tail))) or not _data().picture.isdisjoint(WORD.findall(tail)):
        return
    if match and _is_byline(line, tail[: match.start()]):
        yield from _known(tail[match.end() :])
    elif not match and len(line) <= _MAX_NAME:
        yield from _known(tail)


def _heads(tail: str) -> bool:
    """Whether `tail` begins with the first word of an agency's name."""
    word = WORD.search(tail)
    return word is not None and word.group() in _data().heads


def _is_byline(line: str, before: str) -> bool:
    """Whether what stands before 'avec' is names and newsroom words alone, as they are written in `line`."""
    written = {fold(word): word for word in WORD.findall(line)}
    words = WORD.findall(before)
    return all(word in _data().newsroom or written.get(word, word)[0].isupper() for word in words)


def _labelled(rest: str) -> Iterator[InfoSource]:
    """After 'Source:': addresses, or any names, known or not."""
    spans = urls(rest)
    for start, end in spans:
        address = rest[start:end]
        yield InfoSource(name=_by_domain(_host(address)), url=address)
    for name in [] if spans else _NAMES.split(rest):
        name = name.strip(" .:-–—()[]*_\"'«»“”")  # noqa: PLW2901 - the same name, without its wrapping
        if name and len(name) <= _MAX_NAME:
            yield InfoSource(name=_data().names.get(fold(name)) or _by_domain(name))


def _known(text: str) -> list[InfoSource]:
    """The agencies in a list of names ('AFP et Reuters'); none at all when one of them is not known."""
    names = [_data().names.get(name.strip()) for name in _NAMES.split(text)]
    known = [InfoSource(name=name) for name in names if name]
    return known if len(known) == len(names) else []


def _dateline(start: str) -> list[InfoSource]:
    """'BAMAKO, 3 août (Xinhua) -- ...' at the head of the text, folded."""
    match = re.match(r"[^()\n]{2,50}\(([^()\n]{2,25})\)\s*[-:]", start.lstrip())
    return _known(match.group(1)) if match else []


def _host(address: str) -> str:
    """The host of an address that may lack its scheme; the address itself when it is malformed."""
    try:
        host = urlsplit(address if "//" in address else f"//{address}").hostname
    except ValueError:
        host = None
    return (host or address).removeprefix("www.")


def _by_domain(host: str) -> str:
    """The agency of a host, its parent domains tried too; the host itself when unknown."""
    labels = fold(host).split(".")
    known = (_data().domains.get(".".join(labels[at:])) for at in range(len(labels) - 1))
    return next(filter(None, known), host)


@cache
def _data() -> _Data:
    languages = read("sources").values()
    every = {key: [fold(word) for data in languages for word in data[key]] for key in ("labels", "with", "newsroom", "picture")}
    names: dict[str, str] = {}
    domains: dict[str, str] = {}
    for data in languages:
        for name, agency in data["agencies"].items():
            names |= {fold(alias): name for alias in (name, *agency["names"])}
            domains |= dict.fromkeys(agency["domains"], name)
    return _Data(
        label=re.compile(rf"[\W_]*(?:{_either(every['labels'])})\s*:"),
        with_words=re.compile(_either(every["with"])),
        after_with=re.compile(rf"(?<!\w)(?:{_either(every['with'])})\s+(?:l'|la\s|the\s)?"),
        newsroom=frozenset(every["newsroom"]),
        picture=frozenset(every["picture"]),
        names=names,
        heads=frozenset(word for name in names for word in WORD.findall(name)[:1]),
        domains=domains,
    )


def _either(words: list[str]) -> str:
    return "|".join(map(re.escape, sorted(set(words), key=len, reverse=True)))
