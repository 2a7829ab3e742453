from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.split.layout import Layout
from pipeline.split.plain import split_text

LINES = st.sampled_from(
    [
        "Source: https://www.aa.com.tr/fr/",
        "Répondre",
        "3 commentaires",
        "Awa Traoré",
        "12 juin 2025 à 14h05",
        "il y a 999999999999 ans",
        "Posted by: Kweku | 31/02/2024 99:99",
        "Emily said...",
        "MERCI !!! ******",
        "Le ministre a déclaré mercredi que le budget sera voté, selon l’agence.",
        "Leave a Reply",
        "@Awa Traoré d'accord",
        "",
        "   ",
        "\ud800",
        "\u202e\x00\x1c",
    ]
)
PAGES = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=300),
    st.lists(st.one_of(LINES, st.text(st.characters(exclude_categories=()), max_size=40)), max_size=40).map("\n".join),
)


def check(layout: Layout) -> None:
    position = 0
    for segment in layout.segments:
        assert position <= segment.start < segment.end
        assert not layout.text[position : segment.start].strip()
        assert not layout.text[segment.start].isspace()
        assert not layout.text[segment.end - 1].isspace()
        position = segment.end
    assert not layout.text[position:].strip()


@settings(max_examples=150, deadline=None)
@given(PAGES)
def test_segments_are_in_order_and_leave_only_white_space_between(text: str):
    layout = split_text(text)
    assert layout.text == text
    check(layout)


@settings(max_examples=60, deadline=None)
@given(PAGES)
def test_the_same_page_is_split_the_same_way_and_probabilities_are_in_range(text: str):
    layout = split_text(text)
    assert layout == split_text(text)
    assert 0.0 <= layout.confidence <= 1.0
    comments = [segment for segment in layout.segments if segment.kind == "comment"]
    assert all(0.0 <= segment.confidence <= 1.0 for segment in layout.segments)
    assert all(segment.reply_to is None or segment.reply_to < at for at, segment in enumerate(comments))
