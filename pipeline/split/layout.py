"""What a splitter answers: the text, and which stretch of it is what."""

from datetime import datetime
from typing import Literal

from pipeline.events import Author, Evidence, Message, Publisher

Kind = Literal["article", "comment", "chrome"]


class Segment(Message, frozen=True, kw_only=True):
    """One stretch of the text. A comment is one segment; the article may be several, with furniture ("chrome") between them.

    `author`, `published_at` and `reply_to` (the index of another comment, counted among the comments) belong to comments alone;
    `confidence` in 0..1 is the probability that a comment starts and ends here.
    """

    kind: Kind
    start: int
    end: int
    author: Author | None = None
    published_at: datetime | None = None
    reply_to: int | None = None
    confidence: float = 1.0


class Metadata(Message, frozen=True, kw_only=True):
    """What the markup of a page says about it; all empty for plain text. `canonical_url` is the page's own claim, unchecked."""

    headline: str | None = None
    author: str | None = None
    published_at: datetime | None = None
    publisher: Publisher | None = None
    canonical_url: str | None = None
    language_hint: str | None = None


class Layout(Message, frozen=True, kw_only=True):
    """A split page. Segments are in order, do not overlap, start and end on a non-space code point, and leave only white space
    between them: every other code point of `text` is in exactly one segment.

    `method` names the way of splitting (a closed set, a label of metrics): `plain_headers`, `plain_bare`, `plain_none`
    (no comments found), `html_comments`, `html_body`, `html_plain` (HTML whose text was split as plain text).
    `confidence` is the probability that the boundary between article and comments is exact; `evidence` names the reasons,
    strongest first.
    """

    text: str
    segments: tuple[Segment, ...]
    method: str
    confidence: float
    evidence: tuple[Evidence, ...] = ()
    metadata: Metadata = Metadata()
