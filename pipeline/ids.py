"""Deterministic ids: the same page gives the same ids, whenever and wherever it is processed.

An id is 128 bits of BLAKE2b in hex over length-prefixed parts, so that no two lists of parts run together.
"""

from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b

import msgspec

from pipeline.events import RawArticle, WatchRule

_BYTES = 16
_rule_json = msgspec.json.Encoder(order="deterministic")


def digest(*parts: str) -> str:
    """Hash text parts to 32 hex digits."""
    state = blake2b(digest_size=_BYTES)
    for part in parts:
        data = part.encode("utf-8")
        state.update(len(data).to_bytes(8, "big") + data)
    return state.hexdigest()


def article_id(canonical_url: str) -> str:
    """Id of the article at a canonical URL."""
    return digest("article", canonical_url)


def revision(raw: RawArticle) -> str:
    """Hash of what a reader sees of a page: it changes with the content or the headline, not with the time of the crawl."""
    return digest("revision", raw.content_type, raw.headline or "", raw.content)


def comment_ids(article: str, folded: Sequence[str]) -> list[str]:
    """Ids of a page's comments, from the article's id, each one's text (folded) and its ordinal among identical ones.

    A comment keeps its id when the page is crawled again with more comments above it.
    """
    seen: Counter[str] = Counter()
    ids = []
    for text in folded:
        words = " ".join(text.split())
        ids.append(digest("comment", article, words, str(seen[words])))
        seen[words] += 1
    return ids


def rule_version(rule: WatchRule) -> str:
    """Hash of a rule's content: any change of the rule gives another version."""
    return digest("rule", _rule_json.encode(rule).decode("utf-8"))


def alert_id(rule_id: str, version: str, document_id: str) -> str:
    """Id of an alert: the same after a replay."""
    return digest("alert", rule_id, version, document_id)
