from pipeline.codec import dead_letter_headers
from pipeline.errors import Reason


def dead_letter(*headers: tuple[str, bytes | None]) -> list[tuple[str, bytes | None]]:
    return dead_letter_headers(
        Reason.NOT_JSON, "not JSON", stage="decode", topic="articles.raw", partition=3, offset=42, headers=headers
    )


def test_a_dead_letter_says_why_and_where_from() -> None:
    assert dead_letter() == [
        ("vigie.reason", b"not_json"),
        ("__connect.errors.topic", b"articles.raw"),
        ("__connect.errors.partition", b"3"),
        ("__connect.errors.offset", b"42"),
        ("__connect.errors.stage", b"decode"),
        ("__connect.errors.exception.class.name", b"pipeline.errors.InvalidEvent"),
        ("__connect.errors.exception.message", b"not JSON"),
    ]


def test_a_dead_letter_keeps_the_original_headers_and_replaces_its_own() -> None:
    original = [("ce_id", b"1"), ("x", None), ("ce_id", b"2"), ("vigie.attempt", b"2")]
    assert dead_letter(*original) == [*original, *dead_letter()]
    assert dead_letter(*dead_letter(*original)) == dead_letter(*original)


def test_the_message_of_a_dead_letter_is_bounded() -> None:
    headers = dead_letter_headers(Reason.INTERNAL, "é" * 10_000, stage="s", topic="t", partition=0, offset=0)
    assert len(dict(headers)["__connect.errors.exception.message"] or b"") == 1000
