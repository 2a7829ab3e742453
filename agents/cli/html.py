"""Self-contained HTML of what vigie made of pages: everything escaped, no script, no request to anywhere."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from pathlib import Path

from agents.cli import address
from agents.cli.filters import Filter, Name, name_of
from agents.cli.index import Index
from agents.cli.marks import Mark, escaped, excerpt, marked, texts_of
from agents.cli.style import document
from pipeline.enrich import mentions
from pipeline.events import Alert, Article, Comment, Enriched, Entity, Language

_KINDS = {"PER": "persons", "ORG": "organisations", "LOC": "places"}
_WIKIDATA = re.compile(r"Q[1-9][0-9]*")


def write_pages(pages: Iterable[Enriched], out: Path) -> Path:
    """Write one file for one page, or a folder with an index for several; answers the path to open."""
    rest = iter(pages)
    first = list(islice(rest, 2))
    if len(first) == 1:
        out.write_text(render(first[0]), encoding="utf-8")
        return out
    out.mkdir(parents=True, exist_ok=True)
    listing = Index()
    for number, page in enumerate(chain(first, rest), 1):
        name = f"page-{number}.html"
        (out / name).write_text(render(page), encoding="utf-8")
        listing.add(name, page)
    index = out / "index.html"
    index.write_text(listing.render(), encoding="utf-8")
    return index


def render(page: Enriched) -> str:
    """Render a page as one HTML document."""
    article = page.article
    filters = Filter.of_page(page)
    numbers = {each.id: each.position + 1 for each in page.comments}
    comments = "".join(_comment(each, numbers, filters) for each in page.comments)
    content = (
        '<nav aria-label="Skip"><a class="skip" href="#comments">To the comments</a>'
        '<a class="skip" href="#names">To the names</a></nav>'
        f"<main>{_head(article)}{_alerts(page, numbers)}{_body(page, filters)}{_boundary(page)}"
        f'<h2 id="comments">{_count(len(page.comments), "comment")}</h2>{filters.controls() if page.comments else ""}'
        f'<div class="comments">{comments}</div>{_names(page)}{_evidence(article)}</main>'
    )
    return document(article.headline or address.readable(article.url), content, article.language.tag, filters.style())


# --- parts of a page -----------------------------------------------------------------------------------------------


def _head(article: Article) -> str:
    headline = (
        marked(article.headline, map(_entity, article.headline_entities))
        if article.headline
        else escaped(address.readable(article.url))
    )
    facts = [_link(article.url), f"language {_language(article.language)}"]
    facts += [f"source {escaped(source.name)}" for source in article.info_sources]
    facts += [f"by {escaped(article.author)}"] if article.author else []
    facts += [f"published {article.published_at:%Y-%m-%d %H:%M}"] if article.published_at else []
    legend = "".join(f'<li><mark class="{kind}">{word}</mark>' for kind, word in _KINDS.items())
    legend += '<li><span class="quoted">quoted below</span><li><s class="mask">masked word</s>'
    return f'<h1>{headline}</h1><p class="facts">{" · ".join(facts)}</p><ul class="legend" aria-label="Legend">{legend}</ul>'


def _body(page: Enriched, filters: Filter) -> str:
    """Return the article's text, each stretch that a comment quotes as the target of that comment's link."""
    article = page.article
    quoted = [
        Mark(quote.article_start, quote.article_end, _quoted(comment), "</span>", _quote_id(comment, number))
        for comment in page.comments
        for number, quote in enumerate(comment.quotes)
    ]
    names = (_entity(each, filters.of(each)) for each in article.entities)
    return _paragraphs(marked(article.body, [*quoted, *names], "</p><p>"), article.language)


def _boundary(page: Enriched) -> str:
    """Return the line between the article and what follows, with how sure vigie is of it."""
    split = page.article.split
    what = "The article ends here" if page.comments else "No comments were found"
    return f'<p class="boundary"><a href="#why">{what}: {split.confidence:.0%} sure. Why?</a></p>'


def _quoted(comment: Comment) -> str:
    return f'<span class="quoted" title="quoted in comment {comment.position + 1}"'


def _comment(comment: Comment, numbers: Mapping[str, int], filters: Filter) -> str:
    facts = [f"<b>{escaped(comment.author.name)}</b>"] if comment.author else []
    facts += [f"{comment.published_at:%Y-%m-%d %H:%M}"] if comment.published_at else []
    facts.append(_language(comment.language))
    if answered := numbers.get(comment.reply_to or ""):
        facts.append(f'replies to <a href="#comment-{answered}">#{answered}</a>')
    facts += [f'<a href="#{_quote_id(comment, number)}">quotes the article</a>' for number in range(len(comment.quotes))]
    flags = (("all capitals", comment.flags.all_caps), ("masked words", comment.flags.masked_profanity))
    facts += [f'<span class="flag">{name}</span>' for name, holds in flags if holds]
    marks = [Mark(quote.start, quote.end, '<span class="quote"', "</span>") for quote in comment.quotes]
    marks += [Mark(mask.start, mask.end, '<s class="mask"', "</s>") for mask in comment.flags.masked_profanity]
    marks += [_entity(each, filters.of(each)) for each in comment.entities]
    kinds = " ".join(["comment", *(["reply"] if comment.reply_to in numbers else []), *filters.classes(comment)])
    number = comment.position + 1
    return (
        f'<section class="{kinds}" id="comment-{number}" aria-labelledby="title-{number}">'
        f'<h3 id="title-{number}">#{number}</h3> <p class="facts">{" · ".join(facts)}</p>'
        f"{_paragraphs(marked(comment.text, marks, '</p><p>'), comment.language)}</section>"
    )


def _alerts(page: Enriched, numbers: Mapping[str, int]) -> str:
    texts = texts_of(page.article, page.comments)
    return "".join(_alert(each, numbers.get(each.document_id), texts.get(each.document_id, ())) for each in page.alerts)


def _alert(alert: Alert, comment: int | None, texts: Iterable[str]) -> str:
    severity = escaped(alert.rule.severity)
    surfaces = ", ".join(dict.fromkeys(escaped(match.surface) for match in alert.matches))
    where = f'<a href="#comment-{comment}">comment {comment}</a>' if comment else f"the {escaped(alert.origin)}"
    return (
        f'<div role="note" class="alert {severity}"><strong>{severity}: {escaped(alert.rule.name)}</strong> '
        f"in {where}, for {surfaces}<br>{escaped(excerpt(alert.snippet, texts))}</div>"
    )


def _names(page: Enriched) -> str:
    """Return every name of the page by type, with how often it stands there and a link where its Wikidata id is known."""
    counts = Counter(map(name_of, mentions(page)))
    rows = "".join(
        f'<tr><th scope="row"><mark class="{kind}">{word}</mark><td>{", ".join(_listed(kind, counts))}'
        for kind, word in _KINDS.items()
        if any(found[0] == kind for found in counts)
    )
    return f'<h2 id="names">Who and what is named</h2><table class="names"><tbody>{rows}</tbody></table>' if rows else ""


def _listed(kind: str, counts: Counter[Name]) -> Iterator[str]:
    for (found, name, qid), count in counts.most_common():
        if found == kind:
            item = wikidata(qid)
            shown = f'<a href="{item}" rel="noreferrer">{escaped(name)}</a>' if item else escaped(name)
            yield shown + (f" <small>× {count}</small>" if count > 1 else "")


def _evidence(article: Article) -> str:
    """Return the reasons for the boundary, the weightiest first, as bars to the right (for it) or to the left (against it)."""
    found = sorted(article.split.evidence, key=lambda each: -abs(each.weight))
    if not found:
        why = f"{article.split.confidence:.0%} sure, by {escaped(article.split.method)}."
        return f'<h2 id="why">Why the article ends where it does</h2><p class="facts">{why}</p>'
    most = max(abs(each.weight) for each in found) or 1.0
    rows = "".join(
        f'<tr><th scope="row">{escaped(each.name.replace("_", " "))}<td>{each.weight:+.2f}'
        f'<td class="bar"><i class="{"for" if each.weight > 0 else "against"}" style="width:{abs(each.weight) / most:.0%}"></i>'
        for each in found
    )
    how = f"{article.split.confidence:.0%} sure, by {escaped(article.split.method)}; the weights are log-odds."
    table = f'<table class="evidence"><tbody>{rows}</tbody></table>'
    return f'<h2 id="why">Why the article ends where it does</h2><p class="facts">{how}</p>{table}'


# --- small pieces --------------------------------------------------------------------------------------------------


def wikidata(qid: str | None) -> str | None:
    """The address of a Wikidata item; None for an id of another kind."""
    return f"https://www.wikidata.org/wiki/{qid}" if qid and _WIKIDATA.fullmatch(qid) else None


def _entity(entity: Entity, number: str = "") -> Mark:
    title = escaped(f"{entity.type}: {entity.name}" + (f" ({entity.id})" if entity.id else ""))
    opening = f'<mark class="{entity.type}{" " if number else ""}{number}" title="{title}"'
    if item := wikidata(entity.id):
        return Mark(entity.start, entity.end, f'{opening}><a href="{item}" rel="noreferrer"', "</a></mark>")
    return Mark(entity.start, entity.end, opening, "</mark>")


def _quote_id(comment: Comment, number: int) -> str:
    return f"quote-{comment.position + 1}-{number + 1}"


def _paragraphs(content: str, language: Language) -> str:
    return f'<div class="body" lang="{escaped(language.tag)}"><p>{content}</p></div>'


def _language(language: Language) -> str:
    return f"{escaped(language.tag)} {language.confidence:.0%}"


def _link(url: str) -> str:
    if address.is_made_up(url) or not url.startswith(("http://", "https://")):
        return escaped(address.readable(url))
    return f'<a href="{escaped(url)}" rel="noreferrer">{escaped(url)}</a>'


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
