"""Build pipeline/entities/gazetteer.bin from ../shared/data and tools/data/names.toml.

usage: python tools/build_gazetteer.py [--data ../shared/data] [--out pipeline/entities/gazetteer.bin]

Items of the source files are merged by Wikidata id; a name of tools/data/names.toml joins the one item that has that name, that
type and that country, or stands alone without an id. The same input gives the same bytes.
"""

import argparse
import json
import math
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.entities.candidates import TYPES
from pipeline.entities.gazetteer import Item, Name
from pipeline.entities.packing import pack
from pipeline.entities.tokens import split_words
from pipeline.events import EntityType

ROOT = Path(__file__).resolve().parent.parent
AUTHORED = 225
LARGEST = 220  # where a prior stops growing with the weight

# How likely an item is to be meant when its name is read, 0..255: by file, a base and what each doubling of its weight there adds.
PRIORS = {
    "names_authored": (240, 0),
    "places_territories": (130, 0),
    "places_natural_earth": (70, 6),
    "places_whosonfirst": (60, 6),
    "people_office_holders": (55, 12),
    "people_famous": (60, 15),
    "bodies_clubs_wikidata": (70, 15),
    "media_companies_wikidata": (65, 20),
    "orgs_ror": (60, 10),
    "orgs_name_suggestion_index": (55, 15),
    "orgs_mit": (65, 15),
    "mixed_freebase": (120, 0),
}
KIND_PRIORS = {"country": 250, "continent": 230, "ocean": 170, "sea": 170, "river": 130, "lake": 130, "desert": 150, "capital": 200}
DOMAIN = re.compile(r"^\S+\.[a-z]{2,6}$")
BRACKET = re.compile(r"\s*[(\[].*?[)\]]")


def prior(file: str, weight: float, kind: str) -> float:
    """How likely an item of a file is to be meant when its name is read, 0..255; what a place is counts as much as how large."""
    base, slope = PRIORS[file]
    return max(KIND_PRIORS.get(kind, 0), min(base + slope * math.log2(1 + weight), LARGEST if slope else base))


@dataclass
class Draft:
    """An item while it is put together."""

    qid: int
    type: EntityType
    prior: float = 0
    country: str = ""
    kind: str = ""
    files: set[str] = field(default_factory=set)
    names: dict[tuple[str, str], None] = field(default_factory=dict)  # (language or "*", name), in order
    labels: dict[str, str] = field(default_factory=dict)  # by language, where a source says what is usual

    def add(self, language: str, names: Iterable[str]) -> None:
        """Add names in a language, or in "*"."""
        for name in names:
            self.names.setdefault((language, name))

    def label(self, language: str) -> str:
        """What a reader of that language calls it."""
        order = (language, "*", "en", "fr")
        firsts = {wanted: next((name for tag, name in self.names if tag == wanted), "") for wanted in order}
        own, short = split_words(firsts[language]), split_words(firsts["*"])
        if self.type == "LOC" and short and set(short) < set(own):  # "Kayes" rather than "cercle de Kayes"
            firsts[language] = firsts["*"]
        return self.labels.get(language) or next(name for name in firsts.values() if name)


