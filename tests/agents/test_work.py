"""Tasks of the pool's processes: pages are tagged together, and each comes out as it does alone."""

from collections.abc import Sequence
from dataclasses import replace

import orjson
import pytest

from agents import work
from agents.messages import Options, Outcome, Record
from agents.settings import Settings
from pipeline.enrich import Pipeline, load_pipeline
from pipeline.entities import Tagger, gazetteer, model, network
from pipeline.entities.tagger import Fields
from pipeline.errors import Reason
from pipeline.events import Entity

TEXTS = [
    "Abdoulaye Diop est à Bamako.",
    "Diop a parlé à Kayes.",
    "Bola Tinubu spoke in Abuja.",
    "poison",
    "Rien.",
    "Le Mali et la CSP-DPA.",
]
OPTIONS = Options(limits=Settings().limits, detector="vigie", source="vigie", memory=0)


class Fussy(Tagger):
    """A tagger that fails at one word."""

    def tag_pages(self, pages: Sequence[Fields]) -> list[list[tuple[Entity, ...]]]:
        if any("poison" in text for page in pages for text in page.texts):
            raise ValueError("the text of the page")
        return super().tag_pages(pages)


@pytest.fixture(scope="module")
def pipeline() -> Pipeline:
    return load_pipeline()


def record(number: int, text: str) -> Record:
    return Record(orjson.dumps({"url": f"https://mali.example/{number}", "content": text}))


def made(outcomes: Sequence[Outcome]) -> list[object]:
    """What is the same however often it is done: not the times."""
    return [(outcome.outputs, outcome.refusal) for outcome in outcomes]


def test_pages_of_a_task_come_out_as_alone(pipeline: Pipeline) -> None:
    records = [Record(b"{no"), *(record(number, text) for number, text in enumerate(TEXTS * 4)), Record(None)]
    together = work.enrich(records, pipeline, OPTIONS)
    assert made(together) == made([work.enrich([each], pipeline, OPTIONS)[0] for each in records])
    stats = [outcome.stats for outcome in together if outcome.stats]
    assert len(stats) == len(TEXTS) * 4
    assert all(each.cpu >= 0 and each.seconds["entities"] > 0 for each in stats)


def test_however_large_pages_are_none_is_lost(pipeline: Pipeline) -> None:
    records = [record(number, text * size) for number, (text, size) in enumerate(zip(TEXTS * 3, [1, 9, 4000] * 6, strict=True))]
    ids = [orjson.loads(outcome.outputs[0].value or b"")["url"] for outcome in work.enrich(records, pipeline, OPTIONS)]
    assert ids == [f"https://mali.example/{number}" for number in range(18)]


def test_a_page_on_which_tagging_fails_costs_itself_alone(pipeline: Pipeline) -> None:
    fussy = replace(pipeline, tagger=Fussy(gazetteer.load(), model.load(), network.load()))
    records = [record(number, text) for number, text in enumerate(TEXTS)]
    outcomes, wanted = work.enrich(records, fussy, OPTIONS), work.enrich(records, pipeline, OPTIONS)
    poisoned = TEXTS.index("poison")
    assert [place for place, outcome in enumerate(outcomes) if outcome.refusal] == [poisoned]
    refusal = outcomes.pop(poisoned).refusal
    assert refusal
    assert refusal.reason is Reason.INTERNAL
    del wanted[poisoned]
    assert made(outcomes) == made(wanted)
