"""A small pipeline of spaCy (a convolutional tok2vec of width 96 and depth 4, and NER, as in its `sm` ones), trained on the texts
that tools/train_tagger.py trains on, case copies and weights included; then it and vigie on the same gold sets, in the same run.

usage: .venv-bench/bin/python -m tests.bench.peers.spacy_entities [--epochs 8] [--model .bench/spacy]

One pipeline for French and English, as our tagger is; spaCy then has its tokeniser for any language (`xx`).
One thread, some three minutes of CPU an epoch; a pipeline that stands in --model already is not trained again.
"""

import argparse
import importlib.util
import json
import sys
import time
from collections.abc import Callable, Iterator
from itertools import repeat
from pathlib import Path
from types import ModuleType

import numpy as np
import spacy
from spacy.language import Language
from spacy.training import Example
from spacy.util import compounding, filter_spans, fix_random_seed, minibatch

from pipeline.entities import load_tagger

ROOT = Path(__file__).resolve().parents[3]
SHARED = ROOT.parent / "shared"
DATA = SHARED / "data"
CASES = ("as is", "upper", "lower")
SETS = {
    "sahel/dev": "sahel/dev.jsonl", "WiNER-fr dev": "entities/winer_fr_dev.conll", "WNUT-17 dev": "entities/wnut17_en_dev.conll",
    "UNER-EWT dev": "entities/uner_ewt_en_dev.conll",
}  # fmt: skip
KINDS = ("PER", "ORG", "LOC")
WIDTH, DEPTH, ROWS = 96, 4, 2000
Span = tuple[int, int, str]
Tag = Callable[[str, str | None], set[Span]]


def pipeline() -> Language:
    """An untrained pipeline with the sizes of spaCy's small ones."""
    nlp = spacy.blank("xx")
    tok2vec = {
        "@architectures": "spacy.HashEmbedCNN.v2", "width": WIDTH, "depth": DEPTH, "embed_size": ROWS, "window_size": 1,
        "maxout_pieces": 3, "subword_features": True, "pretrained_vectors": None,
    }  # fmt: skip
    parser = {
        "@architectures": "spacy.TransitionBasedParser.v2", "state_type": "ner", "extra_state_tokens": False,
        "hidden_width": 64, "maxout_pieces": 2, "use_upper": True, "nO": None, "tok2vec": tok2vec,
    }  # fmt: skip
    nlp.add_pipe("ner", config={"model": parser})
    return nlp


def examples(nlp: Language) -> list[Example]:
    """What tools/train_tagger.py trains on: a text that counts three times comes three times, one that counts half by chance."""
    train_tagger = _module(ROOT / "tools/train_tagger.py")
    chance, made = np.random.default_rng(8), []
    for text in train_tagger.copies(train_tagger.but(train_tagger.load(DATA), 0, 0), np.random.default_rng(7)):
        times = int(text.weight) + (chance.random() < text.weight % 1)
        doc = nlp.make_doc(text.text)
        spans = [doc.char_span(start, end, label=kind, alignment_mode="expand") for start, end, kind in text.spans]
        reference = doc.copy()
        reference.set_ents(filter_spans([span for span in spans if span is not None]))
        made += [Example(doc, reference)] * times
    return made


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def trained(epochs: int, model: Path) -> Language:
    """A pipeline trained as spaCy's quick start does: Adam, dropout 0.1, growing batches; kept after each epoch."""
    fix_random_seed(7)
    model.parent.mkdir(parents=True, exist_ok=True)
    nlp = pipeline()
    made = examples(nlp)
    print(f"{len(made)} texts, {sum(len(each.reference) for each in made)} tokens", flush=True)
    optimizer = nlp.initialize(lambda: made[:2000])
    chance = np.random.default_rng(9)
    for epoch in range(epochs):
        chance.shuffle(made)
        losses: dict[str, float] = {}
        start, sizes = time.process_time(), compounding(16.0, 128.0, 1.01) if not epoch else repeat(128)
        for batch in minibatch(made, size=sizes):
            nlp.update(batch, sgd=optimizer, drop=0.1, losses=losses)
        print(f"epoch {epoch + 1}: loss {losses['ner']:.0f}, {time.process_time() - start:.0f} s of CPU", flush=True)
        nlp.to_disk(model)
    return nlp


def measure(tag: Tag, name: str, case: str) -> dict[str, float]:
    """Precision, recall and F1 over exact spans and types, by type too, in percent; and words a CPU second."""
    hits: dict[str, int] = {}
    wanted: dict[str, int] = {}
    given: dict[str, int] = {}
    words, seconds = 0, 0.0
    scorer = _module(SHARED / "score/entities.py")
    for page in scorer.read(str(DATA / SETS[name])):
        text = page["text"] if case == "as is" else "".join(map(scorer.CASES[case], page["text"]))
        start = time.process_time()
        got = tag(text, page.get("country"))
        seconds += time.process_time() - start
        words += len(text.split())
        want = {(each["start"], each["end"], each["type"]) for each in page["entities"] if each["type"] in KINDS}
        for counts, spans in ((hits, want & got), (wanted, want), (given, got)):
            for _, _, kind in spans:
                counts[kind] = counts.get(kind, 0) + 1
    figures = dict(_figures("", sum(hits.values()), sum(wanted.values()), sum(given.values())))
    for kind in KINDS:
        figures |= dict(_figures(f"{kind} ", hits.get(kind, 0), wanted.get(kind, 0), given.get(kind, 0)))
    return figures | {"words a CPU second": round(words / seconds)}


def _figures(name: str, hits: int, wanted: int, given: int) -> Iterator[tuple[str, float]]:
    yield f"{name}precision", round(100 * hits / max(1, given), 1)
    yield f"{name}recall", round(100 * hits / max(1, wanted), 1)
    yield f"{name}f1", round(200 * hits / max(1, wanted + given), 1)


def main() -> None:
    """Train, then measure both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--model", type=Path, default=ROOT / ".bench/spacy")
    options = parser.parse_args()
    nlp = spacy.load(options.model) if options.model.exists() else trained(options.epochs, options.model)
    ours = load_tagger()
    taggers: dict[str, Tag] = {
        "spaCy": lambda text, _: {(each.start_char, each.end_char, each.label_) for each in nlp(text).ents},
        "vigie": lambda text, country: {(each.start, each.end, each.type) for each in ours.tag([text], country=country)[0]},
    }
    rows = [
        {"set": name, "case": case, "tagger": who, **measure(tag, name, case)}
        for name in SETS
        for case in (CASES if name in ("sahel/dev", "WiNER-fr dev") else CASES[:1])
        for who, tag in taggers.items()
    ]
    for row in rows:
        print(json.dumps(row), flush=True)
    options.model.with_suffix(".json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
