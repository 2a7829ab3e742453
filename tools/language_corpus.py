"""The texts that the language detector learns from, read from where they lie and made harder on purpose.

Sources, licences and shares are named in pipeline/language/MODEL_CARD.md.
"""

import csv
import json
import random
import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from pipeline.language.letters import read
from pipeline.language.words import cleaned

Example = tuple[tuple[str, ...], str]

# One class for languages that short texts cannot tell apart, and for a language under several codes.
MERGED = {
    "swa": "sw", "yor": "yo", "tso": "ts", "hau": "ha", "ibo": "ig", "kin": "rw", "twi": "tw",
    "nb": "no", "nn": "no", "bs": "hr", "sr": "hr", "id": "ms", "arq": "ar", "ary": "ar", "kmr": "ku",
}  # fmt: skip
DECIDED = ("fr", "en")
GROUP = "other"
REGION = "african"
NOISE = "zxx"
_SEGMENT = re.compile(r"<seg[^>]*>\s*(.*?)\s*</seg>", re.DOTALL)
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")
_CONLL = {"winer_fr_train": "fr", "wnut17_en_train": "en", "btc_en": "en", "wikigold_en": "en"}
# Folders of Common Voice that are read: languages in Latin letters that are widely written, or at home where our readers are.
_VOICES = (
    "af ast az bas br ca cs cy da de en eo es et eu fi fr fy-NL ga-IE gl ha hr hu id is it kab kmr lg lt lv",
    "ms mt nb-NO nl oc pl pt ro rw sk sl sv-SE sw tl tr uz vi",
)
_NO_SENTENCES = re.compile(
    r"europarl|wiki|address|cities|countries|places|benchmark|wordlist|word-list|names|issue2259", re.IGNORECASE
)
_BOOKS = {"french": "fr", "english": "en", "german": "de", "spanish": "es", "italian": "it"}
_TOKEN = re.compile(r"[^\W\d_]+")
_ENOUGH, _RICH = 400, 10_000  # words that make a list worth drawing from; and one without its words seen once
_BIBLE = {
    "Wolof-NT": "wo", "Ewe-NT": "ee", "Swahili-NT": "sw", "Zulu-NT": "zu", "Kabyle-NT": "kab", "Tachelhit-NT": "kab",
    "Dinka-NT": "din", "Wolaytta-NT": "wal", "Lukpa-NT": "dop", "Tuareg-PART": "tmh", "Basque-NT": "eu", "Latvian-NT": "lv",
}  # fmt: skip


# Written in other scripts: what there is of them in Latin letters is no language of its own.
SCRIPTED = frozenset(
    {
        *("am", "amh", "be", "bg", "bn", "el", "fa", "gu", "he", "hy", "ja", "ka", "kk", "ko", "mk", "ml", "mn", "mr", "pa"),
        *("ru", "si", "ta", "te", "th", "uk", "ur", "zh"),
    }
)


def _class(tag: str) -> str:
    return GROUP if tag in SCRIPTED else MERGED.get(tag, tag)


def labelled(shared: Path) -> Iterator[tuple[str, str]]:
    """The labelled short texts of language/train, with their class."""
    with (shared / "data/language/train.jsonl").open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            yield row["text"], _class(row["iso"])


def pages(shared: Path) -> Iterator[tuple[str, str]]:
    """Comments, and the sentences of articles, of the authored pages that may be trained on."""
    for name in ("train_fr", "train_en"):
        with (shared / f"data/sahel/{name}.jsonl").open(encoding="utf-8") as lines:
            for page in map(json.loads, lines):
                for segment in page["segments"]:
                    text, tag = page["text"][segment["start"] : segment["end"]], segment.get("lang")
                    if tag == "other":
                        yield text, REGION
                    elif tag and segment["kind"] == "comment":
                        yield text, tag
                    elif tag:
                        yield from ((sentence, tag) for sentence in _SENTENCE.split(text) if len(sentence) > 10)


