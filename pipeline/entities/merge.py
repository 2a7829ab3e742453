"""What the finders say of one page, put together: each candidate weighed with what the statistical tagger says of its words."""

from collections.abc import Iterable, Iterator
from itertools import chain

from pipeline.entities import known, memory, runs
from pipeline.entities.candidates import Candidate, Pool
from pipeline.entities.context import Context
from pipeline.entities.model import Reading, Weights, read
from pipeline.entities.shape import halves, shaped

# How much of a candidate's score is the tagger's probability that its words are part of a name of that type.
SHARE = {"gazetteer": 0.4, "run": 0.5, "memory": 0.2}
LEAST = 0.25  # below this a candidate lends no evidence either


def weigh(candidates: Iterable[Candidate], reading: Reading) -> Iterator[Candidate]:
    """Candidates with scores that count the tagger's opinion in."""
    for candidate in candidates:
        share = SHARE[candidate.evidence[0]]
        opinion = reading.opinion(candidate.first, candidate.last, candidate.type)
        score = (1 - share) * candidate.score + share * opinion
        if score >= LEAST:
            first, last, kind, _, evidence, item, name = candidate
            yield Candidate(first, last, kind, score, evidence, item, name)


def merge(context: Context, weights: Weights) -> list[Candidate]:
    """The entities of a page: first those of the text, then, with what they teach, those that only the page's memory finds."""
    reading = read(context, weights)
    spans = [half for span in reading.candidates for half in halves(context, span)]
    weighed = weigh(chain(known.find(context), runs.find(context)), reading)
    pool = Pool(chain(spans, weighed, memory.definitions(context)))
    forms = memory.learn(context, pool.resolve())
    pool.add(weigh(memory.recall(context, forms), reading))
    kept = pool.resolve()
    more = [*memory.near(context, forms, kept), *shaped(context, kept)]
    if not more:
        return kept
    pool.add(more)
    return pool.resolve()
