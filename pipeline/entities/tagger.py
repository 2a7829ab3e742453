"""Persons, organisations and places of a page: from the gazetteer, from capitals, and from what the page itself says elsewhere."""

from bisect import bisect_right
from collections.abc import Sequence

from pipeline.entities.candidates import Candidate
from pipeline.entities.context import Context, look
from pipeline.entities.gazetteer import Gazetteer
from pipeline.entities.lexicon import lexicon
from pipeline.entities.merge import merge
from pipeline.entities.model import Weights
from pipeline.entities.tokens import read
from pipeline.events import Entity


class Tagger:
    """Tags pages. Holds no state between them."""

    name = "chain+gazetteer+memory 1"

    def __init__(self, gazetteer: Gazetteer, weights: Weights) -> None:
        self._gazetteer = gazetteer
        self._weights = weights

    def tag(self, texts: Sequence[str], *, country: str | None = None, languages: Sequence[str] = ()) -> list[tuple[Entity, ...]]:
        """The entities of each field of one page: headline (or ""), article, then comment by comment, in the order given.

        `country` is the publisher's (ISO 3166-1 alpha-2), `languages` what the fields are mostly in: they decide between namesakes
        and which form of a name is the canonical one.
        """
        context = look(read(texts), self._gazetteer, lexicon(), country)
        kept = merge(context, self._weights)
        french = not languages or languages[0] != "en"
        answers: list[list[Entity]] = [[] for _ in texts]
        for candidate in kept:
            field = bisect_right(context.page.fields, context.starts[candidate.first]) - 1
            answers[field].append(_entity(context, candidate, context.page.fields[field], french=french))
        return [tuple(answer) for answer in answers]


def _entity(context: Context, candidate: Candidate, offset: int, *, french: bool) -> Entity:
    """A candidate as it is given out, its offsets from the start of its field."""
    first, last, kind, score, evidence, number, name = candidate
    start, end = context.starts[first], context.ends[last]
    if first < last and context.page.text[end - 2 : end + 1 : 2] == "..":  # "U.S."
        end += 1
    surface, qid = context.page.text[start:end], None
    name = name or surface
    if number >= 0:
        item = context.gazetteer.item(number)
        name = item.french if french else item.english
        qid = f"Q{item.qid}" if item.qid else None
    return Entity(
        start=start - offset,
        end=end - offset,
        surface=surface,
        type=kind,
        name=name,
        id=qid,
        confidence=round(min(score, 0.99), 3),
        evidence=evidence,
    )
