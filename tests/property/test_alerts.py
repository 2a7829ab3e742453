"""Rules against a naive evaluator: regular expressions and brute force over the folded text, one rule and one term at a time."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from pipeline.alerts import compile_rules
from pipeline.errors import InvalidRule
from pipeline.events import Alert, Article, Entity, Language, Publisher, WatchRule
from pipeline.rules.query import parse
from pipeline.rules.words import key, keys_of
from pipeline.text import fold
from tests.fixtures.documents import article, comment, entity

WORDS = st.sampled_from(["mali", "Malí", "MALIENS", "grève", "AES", "or", "Q1", "mi"])
GAPS = st.sampled_from([" ", "\n", "-", "’", ", ", " *** ", "_", " « "])
TEXTS = st.lists(st.tuples(WORDS, GAPS), max_size=10).map(lambda pairs: "".join(word + gap for word, gap in pairs))
PAGES = st.builds(
    lambda body, headline, tag: article(body, headline=headline, entities=tag(body), headline_entities=tag(headline)),
    TEXTS,
    TEXTS,
    st.sampled_from([lambda _text: (), lambda text: (entity(text, "mali", qid="Q912"),) if "mali" in text else ()]),
)
Spans = set[tuple[str, int, int]]  # field, start, end


@dataclass(frozen=True)
class Naive:
    """A query as written, and where it holds on a page (None: it does not). `loose`: it can hold where nothing is found."""

    query: str
    find: Callable[[Any], Spans | None]
    loose: bool = False


def fields(page: Article) -> Iterator[tuple[str, str]]:
    yield from (("headline", fold(page.headline or "")), ("text", fold(page.body)))


def term(words: list[str], *, prefix: bool) -> Naive:
    pattern = r"[\W_]+".join(map(fold, words)) + (r"[^\W_]*" if prefix else r"(?![^\W_])")
    seen = re.compile(rf"(?<![^\W_])(?=({pattern}))")  # within a look-ahead, finds may overlap
    query = f'"{" ".join(words)}"' if len(words) > 1 else words[0] + "*" * prefix
    return Naive(query, lambda page: {(name, *at.span(1)) for name, text in fields(page) for at in seen.finditer(text)} or None)


def near(words: list[str], distance: int) -> Naive:
    needed = Counter(map(fold, words))

    def find(page: Article) -> Spans | None:
        found: Spans = set()
        for name, text in fields(page):
            spans = [at.span() for at in re.finditer(r"[^\W_]+", text)]
            cut = [text[start:end] for start, end in spans]
            pairs = [(a, b) for a in range(len(cut)) for b in range(a, len(cut)) if not needed - Counter(cut[a : b + 1])]
            short = [(a, b) for a, b in pairs if (a + 1, b) not in pairs and (a, b - 1) not in pairs]
            found |= {(name, spans[a][0], spans[b][1]) for a, b in short if b - a + 1 - len(words) <= distance}
        return found or None

    return Naive(f'"{" ".join(words)}"~{distance}', find)


def tagged(name: str) -> Naive:
    def find(page: Article) -> Spans | None:
        both = (("headline", page.headline_entities), ("text", page.entities))
        return {(field, one.start, one.end) for field, tags in both for one in tags} or None

    return Naive(name, find)


def both(parts: list[Naive]) -> Naive:
    def find(page: Article) -> Spans | None:
        found = [part.find(page) for part in parts]
        return None if None in found else set().union(*found)

    return Naive("(" + " AND ".join(part.query for part in parts) + ")", find, all(part.loose for part in parts))


def either(parts: list[Naive]) -> Naive:
    def find(page: Article) -> Spans | None:
        found = [spans for part in parts if (spans := part.find(page)) is not None]
        return set().union(*found) if found else None

    return Naive("(" + " OR ".join(part.query for part in parts) + ")", find, any(part.loose for part in parts))


def negated(part: Naive) -> Naive:
    return Naive(f"NOT {part.query}", lambda page: set() if part.find(page) is None else None, loose=True)


LEAVES = (
    st.builds(term, st.lists(WORDS, min_size=1, max_size=1), prefix=st.booleans())
    | st.builds(term, st.lists(WORDS, min_size=2, max_size=3), prefix=st.just(value=False))
    | st.builds(near, st.lists(WORDS, min_size=2, max_size=3), st.integers(0, 4))
    | st.sampled_from(["entity:Q912", "entity:MALI", "type:PER"]).map(tagged)
)
QUERIES = st.recursive(
    LEAVES,
    lambda parts: (
        st.lists(parts, min_size=2, max_size=3).map(both) | st.lists(parts, min_size=2, max_size=3).map(either) | parts.map(negated)
    ),
    max_leaves=6,
)


@dataclass(frozen=True)
class Document:
    """An article, or a comment, as the naive evaluator sees it; the publisher's domain is given."""

    body: str
    headline: str
    entities: tuple[Entity, ...]
    headline_entities: tuple[Entity, ...]
    origin: str
    tag: str
    author: str
    publisher: Publisher