def sentences(shared: Path) -> Iterator[tuple[str, str]]:
    """Sentences of the training corpora of entities."""
    for name, tag in _CONLL.items():
        text = (shared / f"data/entities/{name}.conll").read_text(encoding="utf-8")
        for block in text.split("\n\n"):
            tokens = [line.split()[0] for line in block.splitlines() if line.strip() and not line.startswith("#")]
            if tag == "fr":
                yield " ".join(tokens).replace("' ", "'"), tag
            else:
                yield " ".join(tokens), tag


def verses(folder: Path) -> Iterator[tuple[str, str]]:
    """Verses of languages that no other source has enough of."""
    for name, tag in _BIBLE.items():
        yield from ((verse, tag) for verse in _SEGMENT.findall((folder / f"{name}.xml").read_text(encoding="utf-8")))


def voices(folder: Path) -> Iterator[tuple[str, str]]:
    """The sentences of Common Voice that were given to the public domain: no extracts of other works, no lists of places."""
    for name in " ".join(_VOICES).split():
        tag = _class(name.split("-")[0])
        for source in sorted((folder / name).glob("*.txt")):
            if not _NO_SENTENCES.search(source.name):
                yield from ((line, tag) for line in source.read_text(encoding="utf-8").splitlines() if line.strip())


def sampled(texts: Iterable[tuple[str, str]], count: int, rng: random.Random) -> Iterator[tuple[str, str]]:
    """At most so many texts of each class; four times as many of French and English."""
    by_class: dict[str, list[str]] = {}
    for text, tag in texts:
        by_class.setdefault(tag, []).append(text)
    for tag, found in sorted(by_class.items()):
        most = count * (4 if tag in DECIDED else 1)
        yield from ((text, tag) for text in (rng.sample(found, most) if len(found) > most else found))


