"""What a query means is shown in test_alerts.py; here: what is refused, where and with which hint, and what a tree looks like."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline.errors import InvalidRule
from pipeline.rules.query import MAX_LENGTH, parse
from pipeline.rules.tree import And, Atom, Near, Not, Or

MALI, NIGER, MINE = (Atom(("text", f" {word} "), word) for word in ("mali", "niger", "mine"))


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("mali", MALI),
        ("Malí", Atom(("text", " mali "), "Malí")),
        ("mali*", Atom(("text", " mali"), "mali*")),
        ('"Assimi  Goïta"', Atom(("text", " assimi goita "), "Assimi  Goïta")),
        ("l'AES", Atom(("text", " l aes "), "l'AES")),
        ("CSP-DPA", Atom(("text", " csp dpa "), "CSP-DPA")),
        (r"a\:b", Atom(("text", " a b "), "a:b")),
        ("cœur", Atom(("text", " coeur "), "cœur")),
        ("cafe\u0301*", Atom(("text", " cafe"), "cafe\u0301*")),
        ('"mine grève"~8', Near((("text", " mine "), ("text", " greve ")), 8, '"mine grève"~8')),
        ("entity:Q912", Atom(("entity", "q912"), "entity:Q912")),
        ('entity:"Assimi Goïta"', Atom(("entity", "assimi goita"), "entity:Assimi Goïta")),
        ("type:PER", Atom(("type", "per"), "type:PER")),
        ("publisher:exemple.ml", Atom(("publisher", "exemple ml"), "publisher:exemple.ml")),
        ("lang:(fr OR en)", Or((Atom(("lang", "fr"), "lang:fr"), Atom(("lang", "en"), "lang:en")))),
        ("mali OR niger AND mine", Or((MALI, And((NIGER, MINE))))),
        ("(mali OR niger) AND mine", And((Or((MALI, NIGER)), MINE))),
        ("mali AND NOT mine", And((MALI, Not(MINE, 9)))),
        ("mali AND (niger OR NOT mine)", And((MALI, Or((NIGER, Not(MINE, 19)))))),
    ],
)
def test_a_query_becomes_a_tree(query, tree):
    assert parse(query) == tree


@pytest.mark.parametrize(
    ("query", "position", "hint"),
    [
        ("", 0, "empty"),
        (" \n", 0, "empty"),
        ("é mali", 2, "side by side"),
        ("𐍈 OR (mali niger)", 11, "side by side"),
        ("mali or niger", 5, "or is not an operator here: write AND, OR, NOT in capitals"),
        ("mali and niger", 5, "and is not an operator"),
        ("mali not niger", 5, "not is not an operator"),
        ("mali && niger", 5, "&& is not an operator"),
        ("mali NOT niger", 5, "AND NOT"),
        ("mali OR !niger", 8, "! are not operators"),
        ("NOT mali", 0, "join this NOT"),
        ("NOT mali AND NOT niger", 0, "join this NOT"),
        ("mali OR NOT niger", 8, "join this NOT"),
        ("*", 0, "wildcard"),
        ("*mali", 0, "wildcard"),
        ("ma*li", 2, "wildcard"),
        ("mali OR ma?i", 10, "wildcard"),
        ("u*****", 1, "wildcard"),
        ("l'*", 2, "wildcard"),
        ('"le mali*"', 8, "no wildcard"),
        ("entity:Q9*", 9, "no wildcard"),
        ("mali~", 4, "fuzzy"),
        ("mali^2", 4, "boost"),
        ("[a TO b]", 0, "ranges"),
        ("mali OR >5", 8, "range"),
        ("/mal./", 0, "regular expressions"),
        ("mali /niger", 5, "regular expressions"),
        ("+mali", 0, "AND"),
        ("-mali", 0, "AND NOT"),
        ("mali -niger", 5, "AND NOT"),
        ("mali OR ville:Bamako", 8, "no field is called 'ville'"),
        ("text:mali", 0, "no field is called 'text'"),
        ("entity:type:PER", 7, "a field within entity:"),
        ("type:PERSON", 5, "PER, ORG, LOC"),
        ("origin:page", 7, "article, comment"),
        ("lang:français", 5, "lang:fr"),
        ("country:Mali", 8, "country:ML"),
        ('entity:"Q1"~3', 11, "takes no ~"),
        ('"mine grève"~', 12, "a number"),
        ('"mine"~3', 6, "two words"),
        ('"mine grève"~1.5', 12, "a whole one"),
        ("mali^1.2.3", 4, "a whole one"),
        ("mali OR ...", 8, "letter or a digit"),
        ('mali OR ""', 8, "letter or a digit"),
        ("\ud800", 0, "letter or a digit"),
        ("\x00", 0, "letter or a digit"),
        ('mali"niger"', 4, "phrase"),
        ('"mali', 0, "close the phrase"),
        ("(mali", 5, "parentheses"),
        ("mali)", 4, "closes no parenthesis"),
        ("mali AND", 8, "AND, OR or NOT"),
        ("OR mali", 0, "between two terms"),
        ("mali OR \\", 8, "between"),
        ("(" * 120 + "mali" + ")" * 120, 101, "nested"),
        ("m" * (MAX_LENGTH + 1), MAX_LENGTH, "several rules"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_with_its_position_and_a_hint(query, position, hint):
    with pytest.raises(InvalidRule) as refused:
        parse(query)
    assert refused.value.position == position
    assert hint in refused.value.message


def test_a_refused_query_does_not_spoil_the_next():
    with pytest.raises(InvalidRule):
        parse('mali OR ("niger')
    assert parse("mali OR  niger") == Or((MALI, NIGER))


def test_queries_are_read_in_several_threads_at_once():
    queries = [f"mot{number} OR (mali AND NOT mine{number})" for number in range(200)]
    with ThreadPoolExecutor(8) as pool:
        trees = list(pool.map(parse, queries))
    assert trees == [parse(query) for query in queries]
