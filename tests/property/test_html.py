from pathlib import Path
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from pipeline.split.html import split_html

PIECES = [
    *(
        "<div>",
        "</div>",
        '<div class="comment" id="comment-1">',
        "<li class='comment depth-2'>",
        "</li>",
        "<ol class=comment-list>",
    ),
    *("<time datetime='2024-01-02'>", "</time>", "<b class=author>", "</b>", "<p>", "<br>", "<h1>", "</h1>", "<article>"),
    *("<table><tr><td>", "<script>", "</script>", "<!--", "-->", "<frameset>", "<svg>", "<template>"),
    *("&#0;", "&#xD800;", "\x00", "\ud800", "<", ">", "'", '"', "🙂", "İ", "\u2028", "\x1c"),
    *("Awa a dit :", "Le marché a rouvert jeudi.", "il y a 3 jours", "Répondre", "3 commentaires"),
    *("<div itemprop=comment itemscope itemtype='https://schema.org/Comment'>", "<meta itemprop=dateCreated content=x>"),
    *(
        f'<script type="application/ld+json">{{"@type":"Comment","text":{text}}}</script>'
        for text in ('"oui"', '"\\ud800 oui"', "[[[")
    ),
]
SOUP = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=60).map("".join)
PAGES = sorted((Path(__file__).parents[1] / "data" / "html").glob("*.html"))


def check(layout):
    """The invariants of a layout: in order, apart, trimmed, and nothing but white space left over."""
    position = comments = 0
    for segment in layout.segments:
        piece = layout.text[segment.start : segment.end]
        assert not layout.text[position : segment.start].strip()
        assert position <= segment.start < segment.end <= len(layout.text)
        assert piece == piece.strip()
        if segment.kind == "comment":
            assert segment.reply_to is None or 0 <= segment.reply_to < comments
            comments += 1
        position = segment.end
    assert not layout.text[position:].strip()
    assert 0 <= layout.confidence <= 1
    layout.text.encode("utf-8")


@given(SOUP)
def test_any_markup_gives_a_sound_layout(content):
    check(split_html(content))


@given(st.sampled_from(PAGES), st.randoms(use_true_random=False))
def test_a_damaged_page_gives_a_sound_layout(path, random: Random):
    content = path.read_text(encoding="utf-8")
    start, length = random.randrange(len(content)), random.randrange(2000)
    check(split_html(content[:start] + content[start + length :]))
