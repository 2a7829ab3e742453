"""Language detection: cleaning, n-grams, decisions, damaged package data."""

import shutil
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from pipeline import languages
from pipeline.errors import InvalidModel
from pipeline.language import load_detector, ngrams
from pipeline.language.detector import VigieDetector
from pipeline.language.letters import read
from pipeline.language.model import load
from pipeline.language.scripts import by_script
from pipeline.language.segments import path
from pipeline.language.words import LONG, cleaned, shortened


@pytest.fixture(scope="module")
def detector():
    return load_detector()


def words(text):
    return read(cleaned([text])).words(0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Voir https://m.youtube.com/watch?v=kp&pp=QA%3D ici", ["voir", "ici"]),
        ("@Ali_Baba rends l’argent", ["rends", "l'", "argent"]),
        ("La Russie est u***** pays ******", ["la", "russie", "est", "pays"]),
        ("*****les. Oui", ["oui"]),
        ("écrire à jean.dupont@exemple.ml ou sur maliweb.net/page", ["écrire", "à", "ou", "sur"]),
        ("12 000 FCFA &amp; 3e", ["fcfa", "0e"]),  # every figure is one number
        ("I don't know", ["i", "don'", "t", "know"]),
        ("\u0440résident d\u0435 la r\u0435publique", ["président", "de", "la", "republique"]),
        ("l'e\u0301te\u0301 ɔ\u0300", ["l'", "été", "ɔ"]),
        ("𝗯𝗼𝗻 ｊｏｕｒ İL", ["bon", "jour", "il"]),
        ("mɔgɔ мир ok", ["mɔgɔ", "ok"]),
        ("👍👍 !!! ... 42", []),
        ("", []),
    ],
)
def test_words_are_what_carries_language(text, expected):
    assert words(text) == expected


@pytest.mark.parametrize("text", ["a" * 50_000, "oui " * 20_000, "x" * (LONG + 1)])
def test_of_a_long_text_stretches_are_read(text):
    assert 0.9 * LONG < len(shortened(text, LONG)) <= LONG + 3


def test_stretches_come_from_all_over_a_text():
    text = "".join(f"{number:>8}" for number in range(10_000))
    found = [int(line.split()[1]) for line in shortened(text, LONG).splitlines()]
    assert found[0] < 10
    assert found[-1] > 9_900
    assert len(found) == 4


def test_cleaning_changes_no_place():
    text = "Voir www.exemple.ml/a et @Ali : l'e\u0301te\u0301 de m****, écrire à a.b@exemple.ml &amp; https://x.org/y fin"
    (ready,) = cleaned([text])
    assert len(ready) == len(text)
    assert all(ready[text.index(word) :].startswith(word) for word in ("Voir", "écrire", "fin"))


def test_words_keep_their_places_in_the_texts():
    texts = ["Été 2024, l’eau", "", "мир ok"]
    reading = read(texts)
    joined = "\n".join(("", *texts))
    assert [joined[start] for start in reading.starts.tolist()] == ["É", "l", "e", "o"]
    assert reading.firsts.tolist() == [0, 3, 3, 4]
    assert reading.foreign.tolist() == [0, 0, 3]
    assert reading.clauses().tolist() == [0, 1, 3]


def test_ngrams_never_cross_a_word():
    together, alone = (np.array(list(ngrams.rows(read([text]).numbers, 18))) for text in ("la paix", "la"))
    assert (together[:, :3] == alone).all()
    assert (alone > 0).sum(axis=1).tolist() == [2, 1, 0, 0]


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("ON COLLABORE AVEC LA RUSSIE POUR LES LIVRAISONS D’ARMES,PAS POUR AIDER", "fr"),
        ("c est la meme chose depuis 1991, rien ne change", "fr"),
        ("La Russie tient un double langage ce q****** va finir par les lasser", "fr"),
        ("*****E PAIN DE SINGE\nJE TE LE REDEMANDE POUR LA 10è FOIS VAS PAYER", "fr"),
        ("To our reliable Russian partners I extend my heartfelt condolence", "en"),
        ("THIS GOVERNMENT HAS LIED TO US FOR YEARS", "en"),
        ("السلام عليكم ورحمة الله", "ar"),
        ("Ευχαριστώ πολύ για όλα", "el"),
        ("Das ist doch nicht möglich, die Regierung hat uns wieder belogen und keiner sagt etwas dazu", "de"),
        ("123 456, 2024 !!!", "und"),
        ("https://exemple.org/a/b/c @quelqu_un", "und"),
        ("😂😂😂🔥🔥", "und"),
        ("asdfghjkl qsdfgh", "und"),
        ("", "und"),
    ],
)
def test_tags(detector, text, tag):
    assert detector.detect(text).tag == tag


