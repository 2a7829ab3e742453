"""A self-contained HTML page of what vigie made of a page: everything escaped, no script, no request."""

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from pipeline.events import Article, Comment, Enriched, Entity, Language

_STYLE = """
:root { color-scheme: light dark; --per: #8e24aa; --org: #00697a; --loc: #2e6b1f; }
@media (prefers-color-scheme: dark) { :root { --per: #e1a6f0; --org: #7fd6e6; --loc: #a5d694; } }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
.facts, figcaption { font-size: .85rem; opacity: .8; }
.body p { margin: .4rem 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.comment { border-left: 3px solid; padding-left: 1rem; margin: 1.2rem 0; }
mark { background: none; color: inherit; border-bottom: 2px solid; font-weight: 600; }
mark.PER { border-color: var(--per); } mark.ORG { border-color: var(--org); } mark.LOC { border-color: var(--loc); }
.alert { border: 2px solid #b3261e; padding: .5rem 1rem; margin: 1rem 0; }
table { border-collapse: collapse; font-size: .85rem; } td { padding: .1rem .8rem .1rem 0; }
"""


def write_pages(pages: Sequence[Enriched], out: Path) -> Path:
    """Write one file for one page, or a folder with an index for several; answers the path to open."""
    if len(pages) == 1:
        out.write_text(render(pages[0]), encoding="utf-8")
        return out
    out.mkdir(parents=True, exist_ok=True)
    rows = []
    for number, page in enumerate(pages, 1):
        name = f"page-{number}.html"
        (out / name).write_text(render(page), encoding="utf-8")
        title = escape(page.article.headline or page.article.url)
        rows.append(f'<li><a href="{name}">{title}</a> — {len(page.comments)} comments, {len(page.alerts)} alerts</li>')
    index = out / "index.html"
    index.write_text(_document("vigie", f"<h1>{len(pages)} pages</h1><ol>{''.join(rows)}</ol>", "en"), encoding="utf-8")
    return index


def render(page: Enriched) -> str:
    """Render a page as one HTML document."""
    article = page.article
    title = article.headline or article.url
    alerts = "".join(
        f'<div class="alert"><strong>{escape(each.rule.severity)}: {escape(each.rule.name)}</strong> ({each.origin})<br>'
        f"{escape(each.snippet)}</div>"
        for each in page.alerts
    )
    comments = "".join(_comment(each) for each in page.comments)
    content = f"<main>{_article(article)}{alerts}<h2>{len(page.comments)} comments</h2>{comments}{_evidence(article)}</main>"
    return _document(title, content, _tag(article.language))


def _article(article: Article) -> str:
    headline = _marked(article.headline, article.headline_entities) if article.headline else escape(article.url)
    sources = ", ".join(escape(each.name) for each in article.info_sources) or "none named"
    facts = (
        f"{escape(article.url)} · language {_language(article.language)} · sources: {sources} · "
        f"boundary {article.split.confidence:.0%} ({escape(article.split.method)})"
    )
    paragraphs = _marked(article.body, article.entities).replace("\n", "</p><p>")
    tag = _tag(article.language)
    return f'<h1>{headline}</h1><p class="facts">{facts}</p><div class="body" lang="{tag}"><p>{paragraphs}</p></div>'


def _comment(comment: Comment) -> str:
    author = f" · {escape(comment.author.name)}" if comment.author else ""
    marks = [name for name, holds in (("all capitals", comment.flags.all_caps), ("quotes the article", comment.quotes)) if holds]
    facts = f"#{comment.position + 1}{author} · {_language(comment.language)}" + "".join(f" · {each}" for each in marks)
    text = _marked(comment.text, comment.entities).replace("\n", "</p><p>")
    tag = _tag(comment.language)
    return f'<section class="comment"><p class="facts">{facts}</p><div class="body" lang="{tag}"><p>{text}</p></div></section>'


def _evidence(article: Article) -> str:
    rows = "".join(f"<tr><td>{escape(each.name)}</td><td>{each.weight:+.2f}</td></tr>" for each in article.split.evidence)
    return f"<h2>Why the article ends where it does</h2><table>{rows}</table>" if rows else ""


def _marked(text: str, entities: Iterable[Entity]) -> str:
    """Escape a text and mark its entities; the title of a mark is the canonical name with its id."""
    pieces, last = [], 0
    for entity in sorted(entities, key=lambda each: each.start):
        name = escape(f"{entity.name} ({entity.id})" if entity.id else entity.name)
        pieces += [escape(text[last : entity.start]), f'<mark class="{entity.type}" title="{entity.type}: {name}">']
        pieces += [escape(text[entity.start : entity.end]), "</mark>"]
        last = entity.end
    return "".join([*pieces, escape(text[last:])])


def _language(language: Language) -> str:
    return f"{escape(language.tag)} {language.confidence:.0%}"


def _tag(language: Language) -> str:
    return escape(language.tag)


def _document(title: str, content: str, tag: str) -> str:
    return (
        f'<!doctype html><html lang="{tag}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<style>{_STYLE}</style></head><body>{content}</body></html>\n"
    )
