from hypothesis import given
from hypothesis import strategies as st

from pipeline.quotes import MIN_LENGTH, QuoteIndex
from pipeline.text import fold

WORDS = st.lists(
    st.sampled_from(
        [
            "Le",
            "conseil",
            "régional",
            "adopte",
            "jeudi",
            "budget",
            "milliards,",
            "francs.",
            "pour",
            "«",
            "la",
            "»",
            "réfection",
            "ha",
            "İstanbul",
        ]
    ),
    max_size=60,
)
TEXT = WORDS.map(" ".join) | st.text()


@given(TEXT, TEXT)
def test_quotes_are_in_order_apart_and_long_enough(body, comment):
    end = 0
    for quote in QuoteIndex(body).find(comment):
        assert end <= quote.start < quote.end <= len(comment)
        assert 0 <= quote.article_start < quote.article_end <= len(body)
        assert quote.end - quote.start >= MIN_LENGTH
        end = quote.end


@given(
    TEXT,
    st.permutations(["les", "pluies", "de", "juillet", "ont", "coupé", "trois", "routes", "près", "du", "marché", "central"]).map(
        " ".join
    ),
    TEXT,
)
def test_a_passage_put_into_a_comment_is_found_whole(before, passage, after):
    body, comment = f"{before}\n{passage}\n{after}", f"oui {passage} non"
    (quote,) = QuoteIndex(body).find(comment)
    assert passage in comment[quote.start : quote.end]
    assert passage in body[quote.article_start : quote.article_end]


@given(TEXT)
def test_a_text_quotes_itself_exactly(text):
    for quote in QuoteIndex(text).find(text):
        assert fold(text)[quote.start : quote.end].split() == fold(text)[quote.article_start : quote.article_end].split()