def fact(query: str, *, true: Callable[[Document], bool]) -> Naive:
    return Naive(query, lambda document: set() if true(document) else None)


def said_by(name: str) -> Naive:
    pattern = re.compile(rf"(?<!\w){re.escape(fold(name))}(?!\w)")
    return fact(f'author:"{name}"', true=lambda document: bool(pattern.search(fold(document.author))))


def published_by(name: str) -> Naive:
    def true(document: Document) -> bool:
        given = document.publisher
        return fold(name) == fold(given.name or "") or f".{given.domain}".endswith(f".{name}")

    return fact(f'publisher:"{name}"', true=true)


TAGS, COUNTRIES, AUTHORS = ("fr", "en", "und"), ("ML", "SN", "BF"), ("", "Moussa Koné", "KONÉ", "Awa", "Koné-Diop Awa")
PUBLISHERS = st.builds(
    Publisher,
    name=st.sampled_from([None, "Le Journal", "maliweb.net"]),
    domain=st.sampled_from(["maliweb.net", "www.maliweb.net", "notmaliweb.net", "journal.example"]),
    country=st.sampled_from([None, *COUNTRIES]),
)
FACTS = (
    st.sampled_from(TAGS).map(lambda tag: fact(f"lang:{tag}", true=lambda document: document.tag == tag))
    | st.sampled_from(["article", "comment"]).map(lambda kind: fact(f"origin:{kind}", true=lambda each: each.origin == kind))
    | st.sampled_from(COUNTRIES).map(lambda code: fact(f"country:{code}", true=lambda each: each.publisher.country == code))
    | st.sampled_from(["Koné", "moussa kone", "Awa", "Moussa Awa"]).map(said_by)
    | st.sampled_from(["maliweb.net", "le journal", "www.maliweb.net", "journal.example"]).map(published_by)
)
WITH_FACTS = st.recursive(
    LEAVES | FACTS,
    lambda parts: (
        st.lists(parts, min_size=2, max_size=3).map(both) | st.lists(parts, min_size=2, max_size=3).map(either) | parts.map(negated)
    ),
    max_leaves=6,
)
DOCUMENTS = st.tuples(TEXTS, st.sampled_from(TAGS), st.sampled_from(AUTHORS))


@given(st.lists(WITH_FACTS, max_size=6), DOCUMENTS, st.lists(DOCUMENTS, max_size=3), PUBLISHERS)
def test_rules_about_facts_fire_on_article_and_comments_where_the_naive_evaluator_says(queries, above, below, publisher):
    held = [naive for naive in queries if not naive.loose]
    rules = compile_rules(WatchRule(id=str(number), query=naive.query) for number, naive in enumerate(held))
    body, tag, author = above
    language = Language(tag=tag, confidence=1.0, method="test")
    page = article(body, id="0", language=language, author=author or None, publisher=publisher)
    comments = [comment(text, id=str(at + 1), tag=tag, author=author) for at, (text, tag, author) in enumerate(below)]
    fired = {(alert.document_id, alert.rule.id): spans(alert) for alert in rules.evaluate(page, comments)}
    expected = {}
    for at, (text, tag, author) in enumerate((above, *below)):
        document = Document(text, "", (), (), "comment" if at else "article", tag, author, publisher)
        found = {(str(at), str(number)): naive.find(document) for number, naive in enumerate(held)}
        expected |= {key: spans for key, spans in found.items() if spans is not None}
    assert fired == expected


