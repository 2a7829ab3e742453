"""The whole path of a page, on one screen: a raw article in; the article, its comments and the alerts out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version

from pipeline import ids
from pipeline.alerts import RuleSet, compile_rules
from pipeline.authors import conceal
from pipeline.entities import load_tagger
from pipeline.entities.tagger import Fields, Tagger
from pipeline.entities.watch_list import WatchList
from pipeline.events import Article, Comment, Enriched, Entity, Language, PipelineInfo, Quote, RawArticle, Span, Split, WatchRule
from pipeline.fingerprint import simhash
from pipeline.flags import flags_of
from pipeline.language import load_detector
from pipeline.language.detector import Detector
from pipeline.quotes import find_quotes
from pipeline.sources import info_sources
from pipeline.split import split
from pipeline.split.layout import Layout
from pipeline.stages import Stage, extend
from pipeline.text import urls
from pipeline.texts import Texts
from pipeline.urls import canonical_url

Clock = Callable[[], float]
Seconds = dict[str, float]
Entities = tuple[Entity, ...]


@dataclass(frozen=True)
class Pipeline:
    """The loaded stages. Immutable and without state of its own: one serves any number of pages."""

    detector: Detector
    tagger: Tagger
    rules: RuleSet
    info: PipelineInfo
    author_key: str = field(default="", repr=False)
    stages: Mapping[str, Stage] = field(default_factory=dict)

    def with_rules(self, rules: Sequence[WatchRule]) -> "Pipeline":
        """Return the same stages under other watch rules; InvalidRule if one cannot be evaluated."""
        return replace(self, rules=compile_rules(rules, known=self.rules))

    def watching(self, watch_list: WatchList | None) -> "Pipeline":
        """Return the same stages with another watch list, or with none."""
        return replace(self, tagger=self.tagger.watching(watch_list))


def load_pipeline(
    rules: Sequence[WatchRule] = (),
    *,
    detector: str = "vigie",
    author_key: str = "",
    watch_list: WatchList | None = None,
    stages: Mapping[str, Stage] | None = None,
) -> Pipeline:
    """Load the models (about a second). `detector` is `vigie` or `langdetect`; `author_key` hides the authors of comments.

    `stages` are your own, by the names of their values in `extra` (pipeline/stages.py).
    """
    loaded, tagger = load_detector(detector), load_tagger(watch_list)
    info = PipelineInfo(version=version("vigie"), models={"language": loaded.name, "entities": tagger.name})
    return Pipeline(
        detector=loaded, tagger=tagger, rules=compile_rules(rules), info=info, author_key=author_key, stages=stages or {}
    )


class Stopwatch:
    """Seconds by stage, on the clock that it is given."""

    def __init__(self, clock: Clock) -> None:
        self.seconds: Seconds = {}
        self._clock = clock
        self._last = clock()

    def resume(self) -> None:
        """Begin the next lap now: what was done since the last one was done for others."""
        self._last = self._clock()

    def lap(self, stage: str) -> None:
        """Book the time since the last lap on a stage."""
        now = self._clock()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self._last
        self._last = now


def process(raw: RawArticle, pipeline: Pipeline, clock: Clock = float) -> tuple[Enriched, Seconds]:
    """Enrich a page. `clock` gives seconds (such as time.perf_counter; without one the seconds by stage are 0).

    The same page under the same pipeline gives the same events, byte for byte.
    """
    return process_together([raw], pipeline, clock)[0]


def process_together(raws: Sequence[RawArticle], pipeline: Pipeline, clock: Clock = float) -> list[tuple[Enriched, Seconds]]:
    """Enrich some pages, each as `process` does, at less CPU; more than 16 at a time gain nothing. One that raises ends all."""
    drafts = [Draft(raw, pipeline, clock) for raw in raws]
    tag(drafts, pipeline, clock)
    return [draft.finish(pipeline) for draft in drafts]


def tag(drafts: Sequence["Draft"], pipeline: Pipeline, clock: Clock = float) -> None:
    """Find what some pages mention, cheaper together than one by one. If it raises, none of them is tagged."""
    begun = clock()
    found = pipeline.tagger.tag_pages([draft.fields for draft in drafts])
    spent, size = clock() - begun, sum(draft.size for draft in drafts)
    for draft, entities in zip(drafts, found, strict=True):
        draft.tagged(entities, spent * draft.size / size)


class Draft:
    """A page that is split and whose languages are known: what it mentions (`tag`) and its events (`finish`) are to come.

    `size` counts its code points, and one for every field; `fields` is what the tagger is given.
    """

    def __init__(self, raw: RawArticle, pipeline: Pipeline, clock: Clock = float) -> None:
        self._watch = Stopwatch(clock)
        layout = split(raw.content, raw.content_type, url=raw.url, now=raw.fetched_at)
        self._page = page = _Page(raw, layout, pipeline.author_key)
        self._watch.lap("split")
        self._language, self._languages = pipeline.detector.detect_page(page.body, page.texts)
        tags = [self._language.tag, self._language.tag, *(each.tag for each in self._languages)]
        self._watch.lap("language")
        self.fields = Fields([page.headline or "", page.body, *page.texts], page.country, tags)
        self.size = sum(map(len, self.fields.texts)) + len(self.fields.texts)
        self._entities: Sequence[Entities] = ()

    @property
    def known(self) -> bool:
        """Whether the tagger has answered, which it does for a headline and a body at least."""
        return bool(self._entities)

    def tagged(self, entities: Sequence[Entities], seconds: float) -> None:
        """Take what the tagger found in `fields`, and the seconds that it took for this page."""
        self._entities = entities
        self._watch.seconds["entities"] = seconds

    def finish(self, pipeline: Pipeline) -> tuple[Enriched, Seconds]:
        """Make the events, and say what each stage took."""
        self._watch.resume()
        page, watch, (headline, body, *below) = self._page, self._watch, self._entities
        texts = Texts.of([page.body, *page.texts])
        quotes = find_quotes(texts)
        watch.lap("quotes")
        article = page.article(texts, self._language, headline, body, pipeline.info)
        comments = page.comments(texts, self._languages, below, quotes)
        watch.lap("assemble")
        if pipeline.stages:
            article, comments = extend(article, pipeline.stages), tuple(extend(each, pipeline.stages) for each in comments)
            watch.lap("stages")
        alerts = pipeline.rules.evaluate(article, comments)
        watch.lap("alerts")
        return Enriched(article=article, comments=comments, alerts=alerts), watch.seconds


class _Page:
    """A split page under the names that its events use."""

    def __init__(self, raw: RawArticle, layout: Layout, author_key: str) -> None:
        self._raw, self._layout = raw, layout
        articles = [segment for segment in layout.segments if segment.kind == "article"]
        self._below = [segment for segment in layout.segments if segment.kind == "comment"]
        self._spans = tuple(Span(start=segment.start, end=segment.end) for segment in articles)
        self.body = "\n".join(layout.text[span.start : span.end] for span in self._spans)
        self.texts = [layout.text[segment.start : segment.end] for segment in self._below]
        self._authors = [segment.author for segment in self._below]
        if author_key:
            self.texts, self._authors = conceal(self.texts, self._authors, author_key)
        self.headline = raw.headline or layout.metadata.headline
        self.country = raw.publisher.country if raw.publisher else None
        self._canonical_url = canonical_url(raw.url, layout.metadata.canonical_url)
        self._id = ids.article_id(self._canonical_url)

    def article(self, texts: Texts, language: Language, headline: Entities, body: Entities, info: PipelineInfo) -> Article:
        """Make the article's event."""
        raw, layout, metadata = self._raw, self._layout, self._layout.metadata
        return Article(
            id=self._id, revision=ids.revision(raw), url=raw.url, canonical_url=self._canonical_url,
            headline=self.headline, headline_entities=headline,
            body=self.body, body_spans=self._spans, language=language, entities=body,
            info_sources=info_sources(self.body, texts.folded[0]), comment_count=len(self.texts),
            fingerprint=simhash(texts.hashes[: texts.firsts[1]]),
            split=Split(method=layout.method, confidence=layout.confidence, evidence=layout.evidence),
            published_at=raw.published_at or metadata.published_at, fetched_at=raw.fetched_at,
            publisher=raw.publisher or metadata.publisher, author=raw.author or metadata.author, pipeline=info,
        )  # fmt: skip

    def comments(
        self, texts: Texts, languages: Sequence[Language], entities: Sequence[Entities], quotes: Sequence[tuple[Quote, ...]]
    ) -> tuple[Comment, ...]:
        """Make the comments' events, in the order of the page."""
        own = ids.comment_ids(self._id, texts.folded[1:])
        marks = flags_of(texts)[1:]
        return tuple(
            Comment(
                id=own[position], article_id=self._id, article_url=self._raw.url, position=position,
                text=text, spans=(Span(start=segment.start, end=segment.end),),
                author=self._authors[position], published_at=segment.published_at,
                reply_to=None if segment.reply_to is None else own[segment.reply_to],
                language=languages[position], entities=entities[position], quotes=quotes[position],
                urls=tuple(Span(start=start, end=end) for start, end in urls(text)), flags=marks[position],
                split_confidence=segment.confidence,
            )
            for position, (segment, text) in enumerate(zip(self._below, self.texts, strict=True))
        )  # fmt: skip


def mentions(enriched: Enriched) -> list[Entity]:
    """Every entity of a page: headline, article, comments."""
    found = [*enriched.article.headline_entities, *enriched.article.entities]
    for comment in enriched.comments:
        found.extend(comment.entities)
    return found
