"""Events in other JSON, read by a mapping of their fields."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.codec import decode_raw
from pipeline.enrich import load_pipeline, process
from pipeline.errors import InvalidEvent, Reason
from pipeline.events import Enriched
from pipeline.mapping import PRESETS, FieldMapping, written_by

OURS = {"url": "https://a.example/", "content": "Le texte.", "headline": "Titre", "publisher": {"name": "A", "country": "ML"}}
THEIRS = {
    "link": "https://a.example/",
    "article": {"title": "Titre", "paragraphs": ["Un.", "Deux."], "when": 1_764_000_000_123},
    "comments": [{"text": "Bien dit.", "by": "Awa"}, {"text": "Non."}, {"by": "Ali"}],
    "site": "A",
    "authors": ["Awa Diop", "Ali Ba"],
    "old": None,
    "html": "",
}


def mapped(text: str, document: dict = THEIRS) -> dict:
    return dict(FieldMapping.parse(text)(document))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("url=link", {"url": "https://a.example/"}),
        ("content=article.paragraphs+comments.text", {"content": "Un.\nDeux.\nBien dit.\nNon."}),
        ("headline=old|html|article.title", {"headline": "Titre"}),
        ("author=authors", {"author": "Awa Diop, Ali Ba"}),
        ('publisher.name=site, publisher.country="ML"', {"publisher": {"name": "A", "country": "ML"}}),
        ('content_type = "text/html" ,url=link', {"content_type": "text/html", "url": "https://a.example/"}),
        ("fetched_at=article.when", {"fetched_at": "2025-11-24T16:00:00.123000+00:00"}),
        ("headline=article", {"headline": THEIRS["article"]}),
    ],
)
def test_where_a_field_is_found(text: str, expected: dict):
    assert mapped(text) == expected


def test_an_event_in_our_own_fields_goes_through_unchanged():
    for text in ("url=link, content=body", PRESETS["trafilatura"].replace("author=author, ", "")):
        assert FieldMapping.parse(text)(OURS) == OURS
    assert FieldMapping()(OURS) is OURS


def test_what_was_mapped_is_mapped_to_itself():
    mapping = FieldMapping.parse("url=link, content=article.paragraphs, publisher.name=site")
    once = mapping(THEIRS)
    assert mapping(once) == once


@pytest.mark.parametrize(
    "text",
    [
        "comments.text=a",
        "comments.likes=a",
        "url",
        "url=",
        "link=url",
        "url=a=b",
        "url=a,,content=b",
        'url="a',
        "content.x=a",
        "=a",
        "url=a content=b,",
    ],
)
def test_what_is_no_mapping_is_refused(text: str):
    with pytest.raises(ValueError, match=r"^takes rules"):
        FieldMapping.parse(text)


_leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
_json = st.recursive(
    _leaves, lambda part: st.lists(part, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "c.d", ""]), part), max_leaves=8
)


@given(_json)
def test_whatever_stands_there_is_a_value_or_left_out(value: object):
    path = "a.b|b.a+c.d|a"
    fields = ("url", "content", "fetched_at", "publisher.name", "comments", "comments.text", "comments.replies")
    rules = ", ".join(f"{field}={path}" for field in fields)
    found = FieldMapping.parse(rules)({"a": value, "b": value})
    assert set(found) <= {"url", "content", "content_type", "fetched_at", "publisher", "a", "b"}


def test_the_codec_reads_by_it_and_names_what_is_wrong_in_our_words():
    mapping = FieldMapping.parse("url=link, content=article.paragraphs, fetched_at=article.when, author=authors")
    value = json.dumps(THEIRS).encode()
    article = decode_raw(value, mapping=mapping)
    assert (article.url, article.content, article.author) == ("https://a.example/", "Un.\nDeux.", "Awa Diop, Ali Ba")
    assert article.fetched_at == datetime(2025, 11, 24, 16, 0, 0, 123000, UTC)
    with pytest.raises(InvalidEvent, match="`url` is missing") as refused:
        decode_raw(value)
    assert refused.value.reason is Reason.MISSING_FIELD
    envelope = {"specversion": "1.0", "id": "1", "source": "s", "type": "t", "data": THEIRS}
    assert decode_raw(json.dumps(envelope).encode(), mapping=mapping) == article


TRAFILATURA = {  # as trafilatura 2.1 writes it: extract(..., output_format="json", with_metadata=True)
    "title": "Titre", "author": None, "hostname": "a.example", "date": "2026-11-20", "fingerprint": "89af4e766197e0ba", "id": None,
    "license": None, "comments": "Bien dit.", "raw_text": "Titre Le texte.", "text": "Titre\nLe texte.", "language": "fr",
    "image": None, "pagetype": None, "filedate": "2026-11-25", "source": "https://a.example/x", "source-hostname": "Site",
    "excerpt": None, "categories": "", "tags": "",
}  # fmt: skip
NEWSPAPER = {  # as newspaper4k 0.9.6 writes it: Article.to_json()
    "url": "https://a.example/x", "read_more_link": "", "language": "fr", "title": "Titre", "top_image": "", "meta_img": "",
    "images": [], "movies": [], "keywords": [], "meta_keywords": [""], "tags": None, "authors": ["Awa Diop"],
    "publish_date": "2026-11-20T08:30:00+00:00", "summary": "", "meta_description": "", "meta_lang": "fr", "meta_favicon": "",
    "meta_site_name": "Site", "canonical_link": "https://a.example/x", "text": "Le texte.",
}  # fmt: skip


def test_what_two_known_tools_write():
    assert [written_by(each) for each in (TRAFILATURA, NEWSPAPER, OURS, THEIRS, {"text": "a", "comments": "b"})] == [
        "trafilatura", "newspaper", "", "", "",
    ]  # fmt: skip
    one, other = (
        decode_raw(json.dumps(each).encode(), mapping=FieldMapping.parse(written_by(each))) for each in (TRAFILATURA, NEWSPAPER)
    )
    assert (one.url, one.headline, one.language_hint) == ("https://a.example/x", "Titre", "fr")
    assert one.content == "Titre\nLe texte.\nBien dit."
    assert (one.publisher.name, one.publisher.domain, one.published_at) == ("Site", "a.example", datetime(2026, 11, 20, tzinfo=UTC))
    assert (other.content, other.author, other.publisher.name) == ("Le texte.", "Awa Diop", "Site")
    assert other.published_at == datetime(2026, 11, 20, 8, 30, tzinfo=UTC)


APART = "url=link, content=article.paragraphs, comments=comments, comments.text=text, comments.author=by, comments.replies=below"
THREAD = THEIRS | {
    "comments": [
        {
            "text": "Bien dit.",
            "by": "Awa <& Ali",
            "published_at": 1_764_000_000,
            "below": [{"text": "Merci.\n\nVraiment.", "by": ""}],
        },
        {"by": "sans texte"},
        "Non & non.",
    ]
}


def apart(rules: str = APART, **fields: object) -> Enriched:
    """What becomes of a page whose comments its crawler has apart."""
    raw = decode_raw(json.dumps(THREAD | fields).encode(), mapping=FieldMapping.parse(rules))
    return process(raw, load_pipeline())[0]


def test_comments_that_a_crawler_has_apart_stay_apart():
    enriched = apart()
    first, answer, bare = enriched.comments
    assert (enriched.article.body, enriched.article.split.method) == ("Un.\nDeux.", "html_comments")
    assert (first.text, first.author.name, first.published_at) == (
        "Bien dit.",
        "Awa <& Ali",
        datetime(2025, 11, 24, 16, tzinfo=UTC),
    )
    assert (answer.text, answer.author, answer.reply_to) == ("Merci.\nVraiment.", None, first.id)
    assert (bare.text, bare.reply_to) == ("Non & non.", None)


def test_comments_beside_html_are_html_as_well():
    page = "<article><p>Un article assez long sur le marché de Bamako, au Mali.</p></article>"
    enriched = apart(
        f'{APART}, content_type="text/html"', article={"paragraphs": page}, comments=[{"text": "<p>Oui.</p><p>Non.</p>"}]
    )
    assert enriched.article.body == "Un article assez long sur le marché de Bamako, au Mali."
    assert [comment.text for comment in enriched.comments] == ["Oui.\nNon."]


@pytest.mark.parametrize("comments", [[], None, "", [{"by": "Awa"}], [[]], 7, {"text": " "}])
def test_without_comments_the_page_is_as_it_was(comments: object):
    found = mapped(APART, THREAD | {"comments": comments})
    assert found == {"url": "https://a.example/", "content": "Un.\nDeux."}


def test_our_own_json_may_have_comments_apart_and_is_not_mapped_twice():
    mapping = FieldMapping.parse("comments=comments")
    once = mapping(OURS | {"comments": ["Bien dit."]})
    assert "comments" not in once
    assert "Bien dit." in once["content"]
    assert mapping(once) is once
    assert mapping({"url": "a", "content": 7, "comments": ["Bien dit."]})["content"] == 7
