"""Candidates from the gazetteer: is the name that stands there meant as a name, and whose is it?"""

from collections import Counter
from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import NamedTuple

from pipeline.entities.candidates import Candidate
from pipeline.entities.context import Context
from pipeline.entities.gazetteer import ACRONYM, LABEL, Item, Match
from pipeline.events import EntityType

EVIDENCE = ("gazetteer",)
SURE = 200  # a prior from which an item is known to every reader: states, capitals, world bodies
# A bare name is the town's rather than that of the region called after it: what that is worth.
TOWN = 60
TOWNS, REGIONS = frozenset(("city", "capital", "commune")), frozenset(("region", "district"))
MARGIN = 12  # how much better the best item must be than the next to be linked


class Choice(NamedTuple):
    """The item that a name most likely means."""

    number: int
    item: Item
    marks: int
    certain: bool


def countries(context: Context) -> Mapping[str, int]:
    """The states that the page names, by how often."""
    nodes = Counter(match.node for match in context.names if not context.small(match.first))
    counts: Counter[str] = Counter()
    for node, times in nodes.items():
        item = context.gazetteer.bearers(node)[0].item
        if item.kind == "country":
            counts[item.country] += times
    return counts


def _regional(context: Context, match: Match) -> bool:
    """Whether the words around a name say that it is a region's: "région de Kayes", "Kano State"."""
    if (
        match.last + 1 < len(context.words)
        and context.joined(match.last + 1)
        and context.words[match.last + 1] in context.lexicon.regions
    ):
        return True
    word = match.first
    while word > 0 and context.joined(word) and match.first - word < 3:
        word -= 1
        if context.words[word] not in context.lexicon.links:
            return context.words[word] in context.lexicon.regions
    return False


def choose(context: Context, match: Match, around: Mapping[str, int], *, titled: bool, regional: bool) -> list[Choice]:
    """The item that is meant, the best of each type: by how well known it is, the publisher's country, the countries that the page
    names, a title before it, what the words around say of a region.
    """
    bearers = context.gazetteer.bearers(match.node)
    if len(bearers) == 1:
        return [Choice(*bearers[0], certain=True)]
    ranked, favoured = [], REGIONS if regional else TOWNS
    for bearer in bearers:
        item = bearer.item
        weight = item.prior + (10 if bearer.marks & LABEL else 0)
        if item.country:
            weight += min(30, 15 * around.get(item.country, 0)) + (45 if item.country == context.country else 0)
        if titled and item.type == "PER":
            weight += 80
        if item.kind in favoured:
            weight += TOWN
        ranked.append((weight, -bearer.number, bearer))
    ranked.sort(key=itemgetter(0, 1), reverse=True)
    choices: dict[EntityType, Choice] = {}
    for weight, _, (number, item, marks) in ranked:
        if item.type not in choices:
            rivals = (other for other, _, rival in ranked if rival.item.type == item.type and rival.number != number)
            best_rival = next(rivals, None)
            certain = best_rival is None or weight - best_rival >= MARGIN
            choices[item.type] = Choice(number, item, marks, certain)
    return list(choices.values())


def _single(context: Context, word: int, choice: Choice) -> float:
    """Probability that a name of one word is meant as one."""
    text, level, prior = context.words[word], context.levels[word], choice.item.prior
    if text in context.lexicon.never or text in context.lexicon.demonyms or context.number(word) or len(text) < 2:
        return 0.0
    if choice.marks & ACRONYM:
        return _acronym(context, word, prior)
    if choice.item.type == "PER" and prior < SURE:
        return 0.0 if level or context.small(word) or prior < 150 else 0.55
    score = 0.4 + 0.55 * prior / 255
    if level:
        free = context.capital(word) and not context.opens(word)
        return score - 0.12 * level if free and prior >= 110 else (0.6 if prior >= 245 and level == 1 else 0.0)
    if context.small(word):
        return score - 0.15 if prior >= 150 and len(text) > 3 else 0.0
    return score - 0.1 * context.shout[word]


def _acronym(context: Context, word: int, prior: int) -> float:
    """Probability that an acronym is meant as one: in capitals, or longer and unlike any word."""
    text, level = context.words[word], context.levels[word]
    if context.case[word] and context.surface(word, word).isupper():
        if context.shout[word]:
            return 0.0 if level or len(text) < 3 else 0.7
        return 0.55 + prior / 700 - 0.1 * (len(text) < 3) - 0.1 * level
    if level or len(text) < 4 or prior < 150:
        return 0.0
    return 0.7 if context.capital(word) else 0.6


def _phrase(context: Context, match: Match, choice: Choice) -> float:
    """Probability that a name of several words is meant as one."""
    content = [i for i in range(match.first, match.last + 1) if context.words[i] not in context.lexicon.particles]
    if not content or content[-1] != match.last:
        return 0.0
    prior, common = choice.item.prior, all(context.levels[i] for i in content)
    small = [context.small(i) for i in content]
    if all(small):
        return 0.0 if prior < (SURE if common else 150) and (common or choice.item.type != "PER") else 0.7
    if any(context.shout[i] for i in content):
        return 0.3 if common and prior < SURE else 0.85
    if context.small(match.first):
        return 0.6 if not small[-1] else 0.3
    if small[-1]:
        return 0.4 if choice.item.type == "PER" else 0.75 + prior / 1500
    lone = len(content) == 1 and context.opens(match.first)
    return (0.55 if lone else 0.8) + prior / 1500


def find(context: Context) -> Iterator[Candidate]:
    """Candidates for every known name of the page; for a name of several types one each, the first the likeliest."""
    around = countries(context)
    regions = not context.lexicon.regions.isdisjoint(context.words)
    chosen: dict[tuple[int, bool, bool], list[Choice]] = {}
    for match in context.names:
        first, last, node = match
        titled, regional = context.title(first), regions and _regional(context, match)
        choices = chosen.get((node, titled, regional))
        if choices is None:
            choices = chosen[node, titled, regional] = choose(context, match, around, titled=titled, regional=regional)
        for place, choice in enumerate(choices):
            score = _single(context, first, choice) if first == last else _phrase(context, match, choice)
            item = choice.number if choice.certain else -1
            yield Candidate(first, last, choice.item.type, score * 0.6**place, EVIDENCE, item)
