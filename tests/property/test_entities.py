"""What holds for any page: exact surfaces, no overlap, order, types; the tables agree with their plain reference."""

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.entities import Tagger, features, load_tagger
from pipeline.entities.gazetteer import Gazetteer, Item, Name, load, unpack
from pipeline.entities.lexicon import lexicon
from pipeline.entities.packing import pack
from pipeline.entities.tagger import Fields
from pipeline.entities.tokens import JOINED, hash_phrase, read

PIECES = [
    "Mali",
    "Sergueï",
    "Lavrov",
    "LAVROV",
    "(CSP-DPA)",
    "Cadre",
    "l’AES",
    "u*****",
    "https://mali.example/x",
    "#Mali",
    "le",
    "du",
    "\n",
]
EVIDENCE = {"gazetteer", "memory", "model", "run", "watch_list"}
texts = st.one_of(st.text(), st.text(alphabet="\ud800İßAa'’- .*\n\U0001f600"), st.lists(st.sampled_from(PIECES)).map(" ".join))


@cache
def tagger() -> Tagger:
    return load_tagger()


@given(st.lists(texts, max_size=4))
@settings(deadline=None)
def test_entities_are_what_the_text_says(fields: list[str]) -> None:
    answers = tagger().tag(fields)
    assert len(answers) == len(fields)
    for text, entities in zip(fields, answers, strict=True):
        end = 0
        for entity in entities:
            assert end <= entity.start < entity.end <= len(text)
            assert text[entity.start : entity.end] == entity.surface
            assert entity.type in {"PER", "ORG", "LOC"}
            assert 0 < entity.confidence < 1
            assert entity.evidence
            assert set(entity.evidence) <= EVIDENCE
            assert "***" not in entity.surface
            assert "#" not in entity.surface
            end = entity.end


NAMES = ["Zoumana Tangwari", "Tangwari", "TANGWARI", "tangwary", "le ministre", "Kayes", "a dit", ".", ",", "à", "IBK"]
PAGES = st.tuples(
    st.lists(st.lists(st.sampled_from([*NAMES, *PIECES]), max_size=12).map(" ".join), max_size=3),
    st.sampled_from([None, "ML", "NE"]),
    st.sampled_from([["fr"], ["en"], []]),
)


@given(st.lists(PAGES, max_size=4))
@settings(deadline=None)
def test_pages_that_are_tagged_together_are_tagged_as_alone(given: list[tuple[list[str], str | None, list[str]]]) -> None:
    wanted = [tagger().tag(fields, country=country, languages=languages) for fields, country, languages in given]
    assert tagger().tag_pages([Fields(*page) for page in given]) == wanted


@given(st.lists(texts, min_size=1, max_size=3))
@settings(deadline=None)
def test_word_hashes_agree_with_their_reference(fields: list[str]) -> None:
    page = read(fields)
    assert page.hashes.tolist() == [hash_phrase([page.word(place)]) for place in range(len(page.starts))]


def table(names: list[list[str]]) -> Gazetteer:
    known = tuple(Name(tuple(words), "*", label=True, acronym=False) for words in names)
    return unpack(pack([Item(1, "LOC", "", "", 1, "x", "x", known)], {}))


words = st.sampled_from(["a", "b", "c"])


@given(
    st.lists(st.lists(words, min_size=1, max_size=4), min_size=1, max_size=6),
    st.lists(words, max_size=12),
    st.sampled_from([" ", ", "]),
)
@settings(deadline=None)
def test_matches_agree_with_their_reference(names: list[list[str]], text: list[str], between: str) -> None:
    page = read([between.join(text)])
    spans = [(i, j) for i in range(len(text)) for j in range(i, len(text)) if text[i : j + 1] in names]
    wanted = [(i, j) for i, j in spans if all(page.gap[k] == JOINED for k in range(i + 1, j + 1))]
    assert [(match.first, match.last) for match in table(names).matches(page).rows()] == wanted


known = cache(load)


def bucket(columns: dict[str, list[int]], feature: int, word: int) -> int:
    """The bucket of one feature of one word, part by part: the plain reference of `features.buckets`."""
    value = 0
    for part in features.FEATURES[feature].split():
        name, place = part.rstrip("+-"), word + part.count("+") - part.count("-")
        inside = 0 <= place < len(columns[name])
        value = value * 0xE7037ED1A0B428DB + (columns[name][place] if inside else 0xE0D) * 0x9E3779B97F4A7C15
    return (value + (feature + 1) * 0xA0761D6478BD642F) % 2**64 >> (64 - features.BITS)


@given(st.lists(texts, min_size=1, max_size=2), st.data())
@settings(deadline=None)
def test_features_agree_with_their_reference(fields: list[str], data: st.DataObject) -> None:
    page = read([*fields, "Le Mali"])
    found = known().look_up(page)
    lists = lexicon().bits_of(page)
    columns = {name: column.tolist() for name, column in features.columns(page, found, lists)}
    buckets = features.buckets(page, found, lists)
    word = data.draw(st.integers(0, len(page.starts) - 1))
    wanted = [bucket(columns, feature, word) for feature in range(len(features.FEATURES))]
    assert buckets[:, word].tolist() == wanted
