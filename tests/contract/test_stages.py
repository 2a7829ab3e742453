"""One contract for every stage and every language: a text in; an answer out, the same each time, with true offsets, whatever comes.

A stage joins by one entry in STAGES: a function that loads it, and gives a function from a text to what it found there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import languages
from pipeline.alerts import compile_rules
from pipeline.entities import load_tagger
from pipeline.events import WatchRule
from pipeline.fingerprint import fingerprint
from pipeline.flags import flags
from pipeline.language import load_detector
from pipeline.quotes import find_quotes
from pipeline.sources import info_sources
from pipeline.split import split
from pipeline.text import fold, urls
from pipeline.texts import Texts
from tests.fixtures.cost import cpu, least
from tests.fixtures.documents import article, comment


@dataclass(frozen=True)
class Answer:
    """What a stage said (`value` is compared), and its spans: the text each points into, start, end, surface (if any)."""

    value: Any
    spans: tuple[tuple[str, int, int, str | None], ...] = ()


Stage = Callable[[str], Answer]


def split_as(kind: str) -> Stage:
    def run(text: str) -> Answer:
        layout = split(text, kind, url="https://www.exemple.ml/1")  # type: ignore[arg-type] - one of the two
        return Answer(layout, tuple((layout.text, each.start, each.end, None) for each in layout.segments))

    return run


def detector(kind: str) -> Stage:
    detect = load_detector(kind).detect

    def run(text: str) -> Answer:
        found = detect(text)
        assert 0 <= found.confidence <= 1
        return Answer(found, tuple((text, each.start, each.end, None) for each in found.segments))

    return run


def tagger() -> Stage:
    tag = load_tagger().tag

    def run(text: str) -> Answer:
        found = tag([text[:200], text, text[-200:]])
        texts = zip(found, [text[:200], text, text[-200:]], strict=True)
        return Answer(found, tuple((where, each.start, each.end, each.surface) for tags, where in texts for each in tags))

    return run


def quotes(text: str) -> Answer:
    found = find_quotes(Texts.of([text, text]))[0]
    spans = [(text, each.start, each.end, None) for each in found]
    return Answer(found, (*spans, *((text, each.article_start, each.article_end, None) for each in found)))


def marks(text: str) -> Answer:
    found = flags(text)
    return Answer(found, tuple((text, each.start, each.end, None) for each in found.masked_profanity))


def addresses(text: str) -> Answer:
    return Answer(urls(text), tuple((text, start, end, text[start:end].strip()) for start, end in urls(text)))


def folded(text: str) -> Answer:
    return Answer(fold(text), ((text, 0, len(fold(text)), None),))


def alerts() -> Stage:
    queries = ["mali OR le OR the", "a* OR e*", '"la de"~8 OR "of the"', "lang:fr AND (de OR 4)", "type:PER OR type:LOC"]
    rules = compile_rules(WatchRule(id=query, query=query) for query in queries)

    def run(text: str) -> Answer:
        found = rules.evaluate(article(text, headline=text[:200]), [comment(text)])
        assert all(len(alert.snippet) <= 200 for alert in found)
        places = [(match, text[:200] if match.field == "headline" else text) for alert in found for match in alert.matches]
        return Answer(found, tuple((where, match.start, match.end, match.surface) for match, where in places))

    return run


STAGES: dict[str, Callable[[], Stage]] = {
    "fold": lambda: folded,
    "urls": lambda: addresses,
    "split_plain": lambda: split_as("text/plain"),
    "split_html": lambda: split_as("text/html"),
    "language": lambda: detector("vigie"),
    "language_langdetect": lambda: detector("langdetect"),
    "entities": tagger,
    "quotes": lambda: quotes,
    "sources": lambda: lambda text: Answer(info_sources(text)),
    "fingerprint": lambda: lambda text: Answer(fingerprint(text)),
    "flags": lambda: marks,
    "alerts": alerts,
}
TAGS = tuple(languages.read("detect"))


@cache
def stage(name: str) -> Stage:
    return STAGES[name]()


@cache
def prose(tag: str) -> str:
    """A page in a language, made of the words of its own folder: paragraphs of sentences, names and a signature among them."""
    words = " ".join(languages.read("detect")[tag]["words"]).split()[:300]
    sentences = [" ".join(words[start : start + 9]).capitalize() + " Bamako, Assimi Goïta." for start in range(0, len(words), 9)]
    return (
        "\n\n".join(" ".join(sentences[start : start + 3]) for start in range(0, len(sentences), 3))
        + "\nSource: Tass\n\nVIVE LE MALI!!\n"
    )


LONG = 100_000
HOSTILE = {
    "empty": "",
    "spaces": " \t\n\r\u2028\u00a0 ",
    "nul": "Le Mali\x00 et\x00\x00la Russie \x00",
    "lone_surrogate": "Le \ud800Mali\udfff et Lavrov \udc00",
    "bidi": "Le \u202eMali\u202c et \u2066la Russie\u2069 مرحبا شكرا",
    "emoji": "🇲🇱👨‍👩‍👧‍👦 Mali 👍🏾 ❤️ 🐍" * 20,
    "combining": "Mali" + "\u0301" * 2000 + " e\u0308tat",
    "expands_when_lowered": "İSTANBUL ŒUVRE STRASSE ẞ ŉ ǰ ﬁn" * 5,
    "beyond_the_bmp": "𝐌𝐚𝐥𝐢 𐍈 " * 30,
    "no_space": "a" * LONG,
    "no_space_mixed": "Mali-Rus'sie_" * (LONG // 13),
    "stars": "*" * LONG,
    "angles": "<" * 5000 + ">" * 5000,
    "tags": "<div class=comment><p>Mali" * 500,
    "quotation_marks": "«\"'“" * 2000,
    "capitals": "LE MALI ET LA RUSSIE " * 500,
    "line_feeds": "\n" * LONG,
    "one_word_lines": "Mali\n" * 2000,
    "digits": "4" * 5000 + " 12/05/2024 " * 100,
    "addresses": "https://" * 500 + " www.x.ml/" + "a." * 5000,
    "replacement": "\ufffd\uffff\ufeff Mali \u200b\u00ad",
}


def assert_true_offsets(answer: Answer) -> None:
    for text, start, end, surface in answer.spans:
        assert 0 <= start <= end <= len(text)
        assert surface is None or text[start:end] == surface


@pytest.mark.parametrize("name", STAGES)
@pytest.mark.parametrize("tag", TAGS)
def test_offsets_are_true_in_every_language(name, tag):
    assert_true_offsets(stage(name)(prose(tag)))


@pytest.mark.parametrize("name", STAGES)
@pytest.mark.parametrize("tag", TAGS)
def test_the_same_text_gets_the_same_answer(name, tag):
    run, text = stage(name), prose(tag)
    first = run(text)
    run(text[: len(text) // 2])  # what came between leaves no trace
    assert run(text) == first == STAGES[name]()(text)


@pytest.mark.parametrize("name", STAGES)
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_text_is_answered_with_true_offsets(name, kind):
    run = stage(name)
    first = run(HOSTILE[kind])
    assert_true_offsets(first)
    assert run(HOSTILE[kind]) == first


@pytest.mark.parametrize("name", STAGES)
@settings(max_examples=25, deadline=None)
@given(
    text=st.text(max_size=200)
    | st.lists(st.sampled_from([*prose("fr").split(" ")[:80], *HOSTILE["bidi"], "\x00", "<p>", "***"])).map(" ".join)
)
def test_any_text_is_answered_with_true_offsets(name, text):
    assert_true_offsets(stage(name)(text))


@pytest.mark.parametrize("name", [name for name in STAGES if name.startswith("language")])
@pytest.mark.parametrize("tag", TAGS)
def test_a_language_is_told_by_its_own_words(name, tag):
    assert stage(name)(prose(tag)).value.tag == tag


# --- cost -------------------------------------------------------------------------------------------------------------

SHORT, TIMES = 10_000, 8
SLACK = 3  # a quadratic stage takes 8 x 8, a linear one 8, and a busy machine's caches up to twice that
SHAPES = {
    "prose": "",
    "one_line": "Le Mali et la Russie, ",
    "no_space": "mali",
    "capitalised": "Assimi Goïta ",
    "line_feeds": "\n",
    "short_lines": "Mali!\n",
    "stars": "u*** ",
    "tags": "<p>mali",
}


def grown(seed: str, length: int) -> str:
    return (seed * (length // len(seed) + 1))[:length]


@pytest.mark.parametrize("name", STAGES)
@pytest.mark.parametrize("shape", SHAPES)
def test_cost_is_linear(name, shape):
    run, seed = stage(name), SHAPES[shape] or prose("fr")
    short, long = grown(seed, SHORT), grown(seed, SHORT * TIMES)
    run(short)
    few = max(*least(partial(run, short)), 0.002)  # below, the clock's own noise
    limit = few * TIMES * SLACK
    assert any(cpu(partial(run, long)) <= limit for _ in range(3))
