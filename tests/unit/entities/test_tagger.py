"""The tagger on the sample page and on small pages of its own."""

from functools import cache
from pathlib import Path

import pytest

from pipeline.entities import Tagger, load_tagger
from pipeline.events import Entity

PAGE = Path(__file__).parents[2] / "data/page.txt"


@cache
def tagger() -> Tagger:
    return load_tagger()


def tag(*texts: str, country: str | None = None) -> list[tuple[str, str]]:
    """Surface and type of every entity of a page."""
    return [(e.surface, e.type) for field in tagger().tag(texts, country=country) for e in field]


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("fr", ["Tombouctou", "Norvège", "Londres", "Portugal", "Kayes", "Congo-Brazzaville"]),
        ("en", ["Timbuktu", "Norway", "London", "Portugal", "Kayes", "Congo - Brazzaville"]),
    ],
)
def test_names_are_in_the_language_of_the_page(language: str, names: list[str]) -> None:
    text = "Tombouctou. Norway. London. Portugal. Kayes. Congo-Brazzaville."
    found = tagger().tag([f"Il est à {text}".replace(". ", ", ")], languages=[language])[0]
    assert [entity.name for entity in found] == names


@cache
def sample() -> tuple[str, tuple[Entity, ...]]:
    text = PAGE.read_text(encoding="utf-8")
    return text, tagger().tag([text], country="ML")[0]


@pytest.mark.parametrize(
    ("surface", "kind"),
    [
        ("Lavrov", "PER"),
        ("Sergueï Lavrov", "PER"),
        ("LAVROV", "PER"),
        ("Abdoulaye Diop", "PER"),
        ("Mali", "LOC"),
        ("MALI", "LOC"),
        ("Russie", "LOC"),
        ("RUSSIE", "LOC"),
        ("russie", "LOC"),
        ("syrie", "LOC"),
        ("Niger", "LOC"),
        ("AES", "ORG"),
        ("CSP-DPA", "ORG"),
        ("Tass", "ORG"),
        ("TASS", "ORG"),
        ("Bamako", "LOC"),
        ("IBK", "PER"),
        ("POUTINE", "PER"),
        ("Poutine", "PER"),
        ("Mahmoud Dicko", "PER"),
        ("Tieblen Konare -Drame", "PER"),
        ("Kaou Djim", "PER"),
        ("Tinzaouatene", "LOC"),
        ("Tinaouatene", "LOC"),
        ("EDM", "ORG"),
        ("Barkhane", "ORG"),
        ("Takuba", "ORG"),
        ("KOMMERSANT", "ORG"),
        ("Anadolu", "ORG"),
        ("Confédération des États de l’Alliance du Sahel", "ORG"),
        ("Cadre stratégique pour la défense du peuple de l’Azawad", "ORG"),
    ],
)
def test_every_name_of_the_sample_page_is_found(surface: str, kind: str) -> None:
    assert (surface, kind) in {(e.surface, e.type) for e in sample()[1]}


def test_masked_words_addresses_and_peoples_of_the_sample_page_are_no_entities() -> None:
    text, entities = sample()
    for entity in entities:
        assert "*" not in text[max(0, entity.start - 1) : entity.end + 1]
        assert entity.surface.lower() not in {"russes", "maliens", "maliennes", "francaises", "iraniens", "jihadiste"}
    assert not [e for e in entities if e.start > text.index("https://m.youtube") and e.end < text.index("“Selon l’agence")]


def test_a_person_is_linked_and_titles_stay_outside() -> None:
    ((entity,),) = tagger().tag(["Selon le ministre Sergueï Lavrov, rien ne change."], languages=["fr"])
    assert (entity.surface, entity.name, entity.id) == ("Sergueï Lavrov", "Sergueï Lavrov", "Q58217")
    assert "gazetteer" in entity.evidence


def test_the_canonical_name_is_in_the_language_of_the_page() -> None:
    ((english,),) = tagger().tag(["They flew to Russia again."], languages=["en"])
    ((french,),) = tagger().tag(["Ils sont repartis en Russie."], languages=["fr"])
    assert (english.name, english.id) == ("Russia", french.id)
    assert french.name == "Russie"


def test_elisions_and_hyphens_are_no_part_of_a_name() -> None:
    assert ("AES", "ORG") in tag("L’armée de l’AES et celle d'Algérie avancent.")
    assert ("Algérie", "LOC") in tag("L’armée de l’AES et celle d'Algérie avancent.")


def test_a_surname_is_remembered_in_any_case() -> None:
    found = tag("", "Le préfet Zoumana Tangwari a parlé.", "Tangwari ment", "TANGWARI EST UN PUR MENTEUR DU PAYS")
    assert found == [("Zoumana Tangwari", "PER"), ("Tangwari", "PER"), ("TANGWARI", "PER")]


def test_an_acronym_that_the_page_defines_is_known_from_then_on() -> None:
    text = "Le Collectif des riverains du fleuve Bakoye (CRFB) proteste. Le CRFB attend."
    entities = tagger().tag([text])[0]
    assert [(e.surface, e.type) for e in entities if e.surface == "CRFB"] == [("CRFB", "ORG"), ("CRFB", "ORG")]
    assert {e.name for e in entities if e.surface == "CRFB"} == {"Collectif des riverains du fleuve Bakoye"}
    assert all("memory" in e.evidence for e in entities if e.surface == "CRFB")


def test_a_near_spelling_of_a_name_of_the_page_is_the_same_name() -> None:
    article, comment = tagger().tag(
        ["Les combats de Kolonkassarou ont repris à Kolonkassarou.", "Gloire aux morts de Kolonkasarou"]
    )
    assert [e.name for e in comment] == ["Kolonkassarou"]
    assert article[0].type == comment[0].type == "LOC"


def test_common_words_are_not_taken_for_places_and_firms() -> None:
    assert tag("Orange est une belle couleur. Nice pictures. La nation a parlé, le soleil aussi. Mais can you see the point?") == []


def test_the_article_tells_niger_the_state_from_niger_the_river() -> None:
    (state,) = (e for e in tagger().tag(["Les chefs du Mali et du Niger se sont vus."], country="NE")[0] if e.surface == "Niger")
    assert state.id == "Q1032"


def test_offsets_count_from_the_start_of_each_field() -> None:
    fields = ["Le Mali à la une", "", "Bamako, jeudi", "vive le Burkina Faso"]
    answers = tagger().tag(fields)
    assert [[e.surface for e in field] for field in answers] == [["Mali"], [], ["Bamako"], ["Burkina Faso"]]
    assert all(text[e.start : e.end] == e.surface for text, field in zip(fields, answers, strict=True) for e in field)


def test_nothing_in_gives_nothing_out() -> None:
    assert tagger().tag([]) == []
    assert tagger().tag(["", " \n"]) == [(), ()]


def test_a_bare_name_is_the_town_and_with_region_before_it_the_region() -> None:
    ((town, region),) = tagger().tag(["Il vit à Kayes, dans la région de Kayes."], country="ML")
    assert town.surface == region.surface == "Kayes"
    assert town.id
    assert region.id
    assert town.id != region.id
