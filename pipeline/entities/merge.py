"""What the finders say of one page, put together: each candidate weighed with what the statistical tagger says of its words."""

import numpy as np

from pipeline.entities import known, memory, runs
from pipeline.entities.candidates import GAZETTEER, HALF, MEMORY, RUN, Candidates, resolve, together
from pipeline.entities.context import Context
from pipeline.entities.judge import judge
from pipeline.entities.model import Reading, Weights, read
from pipeline.entities.network import Network
from pipeline.entities.shape import halves, shaped
from pipeline.entities.spans import Floats

# How much of a candidate's score is the tagger's probability that its words are part of a name of that type.
SHARE = {GAZETTEER: 0.4, RUN: 0.5, MEMORY: 0.2}
LEAST = 0.12  # below this a candidate is not judged
SURE = 0.25  # below this it teaches the page's memory nothing


def weigh(some: Candidates, reading: Reading, share: Floats | float) -> Candidates:
    """Candidates with scores of which the tagger's opinion is a share."""
    score = (1 - share) * some.score + share * reading.opinion(some.first, some.last, some.type)
    return some._replace(score=score).take(score >= LEAST)


def pool(context: Context, reading: Reading, watched: Candidates) -> Candidates:
    """Whatever may be an entity of a page: first what stands in the text, then, with what that teaches, what its memory finds."""
    named, capitalised = known.find(context), runs.find(context)
    share = np.repeat((SHARE[GAZETTEER], SHARE[RUN]), (len(named.score), len(capitalised.score)))
    found = together(
        watched,
        halves(context, reading.spans),
        weigh(together(named, capitalised), reading, share),
        memory.definitions(context),
    )
    kept = resolve(found.take(found.score >= SURE))
    forms = memory.learn(context, kept)
    recalled = weigh(memory.recall(context, forms), reading, SHARE[MEMORY])
    kept = together(kept, recalled.take(recalled.score >= HALF))
    return together(found, recalled, memory.near(context, forms, kept), shaped(context, kept), reading.doubtful)


def merge(context: Context, weights: Weights, network: Network, watched: Candidates) -> Candidates:
    """The entities of a page. `watched` are the mentions of what the user watches; nothing stands in their way."""
    reading = read(context, weights)
    return judge(context, reading, pool(context, reading, watched), network)
