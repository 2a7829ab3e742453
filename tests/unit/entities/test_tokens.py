"""Words, their case, what stands before them, and what is blocked."""

from pipeline.entities.tokens import CAPITAL, CAPS, DIGITS, JOINED, LOWER, MIXED, OPEN, SENTENCE, Page, read


def words(page: Page) -> list[str]:
    return [page.surface(i, i) for i in range(len(page.starts))]


def test_words_end_at_apostrophes_and_hyphens() -> None:
    assert words(read(["l’AES d'aujourd’hui, CSP-DPA"])) == ["l", "AES", "d", "aujourd", "hui", "CSP", "DPA"]


def test_case() -> None:
    assert read(["le Mali IBK McDonald 2024 À"]).case.tolist() == [LOWER, CAPITAL, CAPS, MIXED, DIGITS, CAPITAL]


def test_what_stands_before_a_word() -> None:
    page = read(["Le Mali, la Tass. Fin J. Diop\nla"])
    assert page.gap.tolist() == [SENTENCE, JOINED, OPEN, JOINED, SENTENCE, JOINED, JOINED, SENTENCE]


def test_capitals_among_capitals_are_shouted() -> None:
    page = read(["POUTINE EST UN PUR MENTEUR. Le chef de l’AES et IBK."])
    assert page.shout.tolist() == [True] * 5 + [False] * 7


def test_addresses_and_masked_words_are_blocked() -> None:
    page = read(["voir www.site.example/Mali et u***** pays"])
    assert [word for word, blocked in zip(words(page), page.blocked, strict=True) if not blocked] == ["voir", "et", "pays"]


def test_fields_keep_their_starts() -> None:
    page = read(["ab", "", "cd"])
    assert page.fields == (0, 4, 6)
    assert [int(start) for start in page.starts] == [0, 6]