def spans(alert: Alert) -> Spans:
    return {(match.field, match.start, match.end) for match in alert.matches}


@given(st.lists(QUERIES, max_size=6), st.lists(PAGES, min_size=1, max_size=4))
def test_rules_fire_where_the_naive_evaluator_says(queries, pages):
    held = [naive for naive in queries if not naive.loose]
    rules = compile_rules(WatchRule(id=str(number), query=naive.query) for number, naive in enumerate(held))
    for page in pages:
        expected = {str(number): found for number, naive in enumerate(held) if (found := naive.find(page)) is not None}
        assert {alert.rule.id: spans(alert) for alert in rules.evaluate(page, ())} == expected


NAMES = st.sampled_from(["Mali", "MALÍ", "mali,", "Q912", "q912", "Le Mali", "Goïta", "Œuvre", "a\nb"]) | st.text().filter(key)


@given(st.lists(st.lists(NAMES, min_size=1, max_size=5), max_size=5), st.lists(st.tuples(NAMES, NAMES), max_size=5))
def test_listed_names_fire_where_a_name_has_the_same_words(lists, tags):
    body = "".join(f"{surface} " for surface, _ in tags)
    starts = [sum(len(surface) + 1 for surface, _ in tags[:at]) for at in range(len(tags))]
    found = [
        replace(entity(body, surface, name=name, qid="Q912"), start=start, end=start + len(surface))
        for start, (surface, name) in zip(starts, tags, strict=True)
    ]
    page = article(body, entities=tuple(found))
    fired = compile_rules(WatchRule(id=str(at), entities=tuple(names)) for at, names in enumerate(lists)).evaluate(page, ())
    for at, names in enumerate(lists):
        matches = {(each.term, each.start) for alert in fired if alert.rule.id == str(at) for each in alert.matches}
        assert matches == {
            (term, one.start) for term in names for one in found if key(term) in {"q912", key(one.name), key(one.surface)}
        }


@given(st.lists(NAMES | st.text()))
def test_keys_of_many_names_are_those_of_each(names):
    assert keys_of(names) == [key(name) for name in names]


@given(QUERIES.filter(lambda naive: naive.loose))
def test_a_query_that_could_hold_where_nothing_is_found_is_refused(naive):
    with pytest.raises(InvalidRule, match="join this NOT") as refused:
        parse(naive.query)
    assert naive.query[refused.value.position :].startswith("NOT")


@given(QUERIES.filter(lambda naive: not naive.loose))
def test_no_query_that_is_taken_holds_on_an_empty_page(naive):
    assert compile_rules([WatchRule(id="r", query=naive.query)]).evaluate(article(), [comment()]) == ()


@given(st.text() | TEXTS, st.text())
@example("\ud800 mali", "œ\u0301 Malí")
def test_a_surface_is_the_text_at_its_offsets(body, headline):
    rules = compile_rules([WatchRule(id="r", query='mali OR a* OR e* OR "mali or"~3', entities=("mali",))])
    for alert in rules.evaluate(article(body, headline=headline), [comment(body)]):
        assert alert.snippet in (body if alert.matches[0].field == "text" else headline)
        for match in alert.matches:
            text = headline if match.field == "headline" else body
            assert text[match.start : match.end] == match.surface != ""


SYNTAX = st.lists(
    st.sampled_from(
        ["mali", "AND", "OR", "NOT", "(", ")", '"', "~", "~8", "*", ":", "entity", "lang:fr", "\\", " ", "/", "[", "TO", "\ud800"]
    )
    | st.characters(),
    max_size=25,
).map("".join)


def refusal(query: str) -> InvalidRule | None:
    try:
        parse(query)
    except InvalidRule as refused:
        return refused
    return None


@given(SYNTAX)
def test_any_query_is_read_or_refused_within_its_length(query):
    refused = refusal(query)
    assert refused is None or (refused.position is not None and 0 <= refused.position <= len(query) and refused.message)
