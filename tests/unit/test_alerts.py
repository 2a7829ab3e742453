from datetime import UTC, datetime

import pytest

from pipeline.alerts import MAX_MATCHES, SNIPPET, check_rule, compile_rules, snippet
from pipeline.errors import InvalidRule
from pipeline.events import Publisher, RuleRef, WatchRule
from pipeline.ids import alert_id, rule_version
from tests.fixtures.documents import article, comment, entity

HEADLINE = "Lavrov : l'AES et la Russie"
BODY = "Le président Assimi\nGoïta a reçu M. Lavrov à Bamako. La grève de la mine d'or dure ; les Maliens attendent. Cœur de Ségou."
ENTITIES = (
    entity(BODY, "Assimi\nGoïta", name="Assimi Goïta", qid="Q56"),
    entity(BODY, "Lavrov", name="Sergueï Lavrov", qid="Q58"),
    entity(BODY, "Bamako", kind="LOC", qid="Q3703"),
)
PAGE = article(
    BODY,
    headline=HEADLINE,
    headline_entities=(entity(HEADLINE, "AES", kind="ORG", name="Alliance des États du Sahel", qid="wl:aes"),),
    entities=ENTITIES,
    author="Moussa Koné",
    publisher=Publisher(name="L'Exemple du Mali", domain="www.exemple.ml", country="ML"),
)


def fired(rule: WatchRule, page=PAGE, comments=()):
    return compile_rules([rule]).evaluate(page, comments)


def found(query: str, page=PAGE) -> list[str] | None:
    """The surfaces that a query matches on the page; None if it does not fire."""
    alerts = fired(WatchRule(id="r", query=query), page)
    return [match.surface for match in alerts[0].matches] if alerts else None


@pytest.mark.parametrize(
    ("query", "surfaces"),
    [
        ("AES", ["AES"]),
        ("LAVROV", ["Lavrov", "Lavrov"]),
        ("segou", ["Ségou"]),
        ("coeur", ["Cœur"]),
        ("mali", None),
        ("mali*", ["Maliens"]),
        ('"assimi goita"', ["Assimi\nGoïta"]),
        ('"goita assimi"', None),
        ("d'or", ["d'or"]),
        ('"mine grève"~2', ["grève de la mine"]),
        ('"mine grève"~1', None),
        ('"or d"~0', ["d'or"]),
        ("niger OR russie", ["Russie"]),
        ("niger AND russie", None),
        ("grève AND russie", ["Russie", "grève"]),
        ("grève AND NOT russie", None),
        ("grève AND NOT niger", ["grève"]),
        ("(niger AND grève) OR bamako", ["Bamako"]),
        ("entity:Q56", ["Assimi\nGoïta"]),
        ("entity:sergueï", None),
        ('entity:"serguei LAVROV"', ["Lavrov"]),
        ("entity:lavrov", ["Lavrov"]),
        ('entity:"wl:aes"', ["AES"]),
        ("type:LOC", ["Bamako"]),
        ("type:ORG", ["AES"]),
        ("lang:fr", []),
        ("lang:en", None),
        ("lang:fr AND bamako", ["Bamako"]),
        ("origin:article", []),
        ("origin:comment", None),
        ('publisher:"l’exemple du mali"', []),
        ("publisher:exemple.ml", []),
        ("publisher:www.exemple.ml", []),
        ("publisher:ml", None),
        ("publisher:autre.ml", None),
        ("country:ml", []),
        ("country:FR", None),
        ("author:kone", []),
        ('author:"Moussa Koné"', []),
        ("author:kon", None),
    ],
)
def test_what_a_query_matches(query, surfaces):
    assert found(query) == surfaces


@pytest.mark.parametrize("text", ["Goi\u0308ta parle", "GOÏTA parle", "goita parle", "Goï\u00adta parle", "d’Goïta parle"])
def test_a_word_is_found_however_it_is_written(text):
    assert found("goïta", article(text)) is not None


@pytest.mark.parametrize("text", ["Malien", "animali", "mali2", "", "***", "ma li"])
def test_a_part_of_a_word_is_not_the_word(text):
    assert found("mali", article(text)) is None


