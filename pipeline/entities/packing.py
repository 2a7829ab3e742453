"""How the gazetteer's file is made: what tools/build_gazetteer.py calls, and tests that need a small one."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from pipeline.entities import artefacts
from pipeline.entities.candidates import TYPES
from pipeline.entities.gazetteer import VERSION, Artefact, Item
from pipeline.entities.tokens import hash_phrase


def _nodes(items: Sequence[Item]) -> dict[int, list[tuple[int, int]]]:
    """By hash, the entries of every name; a name's beginnings have none of their own."""
    nodes: dict[int, list[tuple[int, int]]] = {}
    for index, item in enumerate(items):
        for name in item.names:
            for length in range(1, len(name.words) + 1):
                entries = nodes.setdefault(hash_phrase(name.words[:length]), [])
                if length == len(name.words):
                    entries.append((index, name.marks))
    return nodes


def _beginnings(items: Sequence[Item]) -> Iterator[int]:
    for item in items:
        for name in item.names:
            for length in range(1, len(name.words)):
                yield hash_phrase(name.words[:length])


def _part_counts(items: Sequence[Item]) -> list[tuple[int, list[int]]]:
    """For each word of a name, in how many items it begins or ends a person's name, or is in an organisation's or a place's."""
    counts: dict[str, list[int]] = {}
    for item in items:
        seen = set()
        for words in (name.words for name in item.names if len(name.words) > 1 or item.type != "PER"):
            if item.type == "PER":
                seen |= {(words[0], 0), (words[-1], 1)}
            else:
                seen |= {(word, 2 if item.type == "ORG" else 3) for word in words}
        for word, column in seen:
            counts.setdefault(word, [0, 0, 0, 0])[column] += 1
    shared = ((word, [count.bit_length() - 1 if count else 0 for count in row]) for word, row in counts.items())
    return sorted((hash_phrase([word]), row) for word, row in shared if max(row) >= 1)


def pack(items: Sequence[Item], common: Mapping[str, int]) -> bytes:
    """The file for these items and common words (each with its level); the same input gives the same bytes."""
    nodes = _nodes(items)
    keys, begun = sorted(nodes), set(_beginnings(items))
    best = {key: sorted(nodes[key], key=lambda entry: -items[entry[0]].prior)[:255] for key in keys}
    entries = [entry for key in keys for entry in best[key]]
    kinds = sorted({item.kind for item in items})
    words = sorted((hash_phrase([word]), level) for word, level in common.items())
    parts = _part_counts(items)
    artefact = Artefact(
        version=VERSION,
        nodes=np.array(keys, dtype="<u8").tobytes(),
        more=bytes(key in begun for key in keys),
        counts=bytes(len(best[key]) for key in keys),
        owners=np.array([owner for owner, _ in entries], dtype="<u4").tobytes(),
        marks=bytes(mark for _, mark in entries),
        qids=np.array([item.qid for item in items], dtype="<u4").tobytes(),
        types=bytes(TYPES.index(item.type) for item in items),
        countries="".join(f"{item.country:2.2}" for item in items).encode("ascii"),
        kinds=bytes(kinds.index(item.kind) for item in items),
        kind_names=tuple(kinds),
        priors=bytes(item.prior for item in items),
        labels="".join(_line(item) for item in items).encode("utf-8"),
        common=np.array([key for key, _ in words], dtype="<u8").tobytes(),
        levels=bytes(level for _, level in words),
        parts=np.array([key for key, _ in parts], dtype="<u8").tobytes(),
        part_levels=bytes(level for _, row in parts for level in row),
    )
    return artefacts.pack(artefact)


def _line(item: Item) -> str:
    french, english = (label.replace("\t", " ").replace("\n", " ") for label in (item.french, item.english))
    return f"{french}\t{english}\n" if english != french else f"{french}\n"
