"""Candidates from the gazetteer: is the name that stands there meant as a name, and whose is it?"""

from typing import NamedTuple

import numpy as np

from pipeline.entities.candidates import GAZETTEER, PER, TYPES, Candidates, candidates
from pipeline.entities.context import Context
from pipeline.entities.gazetteer import ACRONYM, LABEL, Bearers
from pipeline.entities.lexicon import DEMONYM, LINK, NEVER, PARTICLE, REGION
from pipeline.entities.spans import Flags, Floats, Ints, after, changes, distinct, first_that_holds, running, steps
from pipeline.entities.tokens import DIGITS, LOWER

SURE = 200  # a prior from which an item is known to every reader: states, capitals, world bodies
# A bare name is the town's rather than that of the region called after it: what that is worth.
TOWN = 60
TOWNS, REGIONS = ("city", "capital", "commune"), ("region", "district")
MARGIN = 12  # how much better the best item must be than the next to be linked
SECOND = 0.6  # what a further type of a name is worth, against the likelier one


class Choices(NamedTuple):
    """The items that names most likely mean: of each name the best of each type, the likeliest first."""

    name: Ints  # which of the names
    place: Ints  # 0 for the likeliest type of a name, then 1, 2
    type: Ints
    item: Ints
    acronym: Flags
    certain: Flags  # no other item of that type is nearly as likely


def _countries(context: Context) -> Ints:
    """How often each page names each state, by the country's number: a row a page."""
    known = context.gazetteer
    written = context.names.where(~context.small[context.names.first])
    nodes, which = distinct(written.node)
    name, item, _ = known.bearers(written.node[nodes])
    best = item[changes(name)][which]
    size, named = len(known.country_codes), known.of_kind("country")[known.kinds[best]]
    place = context.page.pages[written.first] * size + known.countries[best]
    return np.bincount(place, named, len(context.countries) * size).astype(np.int64).reshape(-1, size)


def _publishers(context: Context) -> Ints:
    """The number of each page's publisher's country, -1 where it is not known."""
    numbers = {code: number for number, code in enumerate(context.gazetteer.country_codes) if code}
    return np.array([numbers.get(country or "", -1) for country in context.countries])


def _regional(context: Context) -> Flags:
    """Which names are a region's by what the words around say: "région de Kayes", "Kano State"."""
    first, last, _ = context.names
    regions = context.listed(REGION)
    if not regions.any():
        return np.zeros(len(first), dtype=np.bool_)
    answer: Flags = after(regions & context.joined)[last]
    links, word, going = context.listed(LINK), first.copy(), ~answer
    for _ in range(3):
        going &= (word > 0) & context.joined[word]
        word -= going
        answer |= going & regions[word]
        going &= links[word]
    return answer


def _weights(context: Context, bearers: Bearers, pages: Ints, titled: Flags, regional: Flags) -> Ints:
    """How likely each item is: by how well known it is, the publisher's country, the countries that the page names, a title before
    the name, what the words around say of a region.
    """
    known = context.gazetteer
    name, item, marks = bearers
    country, kind = known.countries[item], known.kinds[item]
    weight = known.priors[item].astype(np.int64) + np.where(marks & LABEL, 10, 0)
    page = pages[name]
    weight += np.minimum(30, 15 * _countries(context)[page, country]) * (country > 0)
    if any(context.countries):
        weight += 45 * (country == _publishers(context)[page])
    weight += 80 * (titled[name] & (known.types[item] == PER))
    weight += TOWN * np.where(regional[name], known.of_kind(*REGIONS)[kind], known.of_kind(*TOWNS)[kind])
    return weight


def choose(context: Context, nodes: Ints, pages: Ints, titled: Flags, regional: Flags) -> Choices:
    """The items that names (places in the gazetteer) mean on a page, the best of each type."""
    known, bearers = context.gazetteer, context.gazetteer.bearers(nodes)
    weight = _weights(context, bearers, pages, titled, regional)
    order = np.lexsort((bearers.item, -weight, bearers.name))
    name, item, marks = bearers.name[order], bearers.item[order], bearers.marks[order]
    weight, kind = weight[order], known.types[item].astype(np.int64)
    # By name and type, each in the order of likelihood.
    key = name * len(TYPES) + kind
    by_type = key.argsort(kind="stable")
    new = changes(key[by_type])
    best = by_type[new]
    rival = new.nonzero()[0] + 1
    rivalled = after(~new)[rival - 1]
    certain = np.ones(len(best), dtype=np.bool_)
    certain[rivalled] = weight[best[rivalled]] - weight[by_type[rival[rivalled]]] >= MARGIN
    likely = best.argsort()
    best, certain = best[likely], certain[likely]
    begins = changes(name[best]).nonzero()[0]
    place = np.arange(len(best)) - begins.repeat(steps(begins, len(best)))
    return Choices(name[best], place, kind[best], item[best], (marks[best] & ACRONYM) > 0, certain)


