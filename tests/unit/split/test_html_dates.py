from datetime import UTC, datetime

import pytest

from pipeline.split.html_dates import find_date

NOW = datetime(2024, 8, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-12T10:30:00+01:00", "2024-03-12T10:30:00+01:00"),
        ("2024-03-12 10:30:05", "2024-03-12T10:30:05+00:00"),
        ("Le 12 mars 2024 à 10 h 30, par Awa", "2024-03-12T10:30:00+00:00"),
        ("lundi 3 août 2024 - 10h12", "2024-08-03T10:12:00+00:00"),
        ("1er mai 2023", "2023-05-01T00:00:00+00:00"),
        ("Moussa | 12/03/2024 14:22", "2024-03-12T14:22:00+00:00"),
        ("March 12, 2024 at 10:30 pm", "2024-03-12T22:30:00+00:00"),
        ("3rd July 2024, 7am", "2024-07-03T07:00:00+00:00"),
        ("il y a 3 jours", "2024-07-29T12:00:00+00:00"),
        ("il y a une heure", "2024-08-01T11:00:00+00:00"),
        ("2 days ago", "2024-07-30T12:00:00+00:00"),
        ("hier à 10h30", "2024-07-31T10:30:00+00:00"),
        ("14 juillet", "2024-07-14T00:00:00+00:00"),
    ],
)
def test_dates_of_both_languages(text, expected):
    assert find_date(text, NOW) == datetime.fromisoformat(expected)


@pytest.mark.parametrize(
    "text", ["", "Awa a dit", "32/13/2024", "99 mars 2024", "il y a du monde", "le budget 2024", "9999-99-99", "25:99"]
)
def test_what_is_no_date(text):
    assert find_date(text, NOW) is None


def test_a_relative_date_needs_to_know_when_the_page_was_fetched():
    assert find_date("il y a 3 jours") is find_date("hier") is find_date("14 juillet") is None
