"""What a page says about itself: Open Graph and other meta elements, JSON-LD, microdata, rel=canonical."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from pipeline.events import Publisher
from pipeline.split.html_comments import Draft
from pipeline.split.html_dates import find_date
from pipeline.split.html_dom import attribute, squeeze, text_of
from pipeline.split.html_vocabulary import Item
from pipeline.split.layout import Metadata

_MAX_LD = 2_000_000  # code points of one JSON-LD script
_ARTICLES = (
    "NewsArticle",
    "Article",
    "BlogPosting",
    "ReportageNewsArticle",
    "OpinionNewsArticle",
    "DiscussionForumPosting",
    "WebPage",
)
_COMMENTS = ("Comment", "UserComments", "Answer")
_LONGEST = 500


class Claims:
    """The metadata of a page, gathered once."""

    def __init__(self, page: LexborHTMLParser) -> None:
        self._page = page
        self._meta: dict[str, str] = {}
        for node in page.css("meta[content]"):
            name = attribute(node, "property") or attribute(node, "name") or attribute(node, "itemprop")
            self._meta.setdefault(name.lower(), squeeze(attribute(node, "content"))[:_LONGEST])
        self.objects = list(_objects(page))
        self._article = next((each for name in _ARTICLES for each in self.objects if name in _types(each)), {})

    def metadata(self, url: str) -> Metadata:
        """Everything that the page claims; what it does not say, or says badly, stays empty."""
        return Metadata(
            headline=self.headline() or None,
            author=self._author() or None,
            published_at=self._published_at(),
            publisher=self._publisher(),
            canonical_url=self._canonical(url),
            language_hint=self._language(),
        )

    def headline(self) -> str:
        """The title of the article: the page's own heading before what is made for sharing, before the window's title."""
        headings = [text_of(node) for node in self._page.css("h1")]
        titles = [text_of(node) for node in self._page.css("head title")]
        shared = [_text(self._article.get("headline")), self._of("og:title", "twitter:title", "dc.title")]
        # A site's name is often a heading too: one that the shared title contains is the article's.
        known = next(filter(None, [*shared, *titles]), "")
        agreed = [heading for heading in headings if heading and heading in known]
        return next(filter(None, [*agreed[:1], *shared, *(headings if len(headings) == 1 else []), *titles]), "")

    def _author(self) -> str:
        named = _text(_first(self._article.get("author")))
        written = self._of("author", "article:author", "dc.creator", "parsely-author", "sailthru.author")
        return named or ("" if written.startswith("http") else written)

    def _published_at(self) -> datetime | None:
        said = self._of(
            "article:published_time", "datepublished", "dc.date.issued", "dc.date", "date", "pubdate", "parsely-pub-date"
        )
        stamped = (attribute(node, "datetime") for node in self._page.css("time[itemprop=datePublished], time[pubdate]"))
        told = [_text(self._article.get("datePublished")), said, *stamped]
        return next(filter(None, map(find_date, told)), None)

    def _publisher(self) -> Publisher | None:
        name = _text(_first(self._article.get("publisher"))) or self._of("og:site_name", "application-name", "dc.publisher")
        return Publisher(name=name) if name else None

    def _canonical(self, url: str) -> str | None:
        links = [attribute(node, "href") for node in self._page.css("link[rel=canonical]")]
        for link in [*links, self._of("og:url")]:
            try:
                full = urljoin(url, link.strip()) if link else ""
                if urlsplit(full).scheme in ("http", "https") and urlsplit(full).hostname:
                    return full
            except ValueError:  # an address that no one can read is no claim
                continue
        return None

    def _language(self) -> str | None:
        roots = [attribute(node, "lang") for node in self._page.css("html[lang]")]
        said = [*roots, _text(self._article.get("inLanguage")), self._of("og:locale", "content-language", "language")]
        tag = next(filter(None, said), "").replace("_", "-").split("-")[0].strip().lower()
        return tag if tag.isalpha() and len(tag) in (2, 3) else None

    def _of(self, *names: str) -> str:
        return next(filter(None, (self._meta.get(name, "") for name in names)), "")


def comments_of(objects: Iterable[dict[str, Any]]) -> list[Draft]:
    """The comments that JSON-LD spells out, replies under what they answer."""
    drafts: list[Draft] = []
    found = [each for each in objects if not set(_types(each)).isdisjoint(_COMMENTS)]
    for each in found:
        text = squeeze(LexborHTMLParser(_text(each.get("text")) or "").text())
        if text:
            header = [
                line
                for line in (_text(_first(each.get("author"))), _text(each.get("dateCreated") or each.get("datePublished")))
                if line
            ]
            roles = ["author", "date"][: len(header)]
            drafts.append(Draft(depth=each["@depth"], kind=Item.SCHEMA, lines=[text], header=header, roles=roles))
    return drafts


def _objects(page: LexborHTMLParser) -> Iterator[dict[str, Any]]:
    """Every JSON-LD object of the page, nested ones too, in order; `@depth` tells how deep it was."""
    for script in page.css('script[type*="ld+json" i]'):
        source = script.text()
        try:
            stack = [(json.loads(source, strict=False), 0)] if len(source) <= _MAX_LD else []
        except (ValueError, RecursionError):  # broken JSON-LD is common and says nothing
            continue
        while stack:
            value, depth = stack.pop()
            if isinstance(value, list):
                stack.extend((each, depth) for each in reversed(value))
            elif isinstance(value, dict):
                yield value | {"@depth": depth}
                stack.extend((each, depth + 1) for each in reversed(value.values()))


def _types(thing: dict[str, Any]) -> list[str]:
    kind = thing.get("@type")
    names = kind if isinstance(kind, list) else [kind]
    return [name.rsplit("/", 1)[-1] for name in names if isinstance(name, str)]


def _first(value: Any) -> Any:  # noqa: ANN401 - JSON of any shape
    return value[0] if isinstance(value, list) and value else value


def _text(value: Any) -> str:  # noqa: ANN401 - JSON of any shape
    """A text, or the name of a thing; '' for anything else."""
    if isinstance(value, dict):
        value = value.get("name")
    value = value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else ""  # JSON can spell a lone surrogate
    return squeeze(value)[: _LONGEST * 20]
