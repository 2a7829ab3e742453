"""HTML: comments first, by their containers; then the article; one text with spans into it."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from pipeline.events import Evidence
from pipeline.split import html_body
from pipeline.split.html_comments import Draft, harvest
from pipeline.split.html_dom import Tree, parse
from pipeline.split.html_metadata import Claims, comments_of
from pipeline.split.html_siblings import harvest_siblings
from pipeline.split.html_threads import author_of, date_of, replies
from pipeline.split.layout import Kind, Layout, Metadata, Segment
from pipeline.split.plain import split_text
from pipeline.text import fold


class _Worth(NamedTuple):
    """What a way of finding comments is worth: the probability that the boundary is exact, and log-odds for the evidence."""

    confidence: float
    weight: float


_WORTH = {
    "schema_org_comment": _Worth(0.95, 2.9),
    "comment_id": _Worth(0.93, 2.6),
    "comment_class": _Worth(0.9, 2.2),
    "comment_zone": _Worth(0.85, 1.7),
    "json_ld_comment": _Worth(0.85, 1.7),
    "dated_siblings": _Worth(0.75, 1.1),
}
_ALONE = _Worth(0.8, 1.4)  # an article, and nothing that looks like comments
_EMPTY = _Worth(0.5, 0.0)
# How sure the plain splitter must be of comments that the markup does not show; surer where the markup marks the article.
_SURE, _SURER = 0.9, 0.99
_ABOVE, _TITLE = 8, 12  # lines in which the headline is looked for, and its least length
_ARTICLE = "article, [itemprop=articleBody]"


class _Found(NamedTuple):
    """Comments, and the name of the evidence that gave them."""

    drafts: list[Draft]
    name: str


def split_html(content: str, *, url: str = "", now: datetime | None = None) -> Layout:
    """The layout of an HTML page; offsets are into the text that was extracted. `now` is what relative dates count from.

    Never an exception, whatever the markup; a page without text gives an empty text without segments.
    """
    page = parse(content)
    claims = Claims(page)
    metadata = claims.metadata(url)
    found = _comments(page, claims, now)
    body = html_body.extract(page)
    if not found.drafts:
        return _bare(page, body, metadata, now)
    known = {fold(line) for draft in found.drafts for line in draft.text.splitlines()}
    draft = _Draughtsman(metadata.headline or "")
    draft.article([line for line in body if fold(line) not in known])
    first = draft.comments(found.drafts, _WORTH[found.name].confidence, now)
    return Layout(
        text=draft.text,
        segments=tuple(draft.segments),
        method="html_comments",
        confidence=_WORTH[found.name].confidence,
        evidence=(Evidence(name=found.name, weight=_WORTH[found.name].weight, start=first),),
        metadata=metadata,
    )


def _comments(page: Tree, claims: Claims, now: datetime | None) -> _Found:
    """The comments by the surest way that finds any: containers, dated siblings, JSON-LD."""
    if drafts := harvest(page, now):
        kinds = {draft.kind for draft in drafts}
        return _Found(drafts, next((name for name in _WORTH if name in kinds), "comment_zone"))
    if drafts := harvest_siblings(page, now):
        return _Found(drafts, "dated_siblings")
    return _Found(comments_of(claims.objects), "json_ld_comment")


def _bare(page: Tree, body: Sequence[str], metadata: Metadata, now: datetime | None) -> Layout:
    """A page whose markup shows no comments: its text may still hold some, if the plain splitter is sure of it."""
    draft = _Draughtsman(metadata.headline or "")
    draft.article(body)
    plain = split_text(draft.text, now=now)
    told = page.css_first(_ARTICLE) is not None
    if any(segment.kind == "comment" for segment in plain.segments) and plain.confidence >= (_SURER if told else _SURE):
        return msgspec.structs.replace(plain, method="html_plain", metadata=metadata)
    worth = _ALONE if draft.segments else _EMPTY
    name = "article_alone" if draft.segments else "no_text"
    evidence = (Evidence(name=name, weight=worth.weight),)
    return Layout(
        text=draft.text,
        segments=tuple(draft.segments),
        method="html_body",
        confidence=worth.confidence,
        evidence=evidence,
        metadata=metadata,
    )


class _Draughtsman:
    """Sets lines one under the other and notes which is what."""

    def __init__(self, headline: str) -> None:
        self.segments: list[Segment] = []
        self._headline = fold(headline)
        self._lines: list[str] = []
        self._length = 0

    @property
    def text(self) -> str:
        """All lines so far."""
        return "\n".join(self._lines)

    def article(self, lines: Sequence[str]) -> None:
        """The article in one piece; its headline, which the metadata has, and what stands above it are furniture."""
        opening = [at for at, line in enumerate(lines[:_ABOVE]) if len(line) > _TITLE and fold(line) in self._headline]
        below = opening[-1] + 1 if opening and opening[-1] + 1 < len(lines) else 0
        parts: list[tuple[Kind, Sequence[str]]] = [("chrome", lines[:below]), ("article", lines[below:])]
        for kind, part in parts:
            if part:
                self._add(kind, "\n".join(part))

    def comments(self, drafts: Sequence[Draft], confidence: float, now: datetime | None) -> int | None:
        """Each comment under its header; the offset of the first."""
        first = None
        authors = [author_of(draft) for draft in drafts]
        for draft, author, answered in zip(drafts, authors, replies(drafts, authors), strict=True):
            if draft.header:
                self._add("chrome", " · ".join(draft.header))
            start = self._add("comment", draft.text)
            details = {"author": author, "published_at": date_of(draft, now), "reply_to": answered, "confidence": confidence}
            self.segments[-1] = msgspec.structs.replace(self.segments[-1], **details)
            first = start if first is None else first
        return first

    def _add(self, kind: Kind, text: str) -> int:
        start = self._length
        self._lines.append(text)
        self.segments.append(Segment(kind=kind, start=start, end=start + len(text)))
        self._length += len(text) + 1
        return start
