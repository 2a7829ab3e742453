"""What the finders say of one page, put together: each candidate weighed with what the statistical tagger says of its words."""

from pipeline.entities import known, memory, runs
from pipeline.entities.candidates import GAZETTEER, MEMORY, RUN, Candidates, resolve, together
from pipeline.entities.context import Context
from pipeline.entities.model import Reading, Weights, read
from pipeline.entities.shape import halves, shaped

# How much of a candidate's score is the tagger's probability that its words are part of a name of that type.
SHARE = {GAZETTEER: 0.4, RUN: 0.5, MEMORY: 0.2}
LEAST = 0.25  # below this a candidate lends no evidence either


def weigh(some: Candidates, reading: Reading, share: float) -> Candidates:
    """Candidates with scores of which the tagger's opinion is a share."""
    score = (1 - share) * some.score + share * reading.opinion(some.first, some.last, some.type)
    return some._replace(score=score).take(score >= LEAST)


def merge(context: Context, weights: Weights, watched: Candidates) -> Candidates:
    """The entities of a page: first those of the text, then, with what they teach, those that only the page's memory finds.

    `watched` are the mentions of what the user watches; nothing stands in their way.
    """
    reading = read(context, weights)
    pool = together(
        watched,
        halves(context, reading.spans),
        weigh(known.find(context), reading, SHARE[GAZETTEER]),
        weigh(runs.find(context), reading, SHARE[RUN]),
        memory.definitions(context),
    )
    forms = memory.learn(context, resolve(pool))
    pool = together(pool, weigh(memory.recall(context, forms), reading, SHARE[MEMORY]))
    kept = resolve(pool)
    more = together(memory.near(context, forms, kept), shaped(context, kept))
    return resolve(together(pool, more)) if len(more.score) else kept
