"""The table of names: what goes in can be found again, and damage is named."""

import zlib

import pytest

from pipeline.entities.gazetteer import ACRONYM, LABEL, Item, Name, unpack
from pipeline.entities.packing import pack
from pipeline.entities.tokens import read, split_words
from pipeline.errors import InvalidModel


def item(qid: int, *names: str, prior: int = 100) -> Item:
    known = tuple(Name(tuple(split_words(name)), "*", label=name == names[0], acronym=name.isupper()) for name in names)
    return Item(qid, "ORG", "ML", "", prior, names[0], names[0], known)


ITEMS = [
    item(1, "Banque mondiale", "BM"),
    item(2, "Banque mondiale du sable"),
    item(3, "Côte d’Or"),
    item(4, "Banque mondiale", prior=9),
]


def surfaces(text: str) -> list[str]:
    page = read([text])
    return [page.surface(match.first, match.last) for match in unpack(pack(ITEMS, {})).matches(page).rows()]


def test_names_are_found_whole_folded_and_overlapping() -> None:
    assert surfaces("la BANQUE MONDIALE du sable") == ["BANQUE MONDIALE", "BANQUE MONDIALE du sable"]
    assert surfaces("la cote d'or, la Côte-d’Or") == ["cote d'or", "Côte-d’Or"]
    assert surfaces("la banque mondialement connue") == []


def test_a_name_does_not_run_over_punctuation_or_lines() -> None:
    assert surfaces("la banque, mondiale. Banque\nmondiale") == []


def test_addresses_and_masked_words_hold_no_names() -> None:
    assert surfaces("https://bm.example/banque-mondiale BM***") == []


def test_entries_come_best_first_with_their_marks() -> None:
    gazetteer = unpack(pack(ITEMS, {}))
    assert [(bearer.number, bearer.marks) for bearer in gazetteer.find(["banque", "mondiale"])] == [(0, LABEL), (3, LABEL)]
    assert gazetteer.find(["bm"]) == ((0, gazetteer.item(0), ACRONYM),)
    assert gazetteer.find(["banque"]) == ()
    assert gazetteer.item(2) == ITEMS[2]._replace(names=())
    assert gazetteer.qids == [1, 2, 3, 4]


def test_the_level_of_common_words_and_the_parts_of_names() -> None:
    gazetteer = unpack(pack(ITEMS, {"sable": 2}))
    found = gazetteer.look_up(read(["Sable banque or"]))
    assert found.levels.tolist() == [2, 0, 0]
    assert found.parts.tolist() == [[0, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]]


def test_the_same_items_give_the_same_bytes() -> None:
    assert pack(ITEMS, {"le": 3, "la": 3}) == pack(ITEMS, {"la": 3, "le": 3})


@pytest.mark.parametrize("damage", [b"", b"not a gazetteer", zlib.compress(b"\x80")])
def test_a_damaged_file_says_how_to_mend_it(damage: bytes) -> None:
    with pytest.raises(InvalidModel, match=r"tools/build_gazetteer\.py"):
        unpack(damage)
