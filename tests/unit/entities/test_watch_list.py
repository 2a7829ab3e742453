"""The user's own names: found in any case, linked to the user's ids, before everything else."""

import json
from functools import cache, partial
from typing import Any

import pytest

from pipeline.entities import Tagger, load_tagger
from pipeline.entities.watch_list import WatchList
from pipeline.errors import InvalidWatchList
from pipeline.events import Entity
from tests.fixtures.cost import least

DIOP = {"id": "own-1", "type": "PER", "name": "Abdoulaye Diop", "aliases": ["le Grand Diop"]}
MINE = {
    "id": "own-2",
    "type": "ORG",
    "name": "Société des Mines d'Or de Syama",
    "aliases": ["SOMISY", "Syama Gold, Inc.", "Booking.com"],
}
ORANGE = {"id": "own-3", "type": "ORG", "name": "Orange"}
KAYES = {"id": "own-4", "type": "ORG", "name": "Kayes"}  # elsewhere a town


@cache
def shipped() -> Tagger:
    return load_tagger()


def packed(*entries: dict[str, Any]) -> WatchList:
    return WatchList.from_lines(json.dumps(entry, ensure_ascii=False).encode() for entry in entries)


def tag(text: str, *entries: dict[str, Any]) -> tuple[Entity, ...]:
    return shipped().watching(packed(*entries)).tag([text], country="ML")[0]


def ids(text: str, *entries: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(entity.surface, entity.id) for entity in tag(text, *entries)]


@pytest.mark.parametrize(
    ("text", "surface", "own"),
    [
        ("Ce matin SOMISY a repris.", "SOMISY", "own-2"),
        ("ce matin somisy a repris", "somisy", "own-2"),
        ("CE MATIN LA SOCIETE DES MINES D'OR DE SYAMA A REPRIS", "SOCIETE DES MINES D'OR DE SYAMA", "own-2"),
        ("selon syama gold inc, rien", "syama gold inc", "own-2"),
        ("Selon Syama Gold, Inc. rien.", "Syama Gold, Inc", "own-2"),
        ("Sur booking.com, hier.", "booking.com", "own-2"),
        ("On attend Le Grand Diop demain.", "Le Grand Diop", "own-1"),
    ],
)
def test_a_watched_name_is_found_in_any_case_with_the_users_id(text: str, surface: str, own: str):
    assert (surface, own) in ids(text, DIOP, MINE)
    (found,) = (entity for entity in tag(text, DIOP, MINE) if entity.id == own)
    assert "watch_list" in found.evidence
    assert text[found.start : found.end] == surface
    assert found.name == {"own-1": DIOP, "own-2": MINE}[own]["name"]


def test_it_wins_over_what_the_gazetteer_and_the_tagger_say():
    (kayes,) = (entity for entity in tag("Il vit à Kayes.", KAYES) if entity.surface == "Kayes")
    assert (kayes.id, kayes.type) == ("own-4", "ORG")
    assert ids("Il vit à la Banque de développement du Mali.", {"id": "m", "type": "LOC", "name": "Mali"}) == [("Mali", "m")]
    longer = {"id": "longer", "type": "LOC", "name": "région de Kayes"}
    assert ids("Il vit dans la région de Kayes.", KAYES, longer) == [("région de Kayes", "longer")]


def test_the_page_remembers_whom_the_user_watches():
    found = ids("Selon Bakary Zerbolin, rien ne change.\nZerbolin a tort.", {"id": "z", "type": "PER", "name": "Bakary Zerbolin"})
    assert found == [("Bakary Zerbolin", "z"), ("Zerbolin", "z")]


def test_a_common_word_needs_a_capital_and_an_address_holds_no_name():
    assert ids("il aime le jus orange", ORANGE) == []
    assert ids("Il paie avec Orange.", ORANGE) == [("Orange", "own-3")]
    assert ids("Voir https://www.orange.ml/Orange ici.", ORANGE) == []


def test_no_name_runs_over_lines_or_fields():
    assert not [own for _, own in ids("Il a vu Abdoulaye\nDiop est là.", DIOP) if own]
    fields = shipped().watching(packed(DIOP)).tag(["Abdoulaye", "Diop"])
    assert not [entity for field in fields for entity in field if entity.id == "own-1"]


def test_the_first_of_two_entries_with_one_name_has_it():
    assert ids(
        "Hier Zerbolin parla.", {"id": "a", "type": "PER", "name": "Zerbolin"}, {"id": "b", "type": "ORG", "name": "ZERBOLIN"}
    ) == [("Zerbolin", "a")]


def test_an_empty_list_changes_nothing():
    text = "Abdoulaye Diop est à Bamako."
    assert tag(text) == shipped().tag([text], country="ML")[0]
    assert len(WatchList.from_lines([b"", b"  \n"])) == 0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{", "line 2: .*write a line such as"),
        (b'{"id": "a", "type": "PER"}', "line 2: .*`name`"),
        (b'{"id": "a", "type": "GPE", "name": "Mali"}', "line 2: .*GPE.*type is PER, ORG or LOC"),
        (b'{"id": "a", "type": "PER", "name": "x", "colour": 1}', "line 2: .*colour"),
        (b'{"id": " ", "type": "PER", "name": "x"}', "line 2: `id` is empty"),
        (b'{"id": "a", "type": "PER", "name": "x", "aliases": ["?!"]}', "line 2: the name '\\?!' holds no letter"),
        (b'{"id": "a", "type": "PER", "name": "\xff"}', "line 2: "),
    ],
)
def test_a_line_that_cannot_be_used_is_named(line: bytes, said: str):
    with pytest.raises(InvalidWatchList, match=said):
        WatchList.from_lines([json.dumps(DIOP).encode(), line])


def test_a_list_of_another_version_is_refused():
    data = packed(DIOP).data.copy()
    data[0] = 99
    with pytest.raises(InvalidWatchList, match="another version"):
        WatchList(data)


def made_up(count: int) -> WatchList:
    return WatchList.from_lines(
        b'{"id": "%d", "type": "PER", "name": "Zor%d Bak%d"}' % (number, number % 997, number) for number in range(count)
    )


def test_the_cost_of_a_page_hardly_grows_with_the_list():
    """`make bench PART=g` measures it with a million names."""
    text = "Selon Zor3 Bak1000, Abdoulaye Diop et le maire de Bamako se sont vus à Kayes, d'après la radio. " * 60
    taggers = [shipped().watching(made_up(count)) for count in (1_000, 100_000)]
    few, many = least(
        *(partial(tagger.tag, [text]) for tagger in taggers), rounds=60, enough=lambda seconds: seconds[1] < 1.3 * seconds[0]
    )
    assert many < 1.5 * few
