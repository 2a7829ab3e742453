from datetime import UTC, datetime, timedelta, timezone

import pytest

from pipeline.timestamps import parse, rfc3339, utc

MOMENT = datetime(2024, 5, 31, 18, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-31T18:30:00Z",
        "2024-05-31t18:30:00z",
        "2024-05-31 18:30:00Z",
        "2024-05-31 18:30:00 Z",
        "2024-05-31T18:30:00",
        "2024-05-31T18:30",
        "2024-05-31T18:30:00.000000000Z",
        "2024-05-31T20:30:00+02:00",
        "2024-05-31T20:30:00+0200",
        "2024-05-31T20:30:00 +02",
        "2024-05-31T14:00:00-04:30",
        "2024-05-31T18:30:00-00:00",
        " 2024-05-31T18:30:00Z\n",
    ],
)
def test_one_moment_in_many_spellings(text: str) -> None:
    assert parse(text) == MOMENT


def test_a_bare_date_is_midnight_utc() -> None:
    assert parse("2024-05-31") == datetime(2024, 5, 31, tzinfo=UTC)


def test_the_zone_is_kept() -> None:
    assert parse("2024-05-31T20:30:00+02:00").utcoffset() == timedelta(hours=2)


def test_digits_beyond_microseconds_are_cut_off() -> None:
    assert parse("2024-05-31T18:30:00.1234567899Z").microsecond == 123_456
    assert parse("2024-05-31T18:30:00,5Z").microsecond == 500_000


def test_a_leap_second_is_the_last_moment_of_its_minute() -> None:
    assert parse("2016-12-31T23:59:60Z") == datetime(2016, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "yesterday", "3 mai 2024", "1717180200", "2024", "2024-05", "2024-5-31", "20240531", "2024-W22-5", "31/05/2024",
        "2024-02-30", "2024-13-01", "0000-01-01", "2024-05-31T", "2024-05-31T24:00:00Z", "2024-05-31T18:60Z",
        "2024-05-31T18:30:61Z", "2024-05-31T18:30:00.Z", "2024-05-31T18:30:00+24:00", "2024-05-31T18:30:00+02:60",
        "2024-05-31T18:30:00Z junk", "2024-05-31T18:30:00[Europe/Paris]", "٢٠٢٤-٠٥-٣١", "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-01:00", "2024-05-31T18:30:00." + "1" * 5000,
    ],
)  # fmt: skip
def test_nonsense(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(text)


def test_out_in_utc() -> None:
    assert rfc3339(MOMENT.astimezone(timezone(timedelta(hours=-4)))) == "2024-05-31T18:30:00Z"
    assert rfc3339(datetime(2024, 5, 31, 18, 30, 0, 5)) == "2024-05-31T18:30:00.000005Z"  # noqa: DTZ001 - without a zone on purpose
    assert utc(MOMENT) is not None
    assert parse(rfc3339(MOMENT)) == MOMENT
