"""Self-contained HTML of what vigie made of pages: everything escaped, no script, no request to anywhere."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path

from agents.cli.marks import Mark, escaped, marked
from agents.cli.style import STYLE
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
    rows = []
    for number, page in enumerate(chain(first, rest), 1):
        name = f"page-{number}.html"
        (out / name).write_text(render(page), encoding="utf-8")
        rows.append(_index_row(name, page))
    head = "<thead><tr><th>page<th>language<th>comments<th>alerts<th>boundary</thead>"
    index = out / "index.html"
    content = f'<main><h1>{len(rows):,} pages</h1><table class="index">{head}<tbody>{"".join(rows)}</tbody></table></main>'
    index.write_text(_document("vigie", content, "en"), encoding="utf-8")
    return index


def render(page: Enriched) -> str:
    """Render a page as one HTML document."""
    article = page.article
    comments = "".join(_comment(each) for each in page.comments)
    content = (
        f"<main>{_head(article)}{_alerts(page.alerts)}{_body(page)}<h2>{_count(len(page.comments), 'comment')}</h2>{comments}"
        f"{_names(page)}{_evidence(article)}</main>"
    )
    return _document(article.headline or article.url, content, article.language.tag)


# --- parts of a page -----------------------------------------------------------------------------------------------


def _head(article: Article) -> str:
    headline = marked(article.headline, map(_entity, article.headline_entities)) if article.headline else escaped(article.url)
    facts = [_link(article.url), f"language {_language(article.language)}"]
    facts += [f"source {escaped(source.name)}" for source in article.info_sources]
    facts += [f"by {escaped(article.author)}"] if article.author else []
    facts += [f"published {article.published_at:%Y-%m-%d %H:%M}"] if article.published_at else []
    legend = "".join(f'<li><mark class="{kind}">{word}</mark>' for kind, word in _KINDS.items())
    legend += '<li><span class="quoted">quoted below</span><li><s class="mask">masked word</s>'
    return f'<h1>{headline}</h1><p class="facts">{" · ".join(facts)}</p><ul class="legend" aria-label="Legend">{legend}</ul>'


def _body(page: Enriched) -> str:
    """Return the article's text, each stretch that a comment quotes as the target of that comment's link."""
    article = page.article
    quoted = [
        Mark(quote.article_start, quote.article_end, _quoted(comment), "</span>", _quote_id(comment, number))
        for comment in page.comments
        for number, quote in enumerate(comment.quotes)
    ]
    return _paragraphs(marked(article.body, [*quoted, *map(_entity, article.entities)], "</p><p>"), article.language)


def _quoted(comment: Comment) -> str:
    return f'<span class="quoted" title="quoted in comment {comment.position + 1}"'


def _comment(comment: Comment) -> str:
    facts = [f"#{comment.position + 1}"]
    facts += [f"<b>{escaped(comment.author.name)}</b>"] if comment.author else []
    facts += [f"{comment.published_at:%Y-%m-%d %H:%M}"] if comment.published_at else []
    facts.append(_language(comment.language))
    flags = (("all capitals", comment.flags.all_caps), ("masked words", comment.flags.masked_profanity), ("quotes", comment.quotes))
    facts += [f'<span class="flag">{name}</span>' for name, holds in flags if holds]
    marks = [
        Mark(
            quote.start,
            quote.end,
            f'<a class="quote" href="#{_quote_id(comment, number)}" title="where the article says it"',
            "</a>",
        )
        for number, quote in enumerate(comment.quotes)
    ]
    marks += [Mark(mask.start, mask.end, '<s class="mask"', "</s>") for mask in comment.flags.masked_profanity]
    text = marked(comment.text, [*marks, *map(_entity, comment.entities)], "</p><p>")
    return (
        f'<section class="comment" id="comment-{comment.position + 1}" aria-label="Comment {comment.position + 1}">'
        f'<p class="facts">{" · ".join(facts)}</p>{_paragraphs(text, comment.language)}</section>'
    )


def _alerts(alerts: Iterable[Alert]) -> str:
    return "".join(map(_alert, alerts))


def _alert(alert: Alert) -> str:
    severity = escaped(alert.rule.severity)
    surfaces = ", ".join(dict.fromkeys(escaped(match.surface) for match in alert.matches))
    return (
        f'<aside class="alert {severity}"><strong>{severity}: {escaped(alert.rule.name)}</strong> '
        f"in the {escaped(alert.origin)}, for {surfaces}<br>{escaped(alert.snippet)}</aside>"
    )


def _names(page: Enriched) -> str:
    """Return every name of the page by type, with how often it stands there and a link where its Wikidata id is known."""
    article = page.article
    every = chain(article.headline_entities, article.entities, *(comment.entities for comment in page.comments))
    counts = Counter((str(each.type), each.name, each.id) for each in every)
    rows = "".join(
        f'<tr><th scope="row"><mark class="{kind}">{word}</mark><td>{", ".join(_listed(kind, counts))}'
        for kind, word in _KINDS.items()
        if any(found[0] == kind for found in counts)
    )
    return f'<h2>Who and what is named</h2><table class="names"><tbody>{rows}</tbody></table>' if rows else ""


def _listed(kind: str, counts: Counter[tuple[str, str, str | None]]) -> Iterator[str]:
    for (found, name, qid), count in counts.most_common():
        if found == kind:
            known = qid is not None and _WIKIDATA.fullmatch(qid)
            shown = (
                f'<a href="https://www.wikidata.org/wiki/{qid}" rel="noreferrer">{escaped(name)}</a>' if known else escaped(name)
            )
            yield shown + (f" <small>× {count}</small>" if count > 1 else "")


def _evidence(article: Article) -> str:
    """Return the reasons for the boundary, the weightiest first, as bars to the right (for it) or to the left (against it)."""
    found = sorted(article.split.evidence, key=lambda each: -abs(each.weight))
    if not found:
        return ""
    most = max(abs(each.weight) for each in found) or 1.0
    rows = "".join(
        f'<tr><th scope="row">{escaped(each.name.replace("_", " "))}<td>{each.weight:+.2f}'
        f'<td class="bar"><i class="{"for" if each.weight > 0 else "against"}" style="width:{abs(each.weight) / most:.0%}"></i>'
        for each in found
    )
    how = f"{article.split.confidence:.0%} sure, by {escaped(article.split.method)}; the weights are log-odds."
    table = f'<table class="evidence"><tbody>{rows}</tbody></table>'
    return f'<h2>Why the article ends where it does</h2><p class="facts">{how}</p>{table}'


# --- small pieces --------------------------------------------------------------------------------------------------


def _entity(entity: Entity) -> Mark:
    title = escaped(f"{entity.type}: {entity.name}" + (f" ({entity.id})" if entity.id else ""))
    return Mark(entity.start, entity.end, f'<mark class="{entity.type}" title="{title}"', "</mark>")


def _quote_id(comment: Comment, number: int) -> str:
    return f"quote-{comment.position + 1}-{number + 1}"


def _paragraphs(content: str, language: Language) -> str:
    return f'<div class="body" lang="{escaped(language.tag)}"><p>{content}</p></div>'


def _language(language: Language) -> str:
    return f"{escaped(language.tag)} {language.confidence:.0%}"


def _link(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        return escaped(url)
    return f'<a href="{escaped(url)}" rel="noreferrer">{escaped(url)}</a>'


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _index_row(name: str, page: Enriched) -> str:
    article = page.article
    return (
        f'<tr><td><a href="{name}">{escaped(article.headline or article.url)}</a><td>{escaped(article.language.tag)}'
        f"<td>{len(page.comments)}<td>{len(page.alerts)}<td>{article.split.confidence:.0%}"
    )


def _document(title: str, content: str, tag: str) -> str:
    policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    return (
        f'<!doctype html><html lang="{escaped(tag)}"><head><meta charset="utf-8"><title>{escaped(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f"<style>{STYLE}</style></head><body>{content}</body></html>\n"
    )
