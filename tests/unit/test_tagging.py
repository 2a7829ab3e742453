"""A text that may be one sentence or a whole page."""

from functools import cache
from pathlib import Path

from pipeline.entities import Tagger, load_tagger
from pipeline.tagging import tag_text

PAGE = """Bamako : Abdoulaye Diop reçoit la presse
Le ministre Abdoulaye Diop a reçu la presse à Bamako, mardi, au siège de la BCEAO.
Il doit se rendre à Kayes.
3 commentaires
Moussa Traoré
3 mai 2026 à 10:12
Diop a raison, il faut aller à Kayes !
Répondre
Awa Keïta
3 mai 2026 à 11:40
Et Gao ? Personne ne parle de Gao.
Répondre
"""


@cache
def tagger() -> Tagger:
    return load_tagger()


def test_who_wrote_a_comment_is_not_who_is_written_about() -> None:
    found = tag_text(tagger(), PAGE, country="ML")
    names = {entity.surface for entity in found}
    assert {"Abdoulaye Diop", "BCEAO", "Kayes", "Gao"} <= names
    assert not names & {"Moussa Traoré", "Awa Keïta"}
    assert all(PAGE[entity.start : entity.end] == entity.surface for entity in found)
    assert [entity.start for entity in found] == sorted(entity.start for entity in found)


def test_a_comment_is_read_with_what_the_article_teaches() -> None:
    (diop,) = (entity for entity in tag_text(tagger(), PAGE, country="ML") if entity.surface == "Diop")
    assert diop.name == "Abdoulaye Diop"


def test_a_text_of_one_line_is_tagged_whole() -> None:
    text = "  Abdoulaye Diop est à Bamako. \n"
    assert [entity.surface for entity in tag_text(tagger(), text)] == ["Abdoulaye Diop", "Bamako"]
    assert tag_text(tagger(), "") == tag_text(tagger(), "\n\n") == []


def test_the_sample_page_loses_no_name() -> None:
    page = (Path(__file__).parents[1] / "data/page.txt").read_text(encoding="utf-8")
    names = {entity.surface for entity in tag_text(tagger(), page, country="ML")}
    assert {"Lavrov", "Mahmoud Dicko", "Tieblen Konare -Drame", "Kaou Djim", "Tinzaouatene", "Tinaouatene", "EDM"} <= names
    assert {"Barkhane", "Takuba", "KOMMERSANT", "Anadolu", "IBK", "POUTINE", "CSP-DPA", "AES"} <= names
