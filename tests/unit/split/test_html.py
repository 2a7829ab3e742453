from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from pipeline.split.html import split_html

PAGES = sorted((Path(__file__).parents[2] / "data" / "html").glob("*.html"))
NESTED = ("wordpress", "drupal", "blogger_threads", "spip", "json_ld", "amp")  # systems whose markup says who answers whom


class Expected(NamedTuple):
    author: str
    date: str
    start: str
    end: str


# Every page of tests/data/html shows one of two threads: four comments, of which the second answers the first.
THREADS = {
    "fr": [
        Expected("Awa Traoré", "2024-08-02T10:22", "Enfin ! Il était", "quand même au maire."),
        Expected("Le Sage", "2024-08-02T11:05", "Merci pour quoi ?", "personne n’en parle."),
        Expected("KAN", "2024-08-02T12:40", "ON VERRA BIEN", "PROCHAINE PLUIE."),
        Expected("Djeneba K.", "2024-08-03T08:15", "Et la route", "https://www.exemple.ml/route"),
    ],
    "en": [
        Expected("Yaw Boateng", "2024-08-02T10:22", "About time.", "God bless the police."),
        Expected("Efua", "2024-08-02T11:05", "Ten cedis more", "our own tax money."),
        Expected("CITIZEN 77", "2024-08-02T12:40", "LET US WAIT", "CHRISTMAS AND SEE."),
        Expected("Selorm A.", "2024-08-03T08:15", "What about the road", "https://www.example.gh/road"),
    ],
}
BODIES = {
    "fr": ("Le marché central de Kayes a rouvert ses portes jeudi", "Avec AFP"),
    "en": ("Night buses are running again", "Source: GNA"),
}


def split_page(path):
    return split_html(path.read_text(encoding="utf-8"), url="https://www.exemple-info.test/marche-2024?utm_source=x")


def comments(layout):
    return [segment for segment in layout.segments if segment.kind == "comment"]


def of_kind(layout, kind):
    return [layout.text[segment.start : segment.end] for segment in layout.segments if segment.kind == kind]


@pytest.mark.parametrize("path", [path for path in PAGES if "no_comments" not in path.stem], ids=lambda path: path.stem)
def test_every_system_gives_each_comment_with_author_date_and_place(path):
    layout, expected = split_page(path), THREADS[path.stem[-2:]]
    texts = of_kind(layout, "comment")
    assert [(text.startswith(each.start), text.endswith(each.end)) for text, each in zip(texts, expected, strict=True)] == [
        (True, True)
    ] * 4
    assert [segment.author.name for segment in comments(layout)] == [each.author for each in expected]
    assert [segment.published_at.isoformat()[:16] for segment in comments(layout)] == [each.date for each in expected]
    replied = 0 if path.stem.startswith(NESTED) else None
    assert [segment.reply_to for segment in comments(layout)] == [None, replied, None, None]
    assert layout.method == "html_comments"
    assert layout.evidence[0].start == comments(layout)[0].start


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_article_is_whole_and_holds_no_comment(path):
    body = "\n".join(of_kind(split_page(path), "article"))
    first, last = BODIES[path.stem[-2:]]
    assert first in body
    assert last in body.splitlines()
    assert not [each.start for each in THREADS[path.stem[-2:]] if each.start in body]
    assert "function" not in body
    assert "À lire aussi" not in body


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_metadata_is_read(path):
    metadata = split_page(path).metadata
    assert metadata.headline.startswith(("Kayes : le marché central", "Ho: night buses"))
    assert metadata.canonical_url == "https://www.exemple-info.test/marche-2024"
    assert metadata.published_at == datetime.fromisoformat("2024-08-01T18:00:00+00:00")
    assert metadata.publisher.name in ("Le Courrier de Kayes", "The Volta Ledger")
    assert metadata.language_hint == path.stem[-2:]


def test_no_comment_is_invented_for_an_article_alone():
    layout = split_page(next(path for path in PAGES if "no_comments" in path.stem))
    assert (layout.method, comments(layout)) == ("html_body", [])


def test_a_page_without_text_is_empty():
    for content in ("", "<html></html>", "<script>var a</script>", "\x00", "<!-- -->", "<frameset><frame src=x></frameset>"):
        layout = split_html(content)
        assert (layout.text, layout.segments) == ("", ())


def test_a_relative_date_counts_from_now():
    header = '<b class="author">Awa {0}</b> <i class="date">il y a {0} jours</i>'
    item = f'<div class="comment" id="comment-{{0}}">{header}<p>Bien dit, vraiment.</p></div>'
    page = f"<h1>Un titre assez long</h1><p>Un texte.</p><div id=comments>{item.format(1)}{item.format(2)}</div>"
    now = datetime.fromisoformat("2024-08-10T12:00:00+00:00")
    dates = [segment.published_at for segment in comments(split_html(page, now=now))]
    assert [now.day - date.day for date in dates] == [1, 2]
    assert [segment.published_at for segment in comments(split_html(page))] == [None, None]


def test_a_name_that_is_addressed_is_answered():
    item = '<div class="comment" id="comment-{0}"><b class="author">{1}</b><p>{2}</p></div>'
    thread = (
        item.format(1, "Awa", "Bien dit, vraiment.") + item.format(2, "Bob", "Non.") + item.format(3, "Kan", "@Awa pas du tout !")
    )
    assert [segment.reply_to for segment in comments(split_html(f"<div id=comments>{thread}</div>"))] == [None, None, 0]


def test_a_parent_that_the_markup_names_is_answered():
    item = '<li class="comment" id="comment-{0}" data-parent="{1}"><b class="author">Awa</b><p>Bien dit {0}.</p></li>'
    thread = item.format(7, 0) + item.format(8, 0) + item.format(9, 7)
    assert [segment.reply_to for segment in comments(split_html(f"<ul class=comments>{thread}</ul>"))] == [None, None, 0]
