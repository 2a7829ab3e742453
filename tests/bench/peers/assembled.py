"""What people assemble: trafilatura, langdetect and spaCy in a Faust agent, an event at a time.

The spaCy pipelines have the components and sizes of the small ones (tok2vec and NER of width 96 and depth 4, tagger, parser) and
as many labels, initialised and not trained: a word costs the same, what is found does not count. `BENCH_SPACY=ner` keeps NER alone.

In plain text the article ends after its last long line, and each line below is a comment.
"""

import os
from pathlib import Path

import faust
import orjson
import spacy
import trafilatura
from langdetect import DetectorFactory, LangDetectException, detect
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

from agents.settings import Settings

SETTINGS = Settings.from_env(os.environ)
_LONG = 300
_TAGS = [f"TAG{number}" for number in range(50)]  # en_core_web_sm has 50 tags, 45 dependencies, 18 types; fr_core_news_sm as many
_DEPENDENCIES = [f"dep{number}" for number in range(44)]
_TYPES = {"fr": ["LOC", "MISC", "ORG", "PER"], "en": [f"TYPE{number}" for number in range(18)]}
DetectorFactory.seed = 0


def _example(nlp: Language, tag: str, start: int) -> Example:
    """A sentence that holds some labels of each kind, from the `start`-th on."""
    words = [f"mot{number}" for number in range(8)]
    doc = Doc(nlp.vocab, words=words)
    types = _TYPES[tag]
    told = {
        "words": words,
        "tags": [_TAGS[(start + at) % len(_TAGS)] for at in range(8)],
        "heads": [0] * 8,
        "deps": ["ROOT", *(_DEPENDENCIES[(start + at) % len(_DEPENDENCIES)] for at in range(7))],
        "entities": [f"U-{types[(start + at) % len(types)]}" for at in range(8)],
        "sent_starts": [1] + [0] * 7,
    }
    return Example.from_dict(doc, told)


def _pipeline(tag: str) -> Language:
    nlp = spacy.blank(tag)
    names = ["ner"] if os.environ.get("BENCH_SPACY") == "ner" else ["tok2vec", "tagger", "parser", "attribute_ruler", "ner"]
    for name in names:
        nlp.add_pipe(name, config=_listening(name))
    nlp.initialize(lambda: [_example(nlp, tag, start) for start in range(0, 56, 7)])
    return nlp


def _listening(name: str) -> dict:
    """Tagger and parser share the tok2vec of the pipeline, as in the small ones; NER has its own."""
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": 96, "upstream": "tok2vec"}
    model = {
        "tagger": {"@architectures": "spacy.Tagger.v2", "nO": None, "normalize": False, "tok2vec": listener},
        "parser": {
            "@architectures": "spacy.TransitionBasedParser.v2", "state_type": "parser", "extra_state_tokens": False,
            "hidden_width": 64, "maxout_pieces": 2, "use_upper": True, "nO": None, "tok2vec": listener,
        },
    }  # fmt: skip
    return {"model": model[name]} if name in model else {}


PIPELINES = {tag: _pipeline(tag) for tag in ("fr", "en")}


def parts(content: str, kind: str) -> tuple[str, list[str]]:
    """Article and comments."""
    if kind == "text/html":
        found = trafilatura.bare_extraction(content, include_comments=True, with_metadata=False)
        comments = (found.comments or "") if found else ""
        return (found.text or "") if found else "", [line for line in comments.splitlines() if line.strip()]
    lines = [line for line in content.splitlines() if line.strip()]
    end = max((at for at, line in enumerate(lines) if len(line) >= _LONG), default=0) + 1
    return "\n".join(lines[:end]), lines[end:]


def enriched(text: str) -> dict:
    """A text with its language and entities."""
    try:
        tag = detect(text)
    except LangDetectException:
        tag = "und"
    found = PIPELINES[tag](text).ents if tag in PIPELINES else ()
    return {"text": text, "language": tag, "entities": [[each.start_char, each.end_char, each.label_] for each in found]}


app = faust.App(
    SETTINGS.prefix + "assembled", broker=f"kafka://{SETTINGS.broker}", datadir=Path(os.environ["BENCH_FOLDER"]), store="memory://",
    topic_disable_leader=True, topic_allow_declare=False, web_enabled=False, producer_max_request_size=SETTINGS.output_bytes,
    consumer_auto_offset_reset="earliest",
)  # fmt: skip
options = {"key_type": bytes, "value_type": bytes, "key_serializer": "raw", "value_serializer": "raw"}
raw = app.topic(SETTINGS.topic("articles.raw"), **options)
articles = app.topic(SETTINGS.topic("articles.enriched"), **options)
comments = app.topic(SETTINGS.topic("comments.enriched"), **options)


@app.agent(raw)
async def enrich(stream):
    async for event in stream:
        page = orjson.loads(event)
        body, below = parts(page["content"], page.get("content_type", "text/plain"))
        key = page["url"].encode()
        await articles.send(key=key, value=orjson.dumps({"url": page["url"], **enriched(body)}))
        for text in below:
            await comments.send(key=key, value=orjson.dumps({"article": page["url"], **enriched(text)}))


if __name__ == "__main__":
    app.main()
