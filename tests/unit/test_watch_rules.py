import pytest

from pipeline.codec import decode_rule, encode, rules_from_toml
from pipeline.errors import InvalidRule
from pipeline.events import WatchRule


def test_a_rule_from_json() -> None:
    rule = decode_rule(b'{"id": "r", "entities": ["Q1"], "origins": ["comment"], "name": null, "version": "x"}')
    assert rule == WatchRule(id="r", entities=("Q1",), origins=("comment",))
    assert decode_rule(encode(rule)) == rule


def test_rules_from_toml() -> None:
    text = (
        '[[rules]]\nid = "a"\nquery = "Lavrov"\nseverity = "critical"\n[[rules]]\nid = "b"\nentities = ["IBK"]\nenabled = false\n'
    )
    first = WatchRule(id="a", query="Lavrov", severity="critical")
    assert rules_from_toml(text) == (first, WatchRule(id="b", entities=("IBK",), enabled=False))
    assert rules_from_toml("") == ()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (b"{", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "must be a JSON object"),
        (b'{"query": "x"}', "`id` is missing"),
        (b'{"id": null, "query": "x"}', "`id` is missing"),
        (b'{"id": " ", "query": "x"}', "`id` is empty"),
        (b'{"id": "r"}', "`query` and `entities` are both missing"),
        (b'{"id": "r", "query": " ", "entities": [""]}', "`query` and `entities` are both missing"),
        (b'{"id": 5, "query": "x"}', "`id`: expected `str`, got `int`"),
        (b'{"id": "r", "query": "x", "origins": ["blog"]}', "`origins[0]`: invalid enum value 'blog'"),
        (b'{"id": "r", "entities": "IBK"}', "`entities`: expected `array`, got `str`"),
    ],
)
def test_a_rule_that_is_none(value: bytes, said: str) -> None:
    with pytest.raises(InvalidRule) as caught:
        decode_rule(value)
    assert said in caught.value.message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[rules]", "not TOML"),
        ("rules = 5", "write [[rules]]"),
        ("rules = [5]", "write [[rules]]"),
        ('id = "a"', "`id` outside of a rule"),
        (
            '[[rules]]\nid = "a"\nquery = "x"\n[[rules]]\nid = "b"\nqeury = "x"',
            "table 2: no field is called `qeury`; did you mean `query`?",
        ),
        ('[[rules]]\nid = "a"\nquery = "x"\ncolour = 1', "a rule has id, name"),
        ('[[rules]]\nid = "a"\nquery = 5', "table 1: `query`: expected `str"),
        ('[[rules]]\nid = "a"\nquery = "x"\n[[rules]]\nid = "a"\nquery = "y"', "table 2: `id` 'a' is taken"),
    ],
)
def test_a_rules_file_with_a_mistake_names_the_table_and_the_field(text: str, said: str) -> None:
    with pytest.raises(InvalidRule) as caught:
        rules_from_toml(text)
    assert said in caught.value.message