def test_headline_and_text_are_one_document_but_a_phrase_does_not_run_from_one_into_the_other():
    page = article("Niger suit", headline="Le Mali")
    assert found("mali AND niger", page) == ["Mali", "Niger"]
    assert found('"mali niger"', page) is None
    assert found('"mali niger"~8', page) is None


def test_an_alert_says_which_rule_fired_where_and_why():
    rule = WatchRule(id="sahel", query='bamako OR entity:"wl:aes"', severity="critical")
    now = datetime(2024, 12, 5, tzinfo=UTC)
    page = article(BODY, headline=HEADLINE, headline_entities=PAGE.headline_entities, fetched_at=now)
    (alert,) = fired(rule, page)
    assert alert.rule == RuleRef(id="sahel", version=rule_version(rule), name="sahel", severity="critical")
    assert alert.id == alert_id("sahel", rule_version(rule), "article")
    assert (alert.document_id, alert.article_id, alert.article_url, alert.origin) == ("article", "article", page.url, "article")
    assert [(match.term, match.field) for match in alert.matches] == [("entity:wl:aes", "headline"), ("bamako", "text")]
    assert alert.snippet == HEADLINE
    assert alert.event_time == now


def test_an_alert_on_a_comment_points_into_its_text_and_to_its_article():
    then = datetime(2024, 12, 6, tzinfo=UTC)
    (alert,) = fired(WatchRule(id="r", query="poutine"), article(), [comment("vive POUTINE", published_at=then)])
    (match,) = alert.matches
    assert (match.field, match.start, match.end, match.surface) == ("text", 5, 12, "POUTINE")
    assert (alert.document_id, alert.article_id, alert.origin, alert.event_time) == ("comment", "article", "comment", then)


def test_alerts_come_in_page_order_then_by_rule():
    rules = compile_rules([WatchRule(id=name, query="mali") for name in "cab"])
    alerts = rules.evaluate(article("mali"), [comment("mali", id="second"), comment("rien", id="third"), comment("mali", id="a")])
    assert [(alert.document_id, alert.rule.id) for alert in alerts] == [
        (document, rule) for document in ("article", "second", "a") for rule in "abc"
    ]


def test_listed_entities_fire_by_id_name_or_surface_besides_the_query():
    rule = WatchRule(id="r", entities=("q3703", "SERGUEI lavrov", "AES"), query="russie")
    (alert,) = fired(rule)
    assert [match.surface for match in alert.matches] == ["AES", "Russie", "Lavrov", "Bamako"]
    assert fired(WatchRule(id="r", entities=("Niger",))) == ()


@pytest.mark.parametrize(
    ("filters", "documents"),
    [
        ({}, ["article", "comment", "english"]),
        ({"origins": ("comment",)}, ["comment", "english"]),
        ({"languages": ("fr",)}, ["article", "comment"]),
        ({"languages": ("EN", "de")}, ["english"]),
        ({"publishers": ("exemple.ml",)}, ["article", "comment", "english"]),
        ({"publishers": ("Autre", "L’EXEMPLE du Mali")}, ["article", "comment", "english"]),
        ({"publishers": ("autre.ml",)}, []),
        ({"origins": ("comment",), "languages": ("fr",)}, ["comment"]),
    ],
)
def test_each_filter_must_hold_as_well(filters, documents):
    comments = [comment("bamako"), comment("Bamako!", id="english", tag="en")]
    alerts = fired(WatchRule(id="r", query="bamako", **filters), PAGE, comments)
    assert [alert.document_id for alert in alerts] == documents


def test_a_page_without_publisher_goes_by_its_address():
    assert found("publisher:exemple.ml", article("x")) == []


def test_an_author_is_that_of_the_document():
    comments = [comment("un", author="Jean-Paul Sidibé"), comment("deux", id="other")]
    alerts = fired(WatchRule(id="r", query='author:"paul sidibe"'), PAGE, comments)
    assert [alert.document_id for alert in alerts] == ["comment"]


def test_disabled_rules_are_left_out_and_of_two_with_one_id_the_last_counts():
    rules = compile_rules(
        [WatchRule(id="a", query="mali", enabled=False), WatchRule(id="b", query="mali"), WatchRule(id="b", query="niger")]
    )
    assert len(rules) == 1
    assert [alert.rule.id for alert in rules.evaluate(article("mali"), ())] == []
    assert [alert.rule.id for alert in rules.evaluate(article("niger"), ())] == ["b"]
    assert len(compile_rules([WatchRule(id="b", query="mali"), WatchRule(id="b", query="mali", enabled=False)])) == 0


