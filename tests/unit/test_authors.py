"""Under a key no comment's author is named: not in its event, not in an alert, not in the text that bears the signature."""

from functools import partial

import pytest

from pipeline.authors import conceal, pseudonym
from pipeline.codec import encode
from pipeline.enrich import Pipeline, load_pipeline, process
from pipeline.events import Author, RawArticle, WatchRule
from tests.fixtures.cost import least

KEY = "0123456789abcdef"
PAGE = """<html><body><article><h1>Visite</h1><p>Le ministre est arrivé mardi à Bamako pour une visite de deux jours.</p>
</article>
<div id="comments">
<div class="comment"><span class="author">Aminata Zoungrana</span><p>Bonne nouvelle pour Bamako.</p></div>
<div class="comment"><span class="author">Ousmane75</span><p>@Aminata Zoungrana, vous y croyez encore ?</p></div>
</div></body></html>"""


def signed(*names: str, source: str = "header") -> list[Author | None]:
    return [Author(name=name, source=source) for name in names]


@pytest.fixture(scope="module")
def keyed() -> Pipeline:
    return load_pipeline((WatchRule(id="b", query="Bamako"), WatchRule(id="a", query="author:Ousmane75")), author_key=KEY)


def test_a_name_has_one_pseudonym_under_a_key_and_another_under_another():
    assert pseudonym("Aminata Koné", KEY) == pseudonym("AMINATA  KONE", KEY)
    assert len({pseudonym(name, key) for name in ("Aminata", "Moussa") for key in (KEY, KEY * 9, KEY * 10)}) == 6
    assert len(pseudonym("Aminata", KEY)) == 32


def test_a_page_names_none_of_its_authors_and_keeps_what_they_say(keyed: Pipeline):
    raw = RawArticle(url="https://a.example/1", content=PAGE, content_type="text/html")
    plain, hidden = process(raw, load_pipeline())[0], process(raw, keyed)[0]
    assert [each.author.name for each in plain.comments] == ["Aminata Zoungrana", "Ousmane75"]
    assert [each.author for each in hidden.comments] == [
        Author(name=pseudonym(name, KEY), source="header") for name in ("Aminata Zoungrana", "Ousmane75")
    ]
    said = encode(hidden).decode()
    assert "Zoungrana" not in said
    assert "Ousmane75" not in said
    assert hidden.comments[1].text == "@███████ █████████, vous y croyez encore ?"
    assert hidden.comments[1].reply_to == hidden.comments[0].id
    assert [each.origin for each in hidden.alerts] == ["article", "comment"]
    assert process(raw, keyed.with_rules([WatchRule(id="a", query=f"author:{pseudonym('Ousmane75', KEY)}")]))[0].alerts


def test_neither_the_key_nor_a_name_is_in_the_representation_of_the_pipeline(keyed: Pipeline):
    assert KEY not in repr(keyed)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Bien dit.\nAwa Touré", "Bien dit.\n███ █████"),
        ("Bien dit.\n— Awa Touré —", "Bien dit.\n— ███ █████ —"),
        ("@awa touré: non", "@███ █████: non"),
        ("voir @Awa Touré (plus haut) et @Moussa", "voir @███ █████ (plus haut) et @Moussa"),
        ("Awa Touré a raison, non ?\nAwa Touré", "Awa Touré a raison, non ?\n███ █████"),
    ],
)
def test_signatures_and_calls_are_blackened_without_moving_an_offset(text: str, expected: str):
    (shown,), _ = conceal([text], signed("Awa Touré", source="sign_off"), KEY)
    assert shown == expected
    assert len(shown) == len(text)


def test_cost_stays_linear():
    def work(size: int) -> None:
        conceal(["@a b " * size, "@" * size], signed("Awa", "Moussa"), KEY)

    work(1000)
    short, long = least(partial(work, 10_000), partial(work, 40_000))
    assert long < 8 * max(short, 0.01)