def test_the_sample_page_is_french_but_for_one_english_comment(detector):
    page = (Path(__file__).parents[1] / "data" / "page.txt").read_text(encoding="utf-8")
    start = page.index("To our reliable Russian partners")
    end = page.index("\n", page.index("Henry Author Price"))
    assert detector.detect(page[start:end], prior="fr").tag == "en"
    for line in page[:start].splitlines() + page[end:].splitlines():
        if len(words(line)) >= 5:
            assert detector.detect(line, prior="fr").tag == "fr", line


def test_methods_say_what_decided(detector):
    assert detector.detect("").method == "none"
    assert detector.detect("😂").method == "none"
    assert detector.detect("Спасибо большое").method == "script"
    assert detector.detect("Le président a reçu les ambassadeurs").method == "ngram"


def test_a_prior_decides_only_on_weak_evidence(detector):
    assert detector.detect("the government has lied to us again", prior="fr").tag == "en"
    assert detector.detect("👍", prior="fr").tag == "und"
    assert detector.detect("hahahaha", prior="fr").tag == "und"
    assert (detector.detect("KAN", prior="fr").tag, detector.detect("KAN").tag) == ("fr", "und")
    alone, helped = detector.detect("PAIN DE SINGE ZIRA"), detector.detect("PAIN DE SINGE ZIRA", prior="fr")
    assert (helped.tag, helped.method) == ("fr", "prior") or alone.tag == "fr"
    assert detector.detect("PAIN DE SINGE ZIRA", prior="xx") == alone


def test_together_is_as_one_by_one(detector):
    texts = ["Merci beaucoup", "", "thank you all", "мир", "Ala ka an kisi", "x" * 30_000, "les " * 9_000]
    assert detector.detect_all(texts, prior="fr") == [detector.detect(text, prior="fr") for text in texts]
    assert detector.detect_all([]) == []


def test_a_page_is_as_its_parts_with_the_article_as_prior(detector):
    comments = ["KAN", "Merci beaucoup pour tout", "this is not acceptable at all", ""]
    article = "Le président a reçu les ambassadeurs ce matin à Koulouba. This was said by a spokesman of the government in English."
    language, languages = detector.detect_page(article, comments)
    assert (language.tag, language.segments) == ("fr", ())
    assert languages == detector.detect_all(comments, prior="fr")
    assert languages[0].method == "prior"


MIXED = [
    ("Le gouvernement nous ment depuis des années. We are tired of these lies, they must go now!", ["fr", "en"]),
    ("I was there yesterday and saw everything with my own eyes.\nC'est une honte pour notre pays, rien ne change.", ["en", "fr"]),
    (
        "Nos enfants ne vont plus à l'école. Where is the money that was given to the ministry? Il faut que quelqu'un réponde.",
        ["fr", "en", "fr"],
    ),
]


@pytest.mark.parametrize(("text", "tags"), MIXED)
def test_a_comment_that_changes_its_language_has_segments(detector, text, tags):
    found = detector.detect(text)
    assert [segment.tag for segment in found.segments] == tags
    assert found.tag in tags
    ends = 0
    for segment in found.segments:
        assert text[ends : segment.start].strip() == ""
        assert text[segment.start : segment.end].strip() == text[segment.start : segment.end]
        assert segment.confidence >= 0.95
        ends = segment.end
    assert text[ends:].strip() == ""