def test_of_many_rules_those_that_have_not_changed_are_not_compiled_again():
    one, two, other = (WatchRule(id=name, entities=(name, "Mali")) for name in ("a", "b", "c"))
    before = compile_rules([one, two])
    after = compile_rules([two, other], known=before)
    assert after.compiled[two] is before.compiled[two]
    assert set(after.compiled) == {two, other}
    assert after.version == compile_rules([two, other]).version


def test_no_rules_no_alerts():
    assert compile_rules([]).evaluate(PAGE, [comment("mali")]) == ()


def test_the_version_follows_the_content_and_not_the_order():
    one, two = WatchRule(id="a", query="mali"), WatchRule(id="b", query="niger")
    assert compile_rules([one, two]).version == compile_rules([two, one]).version
    assert compile_rules([one]).version != compile_rules([WatchRule(id="a", query="mali", severity="warning")]).version


@pytest.mark.parametrize(
    ("rule", "position", "hint"),
    [
        (WatchRule(id="r"), None, "asks for nothing"),
        (WatchRule(id="r", query=""), 0, "empty"),
        (WatchRule(id="r", query="", entities=("Q1",)), 0, "empty"),
        (WatchRule(id="r", query="mali niger"), 5, "side by side"),
        (WatchRule(id="r", entities=("Q1", "***")), None, "entities holds '***'"),
        (WatchRule(id="r", query="mali", languages=("",)), None, "languages holds ''"),
        (WatchRule(id="r\ud800", query="mali"), None, "surrogate"),
    ],
)
def test_a_rule_that_cannot_be_evaluated_is_refused(rule, position, hint):
    with pytest.raises(InvalidRule) as refused:
        check_rule(rule)
    assert refused.value.position == position
    assert hint in refused.value.message
    with pytest.raises(InvalidRule, match=r"^rule 'r") as refused:
        compile_rules([WatchRule(id="good", query="mali"), rule])
    assert refused.value.position == position


def test_matches_are_the_first_hundred_in_the_document():
    (alert,) = fired(WatchRule(id="r", query="mali OR niger"), article("Niger Mali " * 1000))
    assert len(alert.matches) == MAX_MATCHES
    assert [match.start for match in alert.matches] == sorted(match.start for match in alert.matches)
    assert alert.matches[-1].end <= 11 * 50


def test_a_term_named_twice_matches_once():
    assert found('mali OR mali AND "mali"', article("Mali")) == ["Mali"]


def test_a_snippet_is_cut_between_words_around_the_match():
    text = "début " * 100 + "Bamako" + " suite" * 100
    (alert,) = fired(WatchRule(id="r", query="bamako"), article(text))
    assert SNIPPET - 20 <= len(alert.snippet) <= SNIPPET
    assert set(alert.snippet.split()) == {"début", "Bamako", "suite"}


@pytest.mark.parametrize("text", ["x" * 1000, "mot " * 250, " " * 1000, "", "été " + "x" * 996])
@pytest.mark.parametrize("span", [(0, 0), (0, 3), (500, 503), (900, 1000), (100, 900), (996, 1000)])
def test_a_snippet_never_grows_beyond_its_bound(text, span):
    start, end = (min(place, len(text)) for place in span)
    cut = snippet(text, start, end)
    assert len(cut) <= SNIPPET
    assert cut in text
    assert text[start : min(end, start + 100)].strip() in cut


@pytest.mark.parametrize("text", ["\x00", "\ud800mali", "\u202emali", "🇲🇱 mali", "mali" * 25_000, "'" * 1000, "İ mali", "\u0301"])
def test_hostile_text_does_not_stop_the_rules(text):
    rules = compile_rules([WatchRule(id="r", query='mali OR "mali mali"~3 OR type:PER')])
    for alert in rules.evaluate(article(text, headline=text, author=text), [comment(text, author=text)]):
        assert all(text[match.start : match.end] == match.surface == "mali" for match in alert.matches)