def rows(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every line of the source files, with its file's name."""
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield path.stem, json.loads(line)


def merge_sources(folder: Path) -> dict[int, Draft]:
    """The items of all source files, by id."""
    drafts: dict[int, Draft] = {}
    ranked = sorted(rows(folder), key=lambda row: list(PRIORS).index(row[0]))
    for file, row in ranked:
        qid = int(row["qid"][1:])
        draft = drafts.setdefault(qid, Draft(qid, row["type"]))
        draft.prior = max(draft.prior, prior(file, row.get("weight", 0), row.get("kind", "")))
        draft.country = draft.country or row.get("country", "")
        draft.kind = draft.kind or row.get("kind", "")
        draft.files.add(file)
        for language, names in row["names"].items():
            draft.add(language, usable(names, file))
    add_legislators(drafts, folder / "everypolitician_wikidata.json")
    for language in ("fr", "en"):
        label_states(drafts, folder / f"cldr_territories_{language}.json", language)
    return {qid: draft for qid, draft in drafts.items() if draft.names}


def usable(names: list[str], file: str) -> Iterator[str]:
    """The names that can be looked for in a text: no domains, no short codes, no remarks in brackets."""
    for place, raw in enumerate(names):
        name = BRACKET.sub("", raw).strip()
        short = len(name) < 3 if file != "names_authored" else len(name) < 2
        # Freebase's further names of one word are nicknames and codes more often than names.
        doubtful = file == "mixed_freebase" and place > 0 and " " not in name
        if not (short or doubtful or DOMAIN.match(name) or not re.search(r"[^\W\d_]{2}", name)):
            yield name


def add_legislators(drafts: dict[int, Draft], path: Path) -> None:
    """Members of parliaments: what they are called beside what the other files say."""
    countries = {name: draft.country for draft in drafts.values() if draft.kind == "country" for _, name in draft.names}
    for key, (country, names) in sorted(json.loads(path.read_text(encoding="utf-8")).items()):
        draft = drafts.setdefault(int(key[1:]), Draft(int(key[1:]), "PER", prior=65))
        if draft.type == "PER":
            draft.country = draft.country or countries.get(country, "")
            draft.files.add("everypolitician")
            draft.add("*", (name for name in usable(names, "everypolitician") if " " in name))


def label_states(drafts: dict[int, Draft], path: Path, language: str) -> None:
    """What states are usually called in a language, where they bear that name: "Portugal", not "République portugaise"."""
    usual = json.loads(path.read_text(encoding="utf-8"))["main"][language]["localeDisplayNames"]["territories"]
    for draft in drafts.values():
        name = usual.get(draft.country, "") if draft.kind == "country" else ""
        if name and split_words(name) in [split_words(other) for _, other in draft.names]:
            draft.labels[language] = name


def add_authored(drafts: dict[int, Draft], path: Path) -> list[Draft]:
    """Join the names written for this project to the items that they mean; the others come back, without an id."""
    known: dict[tuple[str, str], set[int]] = defaultdict(set)
    for qid, draft in drafts.items():
        for _, name in draft.names:
            known[draft.type, " ".join(split_words(name))].add(qid)
    alone = []
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    for kind in TYPES:
        for entry in tables[kind]:
            draft = authored(kind, entry)
            twin = twin_of(draft, drafts, known)
            if twin is None:
                alone.append(draft)
                continue
            # A person's name in names.toml is the one in the news; other items keep the label of their source.
            both = (draft.names, twin.names) if kind == "PER" else (twin.names, draft.names)
            twin.names = {name: None for names in both for name in names}
            twin.prior = max(twin.prior, AUTHORED)
    return alone


def twin_of(draft: Draft, drafts: dict[int, Draft], known: dict[tuple[str, str], set[int]]) -> Draft | None:
    """The one item of the sources that bears a full name of `draft` in the same country; of places, the best known such item."""
    full = [split_words(name) for _, name in draft.names]
    keys = [" ".join(words) for words in full if draft.type != "PER" or len(words) > 1]
    same = {qid for key in (keys[:1] if draft.type == "LOC" else keys) for qid in known[draft.type, key]}
    found = [drafts[qid] for qid in sorted(same) if agree(draft, drafts[qid])]
    if draft.type == "LOC":
        return max(found, key=lambda twin: twin.prior, default=None)
    return found[0] if len(found) == 1 else None


def agree(draft: Draft, twin: Draft) -> bool:
    """Whether two items of one name can be the same: of one country, or of the world and well known."""
    return twin.country == draft.country or (not (draft.country and twin.country) and twin.prior >= 200)


def authored(kind: EntityType, entry: dict[str, Any]) -> Draft:
    """An entry of names.toml as an item without an id."""
    draft = Draft(0, kind, prior=AUTHORED, country=entry.get("country", ""), files={"names.toml"})
    for language in ("fr", "en"):
        draft.add(language, [entry[language]] if language in entry else [])
    draft.add("*", [entry["name"]] if "name" in entry else [])
    draft.add("*", [*entry.get("also", []), *entry.get("short", [])])
    return draft


def variants(name: str) -> Iterator[str]:
    """A name and other ways of writing it."""
    yield name
    bare = name.replace("’", "'")
    if "'" in bare and " " not in bare:  # N'Djamena, Eto'o
        yield bare.replace("'", "")
    for article in ("The ", "the "):
        if name.startswith(article) and " " in name[4:]:
            yield name[4:]
    if bare.startswith(("aéroport ", "Aéroport ")):
        return
    if "Saint-" in name:
        yield name.replace("Saint-", "St-")


def finish(draft: Draft) -> Item:
    """An item as it is shipped."""
    names: dict[tuple[str, ...], Name] = {}
    label = split_words(draft.label("fr")), split_words(draft.label("en"))
    for language, written in draft.names:
        for name in variants(written):
            words = tuple(split_words(name))
            if words and len(words) <= 12:
                acronym = name.isupper() and len(words) <= 2 and len(name) <= 8
                names.setdefault(words, Name(words, language, label=list(words) in label, acronym=acronym))
    prior = min(255, round(draft.prior + 8 * (len(draft.files) - 1)))
    return Item(
        draft.qid, draft.type, draft.country, draft.kind, prior, draft.label("fr"), draft.label("en"), tuple(names.values())
    )


WORDS = re.compile(r"[^\W\d_]+")


def corpus(data: Path) -> Iterator[str]:
    """Running text in French and English, to learn which words are written small."""
    for line in (data / "language/train.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row.get("lang") in ("fr", "en"):
            yield row["text"]
    for language in ("fr", "en"):
        for line in (data / f"sahel/train_{language}.jsonl").read_text(encoding="utf-8").splitlines():
            yield json.loads(line)["text"]
    for path in (
        data / "entities/winer_fr_train.conll",
        data / "entities/wnut17_en_train.conll",
        data / "entities/wikigold_en.conll",
    ):
        yield " ".join(line.split("\t")[0] for line in path.read_text(encoding="utf-8").splitlines())


def common_words(data: Path) -> dict[str, int]:
    """Words that running text writes small, each with a level: 1 seen twice, 2 ten times, 3 a hundred times."""
    small: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for text in corpus(data):
        for word in WORDS.findall(text):
            folded = "".join(split_words(word))
            total[folded] += not word.isupper() or len(word) == 1
            small[folded] += word.islower()
    return {
        word: 1 + (count >= 10) + (count >= 100)
        for word, count in sorted(small.items())
        if count >= 2 and count >= 0.3 * total[word]
    }


def main() -> None:
    """Build and say what came out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--out", type=Path, default=ROOT / "pipeline/entities/gazetteer.bin")
    options = parser.parse_args()
    drafts = merge_sources(options.data / "gazetteer")
    alone = add_authored(drafts, ROOT / "tools/data/names.toml")
    items = [finish(draft) for draft in [*(drafts[qid] for qid in sorted(drafts)), *alone]]
    packed = pack(items, common_words(options.data))
    options.out.write_bytes(packed)
    print(f"{len(items)} items, {len(alone)} without an id, {len(packed) / 1e6:.2f} MB in {options.out.name}")


if __name__ == "__main__":
    main()