@pytest.mark.parametrize(
    "text",
    [
        "Le président parle de leadership et de good governance, mais le peuple attend du pain.",
        "UNTM wake up! Tu trouves ça normal, un site qui exporte des milliards ?",
        "Wait and see, comme disent les Anglais. On verra bien ce que ça donne au mois de juin.",
        "C'est du business as usual, rien ne changera dans ce pays avec ces gens-là.",
        "Allez lire le Daily News de Lagos, le New York Times et le Washington Post, vous verrez bien.",
        "He has that je ne sais quoi, but the coup d'état was a fait accompli and nobody said a word.",
        "Merci. Thanks.",
    ],
)
def test_borrowed_words_and_names_make_no_segments(detector, text):
    assert detector.detect(text).segments == ()


def test_the_path_through_the_languages_pays_for_its_changes():
    sure, unsure = np.log([[0.999, 0.001], [0.001, 0.999]]), np.log([[0.7, 0.3], [0.3, 0.7]])
    assert path(np.repeat(sure, 2, axis=0)) == [0, 0, 1, 1]
    assert path(np.repeat(unsure, 2, axis=0)) == [0, 0, 0, 0]
    assert path(sure[:1]) == [0]


def third_language(folder, monkeypatch, data):
    """The languages of the package and one more, as a user adds it: a folder."""
    for source in files("pipeline.languages").iterdir():
        if source.is_dir() and not source.name.startswith("_"):
            shutil.copytree(str(source), folder / source.name)
    (folder / "tlh").mkdir()
    (folder / "tlh" / "detect.toml").write_text(data, encoding="utf-8")
    monkeypatch.setattr(languages, "files", lambda _package: folder)
    return load_detector()


def test_a_third_language_is_a_folder_with_words(tmp_path, monkeypatch):
    third = third_language(tmp_path, monkeypatch, 'words = ["jih tlhingan maj", "qapla hov leng"]')
    found = third.detect("jih tlhingan maj qapla")
    assert (found.tag, found.method) == ("tlh", "dictionary")
    assert third.detect("the ship is leaving without us").tag == "en"
    assert third.detect("le bateau part sans nous").tag == "fr"
    assert third.detect_page("jih tlhingan maj qapla hov leng", ["KAN", "le bateau part sans nous"])[0].tag == "tlh"


def test_a_language_that_the_model_knows_becomes_one_of_the_decided():
    third = VigieDetector(load(), {"fr": frozenset(), "en": frozenset(), "sw": frozenset()})
    assert third.detect("watoto wote wanapenda kusoma shuleni").tag == "sw"


def test_scripts_with_several_languages_are_told_by_their_letters():
    assert by_script("привет, мыши")[0] == "ru"
    assert by_script("привіт, їжак")[0] == "uk"
    assert by_script("ok گفتگو")[0] == "fa"
    assert by_script("ⴰⵣⵓⵍ")[0] == "und"
    assert by_script("no letters of theirs") == ("und", 0.0)


def test_the_baseline_is_deterministic():
    baseline = load_detector("langdetect")
    text = "CECI EST UN COMMENTAIRE"
    assert len({baseline.detect(text) for _ in range(5)}) == 1
    assert baseline.detect("Le gouvernement a annoncé une nouvelle mesure pour les écoles").tag == "fr"
    assert baseline.detect_all(["", "\ud800"])[0].tag == "und"
    assert baseline.detect_page(text, [text, ""])[1] == baseline.detect_all([text, ""])


def test_names_tell_the_model(detector):
    assert detector.name.startswith("vigie-ngram-")
    assert load_detector("langdetect").name.startswith("langdetect-")


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="'vigie' or 'langdetect'"):
        load_detector("fasttext")


def test_damaged_weights_are_named(tmp_path):
    with pytest.raises(InvalidModel, match="train_language"):
        load(tmp_path)
    target = tmp_path / "weights.npz"
    target.write_bytes(b"no archive")
    with pytest.raises(InvalidModel, match=r"weights\.npz"):
        load(tmp_path)
    shutil.copy(str(files("pipeline.language") / "weights.npz"), target)
    with np.load(target) as data:
        parts = dict(data)
    np.savez(target, **parts | {"rows": parts["rows"][:-3]})
    with pytest.raises(InvalidModel, match="do not fit together"):
        load(tmp_path)
