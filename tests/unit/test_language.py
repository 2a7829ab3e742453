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
from pipeline.language.model import load
from pipeline.language.scripts import by_script
from pipeline.language.words import HEAD, latin, words


@pytest.fixture(scope="module")
def detector():
    return load_detector()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Voir https://m.youtube.com/watch?v=kp&pp=QA%3D ici", ["voir", "ici"]),
        ("@Ali_Baba rends l’argent", ["rends", "l'", "argent"]),
        ("La Russie est u***** pays ******", ["la", "russie", "est", "pays"]),
        ("*****les. Oui", ["oui"]),
        ("écrire à jean.dupont@exemple.ml ou sur maliweb.net/page", ["écrire", "à", "ou", "sur"]),
        ("12 000 FCFA &amp; 3e", ["fcfa", "3e"]),
        ("I don't know", ["i", "don'", "t", "know"]),
        ("\u0440résident d\u0435 la r\u0435publique", ["président", "de", "la", "republique"]),
        ("👍👍 !!! ... 42", []),
        ("", []),
    ],
)
def test_words_are_what_carries_language(text, expected):
    assert words(text) == expected


def test_only_the_head_of_a_long_text_is_read():
    assert sum(map(len, words("a" * 50_000))) == HEAD


def test_ipa_letters_are_latin_and_cyrillic_ones_are_not():
    assert latin(["mɔgɔ", "été", "мир", "ok"]) == ["mɔgɔ", "été", "ok"]


def test_ngrams_never_cross_a_word():
    table = ngrams.rows(ngrams.encoded(["la", "paix"]), 18)
    first = ngrams.rows(ngrams.encoded(["la"]), 18)
    assert (table[:4] == first).all()
    assert (first > 0).sum(axis=0).tolist() == [3, 2, 1, 0, 0]


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


def test_a_third_language_is_a_folder_with_words():
    dictionaries = {tag: frozenset(" ".join(entry["words"]).split()) for tag, entry in languages.read("detect").items()}
    dictionaries["tlh"] = frozenset(["jih", "tlhingan", "maj", "qapla", "hov", "leng"])
    third = VigieDetector(load(), dictionaries)
    found = third.detect("jih tlhingan maj qapla")
    assert (found.tag, found.method) == ("tlh", "dictionary")
    assert third.detect("the ship is leaving without us").tag == "en"
    assert third.detect("le bateau part sans nous").tag == "fr"


def test_a_language_that_the_model_knows_becomes_one_of_the_decided():
    third = VigieDetector(load(), {"fr": frozenset(), "en": frozenset(), "sw": frozenset()})
    assert third.detect("watoto wote wanapenda kusoma shuleni").tag == "sw"


def test_scripts_with_several_languages_are_told_by_their_letters():
    assert by_script(["привет", "мыши"])[0] == "ru"
    assert by_script(["привіт", "їжак"])[0] == "uk"
    assert by_script(["گفتگو"])[0] == "fa"
    assert by_script(["ⴰⵣⵓⵍ"])[0] == "und"


def test_the_baseline_is_deterministic():
    baseline = load_detector("langdetect")
    text = "CECI EST UN COMMENTAIRE"
    assert len({baseline.detect(text) for _ in range(5)}) == 1
    assert baseline.detect("Le gouvernement a annoncé une nouvelle mesure pour les écoles").tag == "fr"
    assert baseline.detect_all(["", "\ud800"])[0].tag == "und"


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
