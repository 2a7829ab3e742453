"""Runs of capitals: where they end, against a walk word by word."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.entities import gazetteer, runs
from pipeline.entities.context import Context, look
from pipeline.entities.lexicon import NAME_PARTICLE, ORGANISATION, PARTICLE, PLACE, lexicon
from pipeline.entities.tokens import read

KNOWN = gazetteer.load()
PIECES = ["Zoumana", "Tangwari", "de", "la", "sur", "Ministère", "Marché", "parle", ",", ".", "al", "IBK"]


def end(context: Context, first: int) -> int:
    """The last word of the run that starts at a word: the reference."""
    members, lists = runs.possible(context), context.lists
    particles = PARTICLE if lists[first] & (ORGANISATION | PLACE) else NAME_PARTICLE
    last = word = first
    while word + 1 < len(lists) and word + 1 - first < runs.LONGEST and context.joined[word + 1]:
        word += 1
        if members[word]:
            last = word
        elif not lists[word] & particles or word - last > runs.PARTICLES:
            break
    return last


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=14).map(" ".join))
@settings(deadline=None)
def test_where_runs_end_agrees_with_its_reference(text: str) -> None:
    context = look(read([text]), KNOWN, lexicon(), None)
    words = runs.possible(context).nonzero()[0]
    assert runs.ends(context, words, np.arange(len(words))).tolist() == [end(context, word) for word in words.tolist()]
