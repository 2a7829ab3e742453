"""The whole path of a page, on one screen: a raw article in; the article, its comments and the alerts out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version

from pipeline import ids
from pipeline.alerts import RuleSet, compile_rules
from pipeline.entities import load_tagger
from pipeline.entities.tagger import Tagger
from pipeline.events import Article, Comment, Enriched, Entity, PipelineInfo, RawArticle, Span, Split, WatchRule
from pipeline.fingerprint import fingerprint
from pipeline.flags import flags
from pipeline.language import load_detector
from pipeline.language.detector import Detector
from pipeline.quotes import QuoteIndex
from pipeline.sources import info_sources
from pipeline.split import split
from pipeline.split.layout import Layout, Segment
from pipeline.text import urls
from pipeline.urls import canonical_url

Clock = Callable[[], float]
Seconds = dict[str, float]


@dataclass(frozen=True)
class Pipeline:
    """The loaded stages. Immutable and without state of its own: one serves any number of pages."""

    detector: Detector
    tagger: Tagger
    rules: RuleSet
    info: PipelineInfo

    def with_rules(self, rules: Sequence[WatchRule]) -> "Pipeline":
        """Return the same stages under other watch rules; InvalidRule if one cannot be evaluated."""
        return replace(self, rules=compile_rules(rules))


def load_pipeline(rules: Sequence[WatchRule] = (), *, detector: str = "vigie") -> Pipeline:
    """Load the models (about a second). `detector` is `vigie` or `langdetect`."""
    loaded, tagger = load_detector(detector), load_tagger()
    info = PipelineInfo(version=version("vigie"), models={"language": loaded.name, "entities": tagger.name})
    return Pipeline(detector=loaded, tagger=tagger, rules=compile_rules(rules), info=info)


class Stopwatch:
    """Seconds by stage, on the clock that it is given."""

    def __init__(self, clock: Clock) -> None:
        self.seconds: Seconds = {}
        self._clock = clock
        self._last = clock()

    def lap(self, stage: str) -> None:
        """Book the time since the last lap on a stage."""
        now = self._clock()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self._last
        self._last = now


def process(raw: RawArticle, pipeline: Pipeline, clock: Clock = float) -> tuple[Enriched, Seconds]:
    """Enrich a page. `clock` gives seconds (such as time.perf_counter; without one the seconds by stage are 0).

    The same page under the same pipeline gives the same events, byte for byte.
    """
    watch = Stopwatch(clock)
    layout = split(raw.content, raw.content_type, url=raw.url, now=raw.fetched_at)
    page = _Page(raw, layout)
    watch.lap("split")
    language = pipeline.detector.detect(page.body)
    languages = pipeline.detector.detect_all(page.texts, prior=language.tag)
    watch.lap("language")
    tagged = pipeline.tagger.tag(
        [page.headline or "", page.body, *page.texts],
        country=page.country,
        languages=[language.tag, language.tag, *(each.tag for each in languages)],
    )
    watch.lap("entities")
    quotes = QuoteIndex(page.body)
    quoted = [quotes.find(text) for text in page.texts]
    watch.lap("quotes")
    article = Article(
        id=page.id, revision=ids.revision(raw), url=raw.url, canonical_url=page.canonical_url,
        headline=page.headline, headline_entities=tagged[0],
        body=page.body, body_spans=page.body_spans, language=language, entities=tagged[1],
        info_sources=info_sources(page.body), comment_count=len(page.texts), fingerprint=fingerprint(page.body),
        split=Split(method=layout.method, confidence=layout.confidence, evidence=layout.evidence),
        published_at=raw.published_at or layout.metadata.published_at, fetched_at=raw.fetched_at,
        publisher=raw.publisher or layout.metadata.publisher, author=raw.author or layout.metadata.author, pipeline=pipeline.info,
    )  # fmt: skip
    comments = tuple(
        Comment(
            id=page.comment_ids[position], article_id=page.id, article_url=raw.url, position=position,
            text=text, spans=(Span(start=segment.start, end=segment.end),),
            author=segment.author, published_at=segment.published_at,
            reply_to=None if segment.reply_to is None else page.comment_ids[segment.reply_to],
            language=languages[position], entities=tagged[2 + position], quotes=quoted[position],
            urls=tuple(Span(start=start, end=end) for start, end in urls(text)), flags=flags(text),
            split_confidence=segment.confidence,
        )
        for position, (segment, text) in enumerate(zip(page.comments, page.texts, strict=True))
    )  # fmt: skip
    watch.lap("assemble")
    alerts = pipeline.rules.evaluate(article, comments)
    watch.lap("alerts")
    return Enriched(article=article, comments=comments, alerts=alerts), watch.seconds


class _Page:
    """A split page under the names that its events use."""

    def __init__(self, raw: RawArticle, layout: Layout) -> None:
        metadata = layout.metadata
        articles = [segment for segment in layout.segments if segment.kind == "article"]
        self.comments: list[Segment] = [segment for segment in layout.segments if segment.kind == "comment"]
        self.texts = [layout.text[segment.start : segment.end] for segment in self.comments]
        self.headline = raw.headline or metadata.headline
        self.body_spans = tuple(Span(start=segment.start, end=segment.end) for segment in articles)
        self.body = "\n".join(layout.text[span.start : span.end] for span in self.body_spans)
        self.country = raw.publisher.country if raw.publisher else None
        self.canonical_url = canonical_url(raw.url, metadata.canonical_url)
        self.id = ids.article_id(self.canonical_url)
        self.comment_ids = ids.comment_ids(self.id, self.texts)


def mentions(enriched: Enriched) -> list[Entity]:
    """Every entity of a page: headline, article, comments."""
    found = [*enriched.article.headline_entities, *enriched.article.entities]
    for comment in enriched.comments:
        found.extend(comment.entities)
    return found
