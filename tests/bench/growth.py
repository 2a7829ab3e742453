"""(g) How the CPU of process() grows: with the size of a page, comments, the gazetteer, watch rules, hostile text.

t(2n)/t(n) is 2 where cost is linear. The gazetteer's names and those that are watched are made up: none of them stands in the page.
"""

import json
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace

from pipeline.alerts import compile_rules
from pipeline.enrich import Pipeline, load_pipeline, process
from pipeline.entities import model, network
from pipeline.entities.gazetteer import TYPES, Item, Name, unpack
from pipeline.entities.packing import pack
from pipeline.entities.tagger import Tagger
from pipeline.entities.watch_list import WatchList
from pipeline.events import ContentType, RawArticle, WatchRule
from pipeline.text import fold
from tests.bench import pages
from tests.bench.measure import Rows, cpu_seconds
from tests.bench.startup import watch_rules

_SIZES = [1000 * 2**power for power in range(13)] + [5_000_000]
_COMMENTS = [0, *(5 * 2**power for power in range(11))]
_LONG = 1.0  # CPU seconds
_HOSTILE: dict[str, Callable[[int], str]] = {
    "no space": lambda size: "a" * size,
    "line feeds": lambda size: "\n" * size,
    "stars": lambda size: "u*** " * (size // 5),
    "capitals": lambda size: "LE MALI ET LA RUSSIE " * (size // 21),
    "one name": lambda size: "Assimi Goïta " * (size // 13),
    "quotation marks": lambda size: "«\"'“" * (size // 4),
    "dates": lambda size: "le 12 mai 2024\n" * (size // 15),
    "mentions": lambda size: "@Awa oui\n" * (size // 9),
    "angles": lambda size: "<" * size,
    "open tags": lambda size: "<div class=comment><p>Mali" * (size // 26),
    "bold": lambda size: "<b>a<i>b" * (size // 8),
}
_HOSTILE_SIZE = 50_000


def measure(rows: Rows, repetitions: int, size: int) -> None:
    """Fill the rows. `size` multiplies the size of the hostile texts."""
    pipeline = load_pipeline()
    for _ in range(repetitions):
        _series(rows, "code points, plain text", _SIZES, lambda chars: _page(_prose(chars)), pipeline)
        _series(rows, "comments, plain text", _COMMENTS, lambda count: _page(_thread(count)), pipeline)
        _series(rows, "comments, HTML", _COMMENTS, lambda count: _page(pages.html(count), "text/html"), pipeline)
        for name, make in _HOSTILE.items():
            kind: ContentType = "text/html" if "<" in make(100) else "text/plain"
            few, many = (_page(make(size * _HOSTILE_SIZE * times), kind) for times in (1, 2))
            rows.add(f"hostile: {name}, 50 to 100 kB", "x", _cpu(many, pipeline) / _cpu(few, pipeline), wanted="<= 2.4")
    _names(rows, pipeline, repetitions)
    _rules(rows, pipeline, repetitions)


def _page(content: str, kind: ContentType = "text/plain") -> RawArticle:
    return RawArticle(url="https://bench.example/1", content=content, content_type=kind)


def _cpu(raw: RawArticle, pipeline: Pipeline) -> float:
    """CPU seconds of a page: the least of as many runs as fit in a second, three to twenty; a long one is measured once."""
    first = cpu_seconds(lambda: process(raw, pipeline), 1)
    runs = min(20, max(3, int(1 / first)))
    return first if first > _LONG else min(first, cpu_seconds(lambda: process(raw, pipeline), runs))


def _series(rows: Rows, what: str, sizes: list[int], make: Callable[[int], RawArticle], pipeline: Pipeline) -> None:
    """A row a doubling, and one for the least and the greatest size."""
    costs = {size: _cpu(make(size), pipeline) for size in sizes}
    print(f"  {what}: {', '.join(f'{size}: {cost * 1000:.1f} ms' for size, cost in costs.items())}", file=sys.stderr, flush=True)
    for size in sizes:
        if 2 * size in costs and size:
            rows.add(f"{what}: {size:,} to {2 * size:,}", "x", costs[2 * size] / costs[size], wanted="<= 2.4")
    for size in (sizes[0], sizes[-1]):
        rows.add(f"{what}: {size:,}", "ms", costs[size] * 1000)


def _prose(chars: int) -> str:
    """An article of so many code points whose sentences are all different, by the words of the sample."""
    chance, words = random.Random(chars), " ".join(pages.parts()[0]).split()  # noqa: S311 - a text, no secrets
    return "\n".join(_paragraphs(chance, words, chars))[:chars]


def _paragraphs(chance: random.Random, words: list[str], chars: int) -> Iterator[str]:
    written = 0
    while written < chars:
        begin = chance.randrange(len(words) - 60)
        paragraph = " ".join(words[begin : begin + chance.randrange(30, 60)]) + "."
        written += len(paragraph) + 1
        yield paragraph


def _thread(count: int) -> str:
    """The sample's article with so many comments under author lines."""
    article, said = pages.parts()
    comments = (
        f"Lecteur {number}\n{number % 28 + 1} mai 2026 à 10:{number % 60:02}\n{said[number % len(said)]}\nRépondre"
        for number in range(count)
    )
    return "\n".join([*article, *comments])


def _names(rows: Rows, pipeline: Pipeline, repetitions: int) -> None:
    """The gazetteer and the watch list: the tagger with a thousand made-up names to a million."""
    raw, trained = _page(pages.sample()), (model.load(), network.load())
    made = {
        count: replace(pipeline, tagger=Tagger(unpack(pack(_items(count), {"le": 3})), *trained)) for count in (1000, 1_000_000)
    }
    watched = {count: pipeline.watching(_watch_list(count)) for count in (1000, 1_000_000)}
    for _ in range(repetitions):
        for what, each in (("gazetteer", made), ("watch list", watched)):
            costs = {count: _cpu(raw, pipeline) for count, pipeline in each.items()}
            rows.add(f"{what}: 1,000 to 1,000,000 names", "x", costs[1_000_000] / costs[1000], wanted="<= 1.5")


def _watch_list(count: int) -> WatchList:
    names = enumerate(watch_rules(count, 1)[0].entities)
    return WatchList.from_lines(json.dumps({"id": f"own-{each}", "type": "PER", "name": name}).encode() for each, name in names)


def _items(count: int) -> list[Item]:
    names = watch_rules(count, 1)[0].entities
    known = (Name(tuple(fold(name).split()), "*", label=True, acronym=False) for name in names)
    return [
        Item(number + 1, TYPES[number % 3], "ML", "human", 9, name, name, (each,))
        for number, (name, each) in enumerate(zip(names, known, strict=True))
    ]


def _rules(rows: Rows, pipeline: Pipeline, repetitions: int) -> None:
    """Watch rules: 10, 1,000 and 10,000 queries; a thousand to a million names in a hundred rules."""
    raw = _page(pages.sample())
    queries = {count: pipeline.with_rules(_queries(count)) for count in (10, 1000, 10_000)}
    names = {count: replace(pipeline, rules=compile_rules(watch_rules(count, 100))) for count in (1000, 1_000_000)}
    for _ in range(repetitions):
        costs = {count: _cpu(raw, each) for count, each in queries.items()}
        rows.add("watch rules: 10 to 1,000", "x", costs[1000] / costs[10])
        rows.add("watch rules: 10 to 10,000", "x", costs[10_000] / costs[10], wanted="<= 1.5")
        costs = {count: _cpu(raw, each) for count, each in names.items()}
        rows.add("watch names: 1,000 to 1,000,000", "x", costs[1_000_000] / costs[1000], wanted="<= 1.5")


def _queries(count: int) -> list[WatchRule]:
    """Queries of two made-up words and a phrase; one in a hundred also asks for what the page holds."""
    made = watch_rules(count * 2, count)
    return [
        WatchRule(
            id=rule.id,
            name=rule.name,
            query=f'({" AND ".join(rule.entities[0].split())}) OR "{rule.entities[1]}"'
            + (" OR (Mali AND Russie)" if number % 100 == 0 else ""),
        )
        for number, rule in enumerate(made)
    ]
