"""No shape of text makes the splitter or a small stage cost more than in proportion to its length."""

from collections.abc import Callable
from functools import cache, partial

import pytest

from pipeline.entities import load_tagger
from pipeline.entities.tagger import Fields
from pipeline.fingerprint import fingerprint
from pipeline.flags import flags
from pipeline.quotes import find_quotes
from pipeline.sources import info_sources
from pipeline.split.plain import split_text
from pipeline.texts import Texts
from tests.fixtures.cost import least


def quotes(text: str) -> object:
    half = len(text) // 2
    return find_quotes(Texts.of([text[:half], text[half:]]))


tagger = cache(load_tagger)


def entities(text: str) -> object:
    return tagger().tag(["", text], country="ML")


STAGES: dict[str, Callable[[str], object]] = {
    "split": split_text,
    "entities": entities,
    "quotes": quotes,
    "sources": info_sources,
    "fingerprint": fingerprint,
    "flags": flags,
}
SHAPES: dict[str, Callable[[int], str]] = {
    "line feeds": lambda size: "\n" * (20 * size),
    "one word": lambda size: "a" * (20 * size),
    "brackets": lambda size: "(" * (20 * size),
    "masks": lambda size: "*a" * (10 * size),
    "one phrase again and again": lambda size: "avec ha ha " * size,
    "distinct lines": lambda size: "\n".join(f"ligne {number:x} oui" for number in range(size // 8)),
    "names": lambda size: ", ".join(f"Moussa Tang{number:x} et Awa Diop" for number in range(size // 6)),
    "acronyms": lambda size: "(IBK) Le CRFB " * size,
    "dated lines": lambda size: "\n".join(f"@Bob{number:x} d'accord\nle {number % 28} mai 2024" for number in range(size // 8)),
}
SIZE = 4_000


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("stage", STAGES)
def test_four_times_the_text_costs_about_four_times_as_much(stage: str, shape: str):
    STAGES[stage]("Une page.")  # tables are made at first use
    short, long = least(*(partial(STAGES[stage], SHAPES[shape](size)) for size in (SIZE, 4 * SIZE)))
    assert long < 8 * short + 0.02  # a quadratic cost would be sixteen times as much


def test_pages_cost_less_together():
    pages = [Fields(["", f"Moussa Diop est à Bamako. {number} maisons.", "Bola Tinubu l'a dit !"], "ML") for number in range(8)]
    together, alone = least(partial(tagger().tag_pages, pages), lambda: [tagger().tag_pages([page]) for page in pages])
    assert together < 0.6 * alone
