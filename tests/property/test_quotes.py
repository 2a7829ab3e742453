from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.quotes import MIN_LENGTH, MIN_WORDS, find_quotes
from pipeline.text import WORD, fold
from pipeline.texts import Texts

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
    for quote in find_quotes(Texts.of([body, comment]))[0]:
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
    (quote,) = find_quotes(Texts.of([body, comment]))[0]
    assert passage in comment[quote.start : quote.end]
    assert passage in body[quote.article_start : quote.article_end]


@given(TEXT)
def test_a_text_quotes_itself_exactly(text):
    for quote in find_quotes(Texts.of([text, text]))[0]:
        assert fold(text)[quote.start : quote.end].split() == fold(text)[quote.article_start : quote.article_end].split()


def runs_of(ours: list[str], theirs: list[str]) -> list[tuple[int, int, int]]:
    """Longest runs of four or more equal words, greedily from the left: start, end, shift."""
    runs, at = [], 0
    while at + 4 <= len(ours):
        places = [place for place in range(len(theirs) - 3) if theirs[place : place + 4] == ours[at : at + 4]][:4]
        best = at
        for place in places:
            end = at + 4
            while end < len(ours) and end - at + place < len(theirs) and ours[end] == theirs[end - at + place]:
                end += 1
            if end > best:
                best, shift = end, place - at
        if places:
            runs.append((at, best, shift))
        at = best if places else at + 1
    return runs


def reference(body: str, comment: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """The plain form of find_quotes, word by word, without the punctuation around: the spans in the comment and in the body."""
    ours, theirs = (list(WORD.finditer(fold(text))) for text in (comment, body))
    groups: list[list[tuple[int, int, int]]] = []
    for run in runs_of([word.group() for word in ours], [word.group() for word in theirs]):
        gap = run[0] - groups[-1][-1][1] if groups else 9
        if gap <= 3 and 0 <= gap + run[2] - groups[-1][-1][2] <= 3:
            groups[-1].append(run)
        else:
            groups.append([run])
    found = []
    for group in groups:
        (first, _, shift), (_, last, other) = group[0], group[-1]
        span = ours[first].start(), ours[last - 1].end()
        if sum(end - start for start, end, _ in group) >= MIN_WORDS and span[1] - span[0] >= MIN_LENGTH:
            found.append((span, (theirs[first + shift].start(), theirs[last + other - 1].end())))
    return found


def within(inner: tuple[int, int], outer: tuple[int, int]) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


@given(TEXT, st.lists(TEXT, max_size=4))
@example("le conseil régional adopte jeudi un budget de trois milliards", ["le conseil", "régional adopte jeudi un budget"])
def test_the_kernel_agrees_with_its_plain_form_on_each_comment(body, comments):
    for text, quotes in zip(comments, find_quotes(Texts.of([body, *comments])), strict=True):
        wanted = reference(body, text)
        assert len(quotes) == len(wanted)
        for quote, (ours, theirs) in zip(quotes, wanted, strict=True):
            assert within(ours, (quote.start, quote.end))
            assert within(theirs, (quote.article_start, quote.article_end))
            assert WORD.findall(fold(text)[quote.start : quote.end]) == WORD.findall(fold(text)[slice(*ours)])


@given(TEXT, TEXT)
def test_quotes_of_a_comment_do_not_depend_on_the_other_comments(body, comment):
    alone = find_quotes(Texts.of([body, comment]))
    assert find_quotes(Texts.of([body, comment, body, comment]))[::2] == alone * 2
