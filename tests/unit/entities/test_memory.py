"""What a page says of its own names: what is learnt from it, against a walk mention by mention."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.entities import gazetteer, memory
from pipeline.entities.candidates import PER, RUN, Candidates, candidates, resolve
from pipeline.entities.context import Context, look
from pipeline.entities.lexicon import PARTICLE, lexicon
from pipeline.entities.tokens import read

KNOWN = gazetteer.load()
WORDS = ["Zoumana", "Tangwari", "de", "Bakary", "zoumana", "TANGWARI", "il", "x", ",", "."]


def texts(context: Context) -> list[str]:
    """The folded words of a page."""
    return [context.page.word(place) for place in range(len(context.page.starts))]


def forms(context: Context, kept: Candidates) -> dict[tuple[str, ...], tuple[int, float]]:
    """For each form the mention that explains it, and how certain it is: the reference of `learn`."""
    words, answer = texts(context), {}
    order = sorted(range(len(kept.score)), key=lambda place: -kept.score[place])
    for rank, place in enumerate(order):
        first, last = int(kept.first[place]), int(kept.last[place])
        score, name = min(memory.CERTAIN, float(kept.score[place])), tuple(words[first : last + 1])
        answer.setdefault(name, (rank, score))
        if kept.type[place] == PER and 2 <= len(name) <= memory.NAMESAKES:
            for word, loss in ((last, memory.SURNAME), (first, memory.GIVEN_NAME)):
                if len(words[word]) > 2 and not context.lists[word] & PARTICLE:
                    answer.setdefault((words[word],), (rank, score - loss))
    return answer


def found(text: str, draws: list[tuple[int, int, int, int]]) -> tuple[Context, Candidates]:
    """A page and some spans of it, none over another."""
    context = look(read([text]), KNOWN, lexicon(), None)
    count = len(context.page.starts)
    spans = [(first, last, kind, score) for first, last, kind, score in draws if first <= last < count]
    first, last, kind, score = (np.array([span[n] for span in spans], dtype=np.int64) for n in range(4))
    return context, resolve(candidates(first, last, kind, 0.5 + score / 20, RUN))


SPAN = st.tuples(st.integers(0, 9), st.integers(0, 3), st.integers(0, 2), st.integers(0, 9))
SPANS = st.lists(SPAN.map(lambda draw: (draw[0], draw[0] + draw[1], *draw[2:])), max_size=6)


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join), SPANS)
@settings(deadline=None)
def test_what_is_learnt_agrees_with_its_reference(text: str, draws: list[tuple[int, int, int, int]]) -> None:
    context, kept = found(text, draws)
    learnt = memory.learn(context, kept)
    words = texts(context)
    spans = [tuple(words[first : last + 1]) for first, last in learnt.table[:2].T.tolist()]
    got = dict(zip(spans, zip(learnt.table[2].tolist(), learnt.score.tolist(), strict=True), strict=True))
    assert len(got) == len(spans)
    assert got == forms(context, kept)


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join), SPANS)
@settings(deadline=None)
def test_every_plausible_repeat_of_a_form_is_recalled(text: str, draws: list[tuple[int, int, int, int]]) -> None:
    context, kept = found(text, draws)
    learnt = memory.learn(context, kept)
    words, joined = texts(context), context.joined
    sources = {form: tuple(learnt.mentions.table[:2, rank].tolist()) for form, (rank, _) in forms(context, kept).items()}
    wanted = [
        (first, last)
        for first in range(len(words))
        for last in range(first, len(words))
        if sources.get(tuple(words[first : last + 1]), (first, last)) != (first, last)
        and joined[first + 1 : last + 1].all()
        and memory.plausible(context, np.array([first]), np.array([last]))[0]
    ]
    assert sorted(map(tuple, memory.recall(context, learnt).table[:2].T.tolist())) == wanted
