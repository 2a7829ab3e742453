import pytest

from pipeline.flags import flags


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("POUTINE EST UN PUR IMPÉRIALISTE.", True),
        ("JE TE LE REDEMANDE VAS PAYER TES FACTURES ton ami", True),
        ("KAN", False),
        ("ONU", False),
        ("Merci à la Russie et à l'AES", False),
        ("1234567890123", False),
        ("", False),
        ("НЕТ ВОЙНЕ СЕГОДНЯ", True),
    ],
)
def test_capitals_count_from_a_few_words_on(text, expected):
    assert flags(text).all_caps is expected


def test_masked_words_are_pointed_at():
    text = "Ces u***** et *****les de la ligne.\n******.\nLe **gras** n'en est pas."
    spans = flags(text).masked_profanity
    assert [text[span.start : span.end] for span in spans] == ["u*****", "*****les", "******"]
