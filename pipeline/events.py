"""The messages that vigie reads and writes.

Frozen structs: validated once, by the codec, and trusted from there on. A field has the same name in Python, JSON, the docs and
the metrics. Every offset counts Unicode code points, and `text[start:end]` is what a span points at. What a field means stands
beside it, and goes from here into the JSON Schemas and docs/reference/events.md.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

ContentType = Literal["text/plain", "text/html"]
EntityType = Literal["PER", "ORG", "LOC"]
Severity = Literal["info", "warning", "critical"]
Origin = Literal["article", "comment"]


def says(meaning: str) -> msgspec.Meta:
    """What a field means, in one sentence, for whoever reads the schema."""
    return msgspec.Meta(description=meaning)


Moment = Annotated[datetime, msgspec.Meta(tz=True)]  # RFC 3339 in JSON; never without a zone
Confidence = Annotated[float, says("Probability of being right, 0 to 1.")]
Start = Annotated[int, says("Where it begins, in code points.")]
End = Annotated[int, says("Where it ends: the code point after its last.")]
Extra = Annotated[dict[str, Any] | msgspec.UnsetType, says("What stages of your own say, by their names; absent without any.")]
Url = Annotated[str, says("Address of the page, as the crawler gave it.")]


class Message(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Base of every message: immutable, fields by keyword only, unknown fields ignored when read.

    No message can be part of a cycle, so the garbage collector need not look at any (gc=False).
    """


# --- what comes in -------------------------------------------------------------------------------------------------


class Publisher(Message, frozen=True, kw_only=True):
    """Who published the page."""

    name: Annotated[str | None, says("Name that readers know it by.")] = None
    domain: Annotated[str | None, says("Domain of the site, such as example.org.")] = None
    country: Annotated[str | None, says("ISO 3166-1 alpha-2 code.")] = None


class Crawler(Message, frozen=True, kw_only=True):
    """Which crawler fetched the page."""

    name: Annotated[str | None, says("Name of the program.")] = None
    version: Annotated[str | None, says("Its version.")] = None


class RawArticle(Message, frozen=True, kw_only=True):
    """A page as a crawler saw it (topic articles.raw). Times without a zone are UTC, a date alone is its midnight."""

    url: Annotated[str, says("Address of the page, http or https; make it the record's key, too.")]
    content: Annotated[str, says("The page: its text, or its HTML, with article and comments.")]
    content_type: Annotated[ContentType, says("What `content` is.")] = "text/plain"
    headline: Annotated[str | None, says("Headline, where the crawler has it apart from `content`.")] = None
    published_at: Annotated[Moment | None, says("When the article was published.")] = None
    fetched_at: Annotated[Moment | None, says("When the crawler fetched the page.")] = None
    publisher: Annotated[Publisher | None, says("Who published the page.")] = None
    author: Annotated[str | None, says("Who wrote the article.")] = None
    language_hint: Annotated[str | None, says("Language by the crawler's word; not used: vigie goes by the text.")] = None
    crawler: Annotated[Crawler | None, says("Which crawler fetched the page.")] = None


class WatchRule(Message, frozen=True, kw_only=True):
    """What a user wants to hear about (topic watch-rules). At least one of `query` and `entities` is given."""

    id: Annotated[str, says("Id of your choice: the record's key, and `alertname` in Alertmanager.")]
    name: Annotated[str | None, says("Name for people; the id where there is none.")] = None
    severity: Annotated[Severity, says("How much it matters.")] = "info"
    query: Annotated[str | None, says("What to look for, in Lucene's syntax (docs/alerts.md).")] = None
    entities: Annotated[tuple[str, ...], says("Ids (Wikidata or your own), names or surfaces, any of which fires the rule.")] = ()
    origins: Annotated[tuple[Origin, ...], says("Only in these; empty: in both.")] = ()
    languages: Annotated[tuple[str, ...], says("Only in these languages; empty: in any.")] = ()
    publishers: Annotated[tuple[str, ...], says("Only from these, by name or domain; empty: from any.")] = ()
    enabled: Annotated[bool, says("Whether it is in force.")] = True


# --- parts that the messages share ---------------------------------------------------------------------------------


class Span(Message, frozen=True, kw_only=True):
    """A half-open range of code points."""

    start: Start
    end: End