class _Asked(NamedTuple):
    """Names of the page with an item each that they may mean, one value a pair."""

    first: Ints
    last: Ints
    prior: Ints
    person: Flags
    acronym: Flags

    def where(self, chosen: Ints) -> "_Asked":
        first, last, prior, person, acronym = self
        return _Asked(first[chosen], last[chosen], prior[chosen], person[chosen], acronym[chosen])


def _single(context: Context, asked: _Asked) -> Floats:
    """Probability that names of one word are meant as names."""
    word, prior = asked.first, asked.prior
    level, small = context.found.levels[word].astype(np.int64), context.small[word]
    score = 0.4 + 0.55 * prior / 255
    free = context.capital[word] & ~context.opens[word]
    common = np.where(free & (prior >= 110), score - 0.12 * level, 0.6 * ((prior >= 245) & (level == 1)))
    little = np.where((prior >= 150) & (context.lengths[word] > 3), score - 0.15, 0.0)
    person = np.where((level > 0) | small | (prior < 150), 0.0, 0.55)
    never = (context.lists[word] & (NEVER | DEMONYM) > 0) | (context.page.case[word] == DIGITS) | (context.lengths[word] < 2)
    return first_that_holds(
        (never, asked.acronym, asked.person & (prior < SURE), level > 0, small),
        (0.0, _acronym(context, word, prior), person, common, little),
        score - 0.1 * context.page.shout[word],
    )


def _acronym(context: Context, word: Ints, prior: Ints) -> Floats:
    """Probability that acronyms are meant as such: in capitals, or longer and unlike any word."""
    level, length, shout = context.found.levels[word], context.lengths[word], context.page.shout[word]
    shouted = 0.7 * ~((level > 0) | (length < 3))
    raised = np.where(shout, shouted, 0.55 + prior / 700 - 0.1 * (length < 3) - 0.1 * level)
    other = np.where((level > 0) | (length < 4) | (prior < 150), 0.0, np.where(context.capital[word], 0.7, 0.6))
    return np.where((context.page.case[word] != LOWER) & context.page.raised[word], raised, other)


def _phrase(context: Context, asked: _Asked) -> Floats:
    """Probability that names of several words are meant as names."""
    first, last, prior, person, _ = asked
    content = ~context.listed(PARTICLE)
    sums = running(np.array((content, content & context.common, content & context.small, content & context.page.shout)))
    words, commons, smalls, shouts = sums.take(last + 1, axis=1) - sums.take(first, axis=1)
    common, small_last = commons == words, context.small[last]
    unlikely = (prior < np.where(common, SURE, 150)) & (common | ~person)
    lone = (words == 1) & context.opens[first]
    return first_that_holds(
        (~content[last], smalls == words, shouts > 0, context.small[first], small_last),
        (
            0.0,
            np.where(unlikely, 0.0, 0.7),
            np.where(common & (prior < SURE), 0.3, 0.85),
            np.where(small_last, 0.3, 0.6),
            np.where(person, 0.4, 0.75 + prior / 1500),
        ),
        np.where(lone, 0.55, 0.8) + prior / 1500,
    )


def find(context: Context) -> Candidates:
    """Candidates for every known name of the page; for a name of several types one each, the first the likeliest."""
    first, last, node = context.names
    page = context.page.pages[first]
    meant = (page << 34) | (node << 2) | (2 * context.titled[first]) | _regional(context)
    each, which = distinct(meant)
    choices = choose(context, node[each], page[each], (meant[each] & 2) > 0, (meant[each] & 1) > 0)
    counts = np.bincount(choices.name, minlength=len(each))[which]
    match = np.arange(len(first)).repeat(counts)
    begins = choices.name.searchsorted(which)
    choice = np.arange(len(match)) + (begins - counts.cumsum() + counts)[match]
    item = choices.item[choice]
    kind, prior = choices.type[choice], context.gazetteer.priors[item].astype(np.int64)
    asked = _Asked(first[match], last[match], prior, kind == PER, choices.acronym[choice])
    alone = asked.first == asked.last
    score = np.empty(len(match))
    for pick, measure in ((alone.nonzero()[0], _single), ((~alone).nonzero()[0], _phrase)):
        score[pick] = measure(context, asked.where(pick))
    score *= SECOND ** choices.place[choice]
    return candidates(asked.first, asked.last, kind, score, GAZETTEER, item=np.where(choices.certain[choice], item, -1))
