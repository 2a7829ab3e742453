"""Persons, organisations and places of a page: from the gazetteer, from capitals, and from what the page itself says elsewhere."""

from collections.abc import Sequence
from functools import cache
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from pipeline.entities.candidates import EVIDENCE, FIRST_WATCHED, TYPES, Candidates, nothing
from pipeline.entities.context import Context, look
from pipeline.entities.gazetteer import Gazetteer
from pipeline.entities.lexicon import lexicon
from pipeline.entities.merge import merge
from pipeline.entities.model import Weights
from pipeline.entities.network import Network
from pipeline.entities.spans import Ints
from pipeline.entities.tokens import Page, read
from pipeline.entities.watch_list import WatchList
from pipeline.events import Entity

MOST_CERTAIN = 0.99


class Fields(NamedTuple):
    """The fields of a page, as `Tagger.tag` takes them."""

    texts: Sequence[str]
    country: str | None = None
    languages: Sequence[str] = ()


class Tagger:
    """Tags pages. Holds no state between them."""

    name = "chain+gazetteer+memory 2"

    def __init__(self, gazetteer: Gazetteer, weights: Weights, network: Network, watch_list: WatchList | None = None) -> None:
        self._gazetteer = gazetteer
        self._weights = weights
        self._network = network
        self._watch_list = watch_list

    def watching(self, watch_list: WatchList | None) -> "Tagger":
        """The same tagger with another watch list, or with none."""
        return Tagger(self._gazetteer, self._weights, self._network, watch_list)

    def tag(self, texts: Sequence[str], *, country: str | None = None, languages: Sequence[str] = ()) -> list[tuple[Entity, ...]]:
        """The entities of each field of one page: headline (or ""), article, then comment by comment, in the order given.

        `country` is the publisher's (ISO 3166-1 alpha-2), `languages` what the fields are mostly in: they decide between namesakes
        and which form of a name is the canonical one.
        """
        return self.tag_pages([Fields(texts, country, languages)])[0]

    def tag_pages(self, pages: Sequence[Fields]) -> list[list[tuple[Entity, ...]]]:
        """The entities of several pages, each as `tag` finds them: no page sees another.

        Cheaper than one by one: most of the time that a page of the usual length takes goes into calls and not into its words.
        """
        counts = [len(page.texts) for page in pages]
        firsts = [0, *accumulate(counts)]
        words = read([text for page in pages for text in page.texts], firsts[:-1])
        context = look(words, self._gazetteer, lexicon(), *(page.country for page in pages))
        watched = self._watch_list.find(context) if self._watch_list else nothing()
        kept = merge(context, self._weights, self._network, watched)
        french = [not page.languages or page.languages[0] != "en" for page in pages]
        entities = self._entities(context, kept, french)
        bounds = kept.first.searchsorted(words.field_words()).tolist()
        return [
            [tuple(entities[bounds[field] : bounds[field + 1]]) for field in range(start, start + count)]
            for start, count in zip(firsts, counts, strict=False)
        ]

    def _entities(self, context: Context, kept: Candidates, french: Sequence[bool]) -> list[Entity]:
        """The entities as they are given out, their offsets from the start of their field; `french`: which pages are."""
        text, entities = context.page.text, []
        scores = np.round(np.minimum(kept.score, MOST_CERTAIN), 3).tolist()
        for score, *row in zip(scores, *_columns(context, kept), strict=True):
            start, end, offset, kind, number, bits, name_start, name_end, page = row
            own_id, name = (None, text[name_start:name_end]) if number < 0 else self._item(number, french=french[page])
            entities.append(
                Entity(
                    start=start - offset, end=end - offset, surface=text[start:end], type=TYPES[kind], name=name, id=own_id,
                    confidence=score, evidence=_evidence(bits),
                )
            )  # fmt: skip
        return entities

    def _item(self, number: int, *, french: bool) -> tuple[str | None, str]:
        """Id and name of what is meant."""
        if self._watch_list and number >= FIRST_WATCHED:
            return self._watch_list.item(number - FIRST_WATCHED)
        item = self._gazetteer.item(number)
        return f"Q{item.qid}" if item.qid else None, item.french if french else item.english


@cache
def _evidence(bits: int) -> tuple[str, ...]:
    """Kinds of evidence by name."""
    return tuple(name for place, name in enumerate(EVIDENCE) if bits >> place & 1)


def _ends(page: Page, kept: Candidates) -> Ints:
    """Where each entity ends: behind the full stop of "U.S." too."""
    ends, text = page.ends[kept.last], page.text
    for place in np.flatnonzero(kept.first < kept.last).tolist():
        ends[place] += text[ends[place] - 2 : ends[place] + 1 : 2] == ".."
    return ends


def _columns(context: Context, kept: Candidates) -> tuple[list[int], ...]:
    """Of each entity start, end, start of its field, type, item, evidence, where its canonical name starts and ends, page."""
    page = context.page
    starts, ends, fields = page.starts[kept.first], _ends(page, kept), np.array(page.fields, dtype=np.int64)
    offsets = fields[np.searchsorted(fields, starts, side="right") - 1] if len(starts) else starts
    named = np.flatnonzero(kept.name_first >= 0)
    name_starts, name_ends = starts.copy(), ends.copy()
    name_starts[named], name_ends[named] = page.starts[kept.name_first[named]], page.ends[kept.name_last[named]]
    columns = (starts, ends, offsets, kept.type, kept.item, kept.evidence, name_starts, name_ends, page.pages[kept.first])
    return tuple(column.tolist() for column in columns)