def books(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """The 10,000 most frequent words of books in French, English, German, Spanish and Italian, by class."""
    for name, tag in _BOOKS.items():
        with (folder / f"1grams_{name}.csv").open(encoding="utf-8", newline="") as lines:
            yield tag, [row["ngram"] for row in csv.DictReader(lines)]


def frequent(texts: Iterable[tuple[str, str]], folder: Path) -> dict[str, list[str]]:
    """Words by class, the most frequent first: those of books, then those of `texts`; no names, as far as capitals tell."""
    small: dict[str, Counter[str]] = {}
    large: dict[str, Counter[str]] = {}
    for text, tag in texts:
        for word in _TOKEN.findall(text.replace("’", "'")):
            (small if word[0].islower() else large).setdefault(tag, Counter())[word.lower()] += 1
    lists = {tag: list(dict.fromkeys(map(str.lower, found))) for tag, found in books(folder)}
    for tag, counts in sorted(small.items()):
        capital = large.get(tag, Counter())
        ranked = [(word, count) for word, count in counts.most_common() if count > capital[word] and len(word) > 1]
        found = [word for word, count in ranked if count > 1 or len(ranked) < _RICH]
        known = lists.get(tag, [])
        lists[tag] = list(dict.fromkeys([*known, *found]))
    return {tag: found for tag, found in sorted(lists.items()) if len(found) > _ENOUGH}


def authored(lists: dict[str, list[str]], mixed: int, rng: random.Random) -> Iterator[tuple[str, str]]:
    """The lines of language_authored.toml, and Pidgin-like runs: its markers among English words."""
    data = tomllib.loads((Path(__file__).parent / "language_authored.toml").read_text(encoding="utf-8"))
    for tag, entry in data.items():
        yield from ((line, tag) for line in entry["lines"])
        markers = entry.get("markers", "").split()
        for _ in range(mixed if markers else 0):
            share = rng.uniform(0.3, 0.6)
            found = [
                rng.choice(markers) if rng.random() < share else _pick(lists["en"][:8000], rng) for _ in range(rng.randint(4, 20))
            ]
            yield " ".join(found), tag


def drawn(lists: dict[str, list[str]], singles: int, groups: int, rng: random.Random) -> Iterator[tuple[str, str]]:
    """Words alone, pairs of words and short runs, drawn from frequency lists (a word's weight falls with its rank)."""
    for tag, ranked in lists.items():
        factor = 12 if tag in DECIDED else 1
        for _ in range(min(singles, len(ranked)) * factor):
            yield _pick(ranked, rng), tag
        for _ in range(min(groups, len(ranked)) * factor):
            yield " ".join(_pick(ranked, rng) for _ in range(rng.choice((2, 2, 2, 3, 4, 6)))), tag


def _pick(ranked: list[str], rng: random.Random) -> str:
    """A word, by a rank that is log-uniform for one draw in three and uniform otherwise."""
    if rng.random() < 1 / 3:
        return ranked[int(len(ranked) ** rng.random()) - 1]
    return ranked[rng.randrange(len(ranked))]


def _stretched(sound: str, rng: random.Random) -> str:
    """A sound with one of its letters, or its last, held down."""
    place = rng.choice((-1, -1, rng.randrange(len(sound)))) % len(sound)
    return sound[:place] + sound[place] * rng.choice((1, 1, 1, 2, 3, 5, 9)) + sound[place + 1 :]


def noise(count: int, rng: random.Random) -> Iterator[tuple[str, str]]:
    """Laughter, drawn-out sounds and hands on the keyboard."""
    laughs = ("ha", "he", "hi", "ja", "ah", "mdr", "ptdr", "lol", "xd", "kk", "wk", "rs", "hu", "ks", "lmao", "haha", "jk", "kie")
    sounds = (
        "pff",
        "grr",
        "brr",
        "zzz",
        "aah",
        "ooh",
        "hmm",
        "mmm",
        "tss",
        "psst",
        "uh",
        "oh",
        "ah",
        "eh",
        "bah",
        "beh",
        "wah",
        "yo",
    )
    keys = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn", "bcdfghjklmnpqrstvwxz")
    for _ in range(count):
        parts = []
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            kind = rng.random()
            if kind < 0.4:
                parts.append(_stretched(rng.choice(laughs) * rng.choice((1, 1, 2, 3, 4, 6, 8)), rng))
            elif kind < 0.5:
                parts.append(_stretched(rng.choice(sounds), rng))
            elif kind < 0.8:
                row = rng.choice(keys)
                parts.append("".join(rng.choice(row) for _ in range(rng.randint(3, 12))))
            else:
                row, start = rng.choice(keys[:6]), rng.randrange(5)
                parts.append(row[start : start + rng.randint(3, 8)] * rng.randint(1, 2))
        yield " ".join(parts), NOISE


def _plain(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))


def harder(text: str, rng: random.Random) -> str:
    """A text as a hurried reader types it: without accents, without or with loose apostrophes, cut short."""
    if rng.random() < 0.35:
        text = _plain(text)
    if rng.random() < 0.15:
        text = re.sub(r"['’]", rng.choice(("", " ", "' ")), text)
    if rng.random() < 0.5 and len(text) > 12:
        length = rng.choice((8, 10, 14, 20, 20, 30, 40, 60, 80))
        start = 0
        if rng.random() < 0.4:
            start = text.find(" ", rng.randrange(len(text))) + 1
        text = text[start : start + length]
    return text


def examples(texts: list[tuple[str, str]]) -> list[Example]:
    """Texts as the detector sees them: those with a Latin word."""
    found = []
    for first in range(0, len(texts), 1_000):
        chunk = texts[first : first + 1_000]
        reading = read(cleaned([text for text, _ in chunk]))
        found += [(tuple(words), tag) for place, (_, tag) in enumerate(chunk) if (words := reading.words(place))]
    return found