class Evidence(Message, frozen=True, kw_only=True):
    """One named reason for a decision."""

    name: Annotated[str, says("Which reason.")]
    weight: Annotated[float, says("Log-odds: above 0 it speaks for the decision, below 0 against it.")]
    start: Annotated[int | None, says("Where it was seen, in code points; null: nowhere in particular.")] = None


class LanguageSegment(Message, frozen=True, kw_only=True):
    """A stretch of a text in one language."""

    start: Start
    end: End
    tag: Annotated[str, says("ISO 639 code.")]
    confidence: Confidence


class Language(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What language a text is in."""

    tag: Annotated[str, says("ISO 639 code, or `und` where it cannot be told.")]
    confidence: Confidence
    method: Annotated[str, says("What decided: ngram, dictionary, script, prior (the article's), none (no words), langdetect.")]
    segments: Annotated[tuple[LanguageSegment, ...], says("Stretches of a comment that mixes languages; absent otherwise.")] = ()


class Entity(Message, frozen=True, kw_only=True):
    """A person, an organisation or a place named in the text beside it."""

    start: Start
    end: End
    surface: Annotated[str, says("The name as the text has it: `text[start:end]`.")]
    type: Annotated[EntityType, says("Person, organisation or place.")]
    name: Annotated[str, says("Canonical name: the same for every way of writing it that is known.")]
    id: Annotated[str | None, says("Wikidata's `Q...`, or your watch list's own id; null where it is not known.")] = None
    confidence: Confidence = 1.0
    evidence: Annotated[tuple[str, ...], says("What found it: gazetteer, model, memory (the page's), watch_list, run.")] = ()


class InfoSource(Message, frozen=True, kw_only=True):
    """An agency or site that the article itself names as its source."""

    name: Annotated[str, says("The agency or site.")]
    url: Annotated[str | None, says("Its address, where it is known.")] = None


class Split(Message, frozen=True, kw_only=True):
    """How the page was split into article and comments."""

    method: Annotated[str, says("plain_headers, plain_bare, plain_none (no comments), html_comments, html_body, html_plain.")]
    confidence: Annotated[float, says("Probability that the article ends exactly where it should, 0 to 1.")]
    evidence: Annotated[tuple[Evidence, ...], says("The reasons, strongest first.")] = ()


class Author(Message, frozen=True, kw_only=True):
    """Who signed a comment."""

    name: Annotated[str, says("The name as it stands there, or its keyed hash under VIGIE_AUTHOR_KEY.")]
    source: Annotated[Literal["header", "sign_off"], says("Where it was read: a line or element of its own, or the text's end.")]


class Quote(Message, frozen=True, kw_only=True):
    """A stretch of a comment that repeats one of its article."""

    start: Start
    end: End
    article_start: Annotated[int, says("Where the article's words begin, in code points of its `body`.")]
    article_end: Annotated[int, says("Where they end.")]


class Flags(Message, frozen=True, kw_only=True):
    """Marks of register that moderators ask for."""

    all_caps: Annotated[bool, says("The comment is written in capitals.")] = False
    masked_profanity: Annotated[tuple[Span, ...], says("Words masked by asterisks, as in `u*****`.")] = ()


class PipelineInfo(Message, frozen=True, kw_only=True):
    """What produced an event: vigie's version and each model's."""

    version: Annotated[str, says("Version of vigie.")]
    models: Annotated[dict[str, str], says("Name and hash of each model.")]


# --- what goes out -------------------------------------------------------------------------------------------------


class Article(Message, frozen=True, kw_only=True):
    """The article of a page (topic articles.enriched)."""

    id: Annotated[str, says("Hash of the canonical URL: the same whenever the page is crawled again.")]
    revision: Annotated[str, says("Hash of content and headline: it tells whether the page has changed.")]
    url: Url
    canonical_url: Annotated[str, says("The URL without what only tracks; or what the page names on the same domain.")]
    headline: Annotated[str | None, says("Its headline: by the raw event, else by the HTML.")]
    headline_entities: Annotated[tuple[Entity, ...], says("Names in the headline; their offsets are the headline's.")]
    body: Annotated[str, says("The article without comments and furniture: the pieces of `body_spans`, joined by a line feed.")]
    body_spans: Annotated[tuple[Span, ...], says("Where the body stands in `content`; for HTML, in the text extracted from it.")]
    language: Annotated[Language, says("Language of the body.")]
    entities: Annotated[tuple[Entity, ...], says("Names in the body.")]
    info_sources: Annotated[tuple[InfoSource, ...], says("Agencies and sites that the article names as its source.")]
    comment_count: Annotated[int, says("How many comments were found: as many events in comments.enriched.")]
    fingerprint: Annotated[str, says("64-bit simhash of the body, in hex: near copies differ in few bits.")]
    split: Annotated[Split, says("How the page was split, how surely, and why.")]
    published_at: Annotated[Moment | None, says("When it was published: by the raw event, else by the HTML.")]
    fetched_at: Annotated[Moment | None, says("When the crawler fetched the page.")]
    publisher: Annotated[Publisher | None, says("Who published it: by the raw event, else by the HTML.")]
    pipeline: Annotated[PipelineInfo, says("What produced this event.")]
    author: Annotated[str | None, says("Who wrote it: by the raw event, else by the HTML.")] = None
    extra: Extra = msgspec.UNSET


class Comment(Message, frozen=True, kw_only=True):
    """A reader's comment (topic comments.enriched)."""

    id: Annotated[str, says("Hash of the article's id and the text: kept when other comments come in above it.")]
    article_id: Annotated[str, says("Id of its article.")]
    article_url: Url
    position: Annotated[int, says("Place among the page's comments, from 0.")]
    text: Annotated[str, says("What the reader wrote, without lines of author, date and buttons.")]
    spans: Annotated[tuple[Span, ...], says("Where it stands in `content`, as an article's `body_spans`.")]
    author: Annotated[Author | None, says("Who signed it; null where nobody did.")]
    published_at: Annotated[Moment | None, says("When it was written, where the page says so.")]
    reply_to: Annotated[str | None, says("Id of the comment that it answers; null where it answers none that is known.")]
    language: Annotated[Language, says("Language of the text.")]
    entities: Annotated[tuple[Entity, ...], says("Names in the text.")]
    quotes: Annotated[tuple[Quote, ...], says("What it repeats of the article.")]
    urls: Annotated[tuple[Span, ...], says("Addresses in the text.")]
    flags: Annotated[Flags, says("Marks of register that moderators ask for.")]
    split_confidence: Annotated[float, says("Probability that it begins where it should, 0 to 1.")]
    extra: Extra = msgspec.UNSET


class RuleRef(Message, frozen=True, kw_only=True):
    """The rule that fired, as it was then."""

    id: Annotated[str, says("Id of the rule.")]
    version: Annotated[str, says("Hash of the rule's content.")]
    name: Annotated[str, says("Its name, else its id.")]
    severity: Annotated[Severity, says("As the rule says.")]


class Match(Message, frozen=True, kw_only=True):
    """What made a rule fire."""

    term: Annotated[str, says("The part of the rule that matched.")]
    field: Annotated[Literal["headline", "text"], says("In the headline, or in the text: an article's body, a comment's text.")]
    start: Start
    end: End
    surface: Annotated[str, says("The words as they stand there.")]


class Alert(Message, frozen=True, kw_only=True):
    """A rule that fired on a document (topic alerts)."""

    id: Annotated[str, says("Hash of rule id, rule version and document id: the same after a replay.")]
    rule: Annotated[RuleRef, says("The rule that fired, as it was then.")]
    document_id: Annotated[str, says("Id of the article or comment that it fired on.")]
    article_id: Annotated[str, says("Id of the page's article.")]
    article_url: Url
    origin: Annotated[Origin, says("What it fired on.")]
    matches: Annotated[tuple[Match, ...], says("What matched, the first 100.")]
    snippet: Annotated[str, says("The words around the first match.")]
    event_time: Annotated[Moment | None, says("When the page was fetched; else when the comment, else the article, was published.")]
    language: Annotated[Language | None, says("Language of the document.")] = None
    publisher: Annotated[Publisher | None, says("Publisher of the page.")] = None


class Enriched(Message, frozen=True, kw_only=True):
    """Everything that one page becomes."""

    article: Annotated[Article, says("The article.")]
    comments: Annotated[tuple[Comment, ...], says("Its comments, in the order of the page.")]
    alerts: Annotated[tuple[Alert, ...], says("The alerts that it and they raised.")]
