"""Pages to measure with: like the sample, in plain text and in HTML, and of any size and number of comments."""

from pathlib import Path

import orjson

_PAGE = Path(__file__).parents[1] / "data" / "page.txt"
_BLOCK = "<p>{}</p>"
_COMMENT = (
    '<li class="comment" id="comment-{0}"><div class="comment-author vcard"><cite class="fn">Lecteur {0}</cite></div>'
    '<div class="comment-meta"><time datetime="2026-11-22T{1:02}:{2:02}:00+00:00">22 novembre 2026</time></div>'
    '<div class="comment-content"><p>{3}</p></div><div class="reply"><a href="#respond">Répondre</a></div></li>'
)
_MENU = "".join(
    f'<li class="menu-item"><a href="/rubrique/{number}"><span>Rubrique {number}</span></a></li>' for number in range(60)
)
_CARD = (
    '<div class="card"><a href="/article/{0}"><img src="/image/{0}.jpg" alt="Photo {0}">'
    '<h3 class="card-title">À lire aussi : le titre numéro {0} de la rubrique</h3></a>'
    '<span class="card-date">il y a {0} heures</span></div>'
)
_SCRIPT = "<script>window.dataLayer=window.dataLayer||[];function gtag(){{dataLayer.push(arguments)}};gtag('config','{}');</script>"


def sample() -> str:
    """The sample page: 6.6 kB of plain text, an article and 12 to 17 comments."""
    return _PAGE.read_text(encoding="utf-8")


def parts() -> tuple[list[str], list[str]]:
    """The sample's lines: its article's, its comments'."""
    lines = [line for line in sample().splitlines() if line.strip()]
    end = next(at for at, line in enumerate(lines) if line.startswith("Source")) + 1
    return lines[:end], lines[end:]


def raw(content: str, number: int = 0, kind: str = "text/plain") -> bytes:
    """A raw event at an address of its own."""
    url = f"https://bench.example/{number}"
    return orjson.dumps({"url": url, "content": content, "content_type": kind, "fetched_at": "2026-11-23T08:00:00Z"})


def events(count: int, content: str = "", kind: str = "text/plain", first: int = 0) -> list[tuple[bytes, bytes]]:
    """Keys and values of `count` raw events; without content, pages like the sample."""
    text = content or sample()
    return [(f"https://bench.example/{number}".encode(), raw(text, number, kind)) for number in range(first, first + count)]


def html(comments: int = 12, filler: int = 0) -> str:
    """The sample as a news site's template would show it, with so many comments, and `filler` bytes or more of furniture."""
    article, said = parts()
    blocks = "".join(map(_BLOCK.format, article))
    thread = "".join(_COMMENT.format(number, number % 24, number % 60, said[number % len(said)]) for number in range(comments))
    around, number = "", 0
    while len(around) < filler:
        around += _CARD.format(number) + _SCRIPT.format(number)
        number += 1
    return (
        '<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>La page - Exemple</title>'
        '<meta property="og:title" content="La page"></head><body class="single single-post">'
        f'<header><nav><ul class="menu">{_MENU}</ul></nav></header><div id="content"><main><article class="post"><h1>La page</h1>'
        f'<div class="entry-content">{blocks}</div></article><section id="comments"><h2>{comments} commentaires</h2>'
        f'<ol class="comment-list">{thread}</ol></section></main><aside class="sidebar">{around}</aside></div>'
        f'<footer><ul class="menu">{_MENU}</ul></footer></body></html>'
    )


def news_html(size: int = 100_000, comments: int = 30) -> str:
    """An HTML page of about `size` bytes with comments: the rest is furniture, as on news sites."""
    return html(comments, max(0, size - len(html(comments).encode())))
