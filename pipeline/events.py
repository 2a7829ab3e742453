"""The messages that vigie reads and writes.

Frozen structs: validated once, by the codec, and trusted from there on. A field has the same name in Python, JSON, the docs and
the metrics. Every offset counts Unicode code points, and `text[start:end]` is what a span points at.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

ContentType = Literal["text/plain", "text/html"]
EntityType = Literal["PER", "ORG", "LOC"]
Severity = Literal["info", "warning", "critical"]
Origin = Literal["article", "comment"]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]  # RFC 3339 in JSON; never without a zone


class Message(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Base of every message: immutable, fields by keyword only, unknown fields ignored when read.

    No message can be part of a cycle, so the garbage collector need not look at any (gc=False).
    """


# --- what comes in -------------------------------------------------------------------------------------------------


class Publisher(Message, frozen=True, kw_only=True):
    """Who published the page. `country` is an ISO 3166-1 alpha-2 code."""

    name: str | None = None
    domain: str | None = None
    country: str | None = None


class Crawler(Message, frozen=True, kw_only=True):
    """Which crawler fetched the page."""

    name: str | None = None
    version: str | None = None


class RawArticle(Message, frozen=True, kw_only=True):
    """A page as a crawler saw it (topic articles.raw). Timestamps are aware, in UTC where the input named no zone."""

    url: str
    content: str
    content_type: ContentType = "text/plain"
    headline: str | None = None
    published_at: Moment | None = None
    fetched_at: Moment | None = None
    publisher: Publisher | None = None
    author: str | None = None
    language_hint: str | None = None
    crawler: Crawler | None = None


class WatchRule(Message, frozen=True, kw_only=True):
    """What a user wants to hear about (topic watch-rules). At least one of `query` and `entities` is given.

    `query` is Lucene syntax; `entities` are ids or names; `origins`, `languages` and `publishers` each, where given, must hold too.
    """

    id: str
    name: str | None = None
    severity: Severity = "info"
    query: str | None = None
    entities: tuple[str, ...] = ()
    origins: tuple[Origin, ...] = ()
    languages: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    enabled: bool = True


# --- parts that the messages share ---------------------------------------------------------------------------------


class Span(Message, frozen=True, kw_only=True):
    """A half-open range of code points."""

    start: int
    end: int


class Evidence(Message, frozen=True, kw_only=True):
    """One named reason for a decision; a positive `weight` (log-odds) speaks for it. `start` is where it was seen."""

    name: str
    weight: float
    start: int | None = None


class LanguageSegment(Message, frozen=True, kw_only=True):
    """A stretch of a text in one language."""

    start: int
    end: int
    tag: str
    confidence: float


class Language(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What language a text is in: an ISO 639 code or `und`; `confidence` in 0..1 is the probability that the tag is right.

    `segments` is filled only for a comment that mixes languages.
    """

    tag: str
    confidence: float
    method: str
    segments: tuple[LanguageSegment, ...] = ()


class Entity(Message, frozen=True, kw_only=True):
    """A name in the text beside it. `name` is canonical; `id` a Wikidata `Q...`, a watch list's own id, or None."""

    start: int
    end: int
    surface: str
    type: EntityType
    name: str
    id: str | None = None
    confidence: float = 1.0
    evidence: tuple[str, ...] = ()


class InfoSource(Message, frozen=True, kw_only=True):
    """An agency or site that the article itself names as its source."""

    name: str
    url: str | None = None


class Split(Message, frozen=True, kw_only=True):
    """How the page was split; `confidence` in 0..1 is the probability that the boundary is exact."""

    method: str
    confidence: float
    evidence: tuple[Evidence, ...] = ()


class Author(Message, frozen=True, kw_only=True):
    """Who signed a comment, and where the name was read: `header` (a line or element of its own) or `sign_off`."""

    name: str
    source: Literal["header", "sign_off"]


class Quote(Message, frozen=True, kw_only=True):
    """A stretch of a comment's `text` (start, end) that repeats one of the article's `body` (article_start, article_end)."""

    start: int
    end: int
    article_start: int
    article_end: int


class Flags(Message, frozen=True, kw_only=True):
    """Marks of register that moderators ask for."""

    all_caps: bool = False
    masked_profanity: tuple[Span, ...] = ()


class PipelineInfo(Message, frozen=True, kw_only=True):
    """What produced an event: vigie's version and each model's."""

    version: str
    models: dict[str, str]


# --- what goes out -------------------------------------------------------------------------------------------------


class Article(Message, frozen=True, kw_only=True):
    """The article of a page (topic articles.enriched).

    `body_spans` point into the raw `content` for plain text and into the extracted text for HTML; `body` is these pieces joined by
    a line feed. `revision` hashes the content; `fingerprint` is a 64-bit simhash of the body in hex. `extra` holds what stages of
    your own say of it, by their names, and is absent without any.
    """

    id: str
    revision: str
    url: str
    canonical_url: str
    headline: str | None
    headline_entities: tuple[Entity, ...]
    body: str
    body_spans: tuple[Span, ...]
    language: Language
    entities: tuple[Entity, ...]
    info_sources: tuple[InfoSource, ...]
    comment_count: int
    fingerprint: str
    split: Split
    published_at: Moment | None
    fetched_at: Moment | None
    publisher: Publisher | None
    pipeline: PipelineInfo
    author: str | None = None
    extra: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET


class Comment(Message, frozen=True, kw_only=True):
    """A reader's comment (topic comments.enriched). `position` counts from 0; `reply_to` is another comment's id.

    `extra` as an article's.
    """

    id: str
    article_id: str
    article_url: str
    position: int
    text: str
    spans: tuple[Span, ...]
    author: Author | None
    published_at: Moment | None
    reply_to: str | None
    language: Language
    entities: tuple[Entity, ...]
    quotes: tuple[Quote, ...]
    urls: tuple[Span, ...]
    flags: Flags
    split_confidence: float
    extra: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET


class RuleRef(Message, frozen=True, kw_only=True):
    """The rule that fired, as it was then."""

    id: str
    version: str
    name: str
    severity: Severity


class Match(Message, frozen=True, kw_only=True):
    """What made a rule fire: `start`, `end` point into the field of the document (its text is the body or the comment)."""

    term: str
    field: Literal["headline", "text"]
    start: int
    end: int
    surface: str


class Alert(Message, frozen=True, kw_only=True):
    """A rule that fired on a document (topic alerts). `id` hashes rule id, rule version and document id.

    `language` is the document's, `publisher` the page's.
    """

    id: str
    rule: RuleRef
    document_id: str
    article_id: str
    article_url: str
    origin: Origin
    matches: tuple[Match, ...]
    snippet: str
    event_time: Moment | None
    language: Language | None = None
    publisher: Publisher | None = None


class Enriched(Message, frozen=True, kw_only=True):
    """Everything that one page becomes."""

    article: Article
    comments: tuple[Comment, ...]
    alerts: tuple[Alert, ...]
