from pathlib import Path

import pytest

from pipeline.events import InfoSource
from pipeline.sources import info_sources

PAGE = (Path(__file__).parents[1] / "data" / "page.txt").read_text(encoding="utf-8")
ANADOLU = InfoSource(name="Anadolu", url="https://www.aa.com.tr/fr/")


def test_the_sample_names_one_source_and_its_address():
    article = PAGE[: PAGE.index("Sangare")]
    assert info_sources(article) == (ANADOLU,)


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Avec AFP", ["AFP"]),
        ("Le Monde avec AFP", ["AFP"]),
        ("La rédaction avec l'AFP", ["AFP"]),
        ("Le marché a rouvert jeudi. (AFP)", ["AFP"]),
        (
            "Le marché a rouvert jeudi, ont dit plusieurs commerçants de la capitale malienne. Avec AFP et Reuters",
            ["AFP", "Reuters"],
        ),
        ("Source : AFP", ["AFP"]),
        ("SOURCE: Agence France-Presse", ["AFP"]),
        ("Reuters", ["Reuters"]),
        ("(Associated Press)", ["AP"]),
        ("BAMAKO, 3 août (Xinhua) -- Le gouvernement a annoncé une hausse.", ["Xinhua"]),
        ("Source : Le Progrès de Kayes", ["Le Progrès de Kayes"]),
        ("Sources: BBC, VOA", ["BBC", "VOA"]),
        ("Source: www.exemple-info.ml/article/12", ["exemple-info.ml"]),
        ("Source: http://[", ["http://["]),
    ],
)
def test_a_sign_off_names_its_agencies(line, names):
    assert [source.name for source in info_sources(f"Un texte.\n{line}")] == names or [s.name for s in info_sources(line)] == names


@pytest.mark.parametrize(
    "line",
    [
        "Selon l’agence de presse russe, Tass, la partie russe a exprimé sa détermination.",
        "Le document a été consulté par Anadolu.",
        "Il a parlé avec Reuters.",
        "Photo : AFP",
        "(Photo AFP)",
        "Crédit image avec AFP",
        "De source sûre : le ministre est parti",
        "Le ministre (Mali) était là.",
        "Source :",
        "",
    ],
)
def test_running_text_and_picture_credits_are_no_sources(line):
    assert info_sources(line) == ()


def test_a_source_named_twice_is_given_once_with_its_address():
    assert info_sources("Avec Anadolu\nSource: https://www.aa.com.tr/fr/") == (ANADOLU,)
