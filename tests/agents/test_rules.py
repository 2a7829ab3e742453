"""The book of watch rules: what is in force after which records, and when it is ready."""

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from agents.rules import RuleBook


@pytest.fixture
def book() -> Iterator[RuleBook]:
    book = RuleBook()
    yield book
    book.close()


def rule(name: str, query: str = "Bamako") -> bytes:
    return orjson.dumps({"id": name, "name": name, "query": query})


def in_force(book: RuleBook) -> dict[str, str]:
    path = book.file()
    return {each["id"]: each["query"] for each in orjson.loads(Path(path).read_bytes())} if path else {}


def test_empty_topic(book: RuleBook):
    assert not book.ready.is_set()
    book.expect(-1)
    assert book.ready.is_set()
    assert book.file() == ""


@pytest.mark.parametrize("early", [True, False])
def test_ready_once_the_last_record_at_start_was_applied(book: RuleBook, *, early: bool):
    if early:
        book.expect(7)
    book.apply(5, b"a", rule("a"))
    assert not book.ready.is_set()
    book.apply(7, b"b", rule("b"))
    if not early:
        assert not book.ready.is_set()
        book.expect(7)
    assert book.ready.is_set()


def test_put_change_delete(book: RuleBook):
    book.apply(0, b"a", rule("a"))
    first = book.file()
    assert in_force(book) == {"a": "Bamako"}
    assert book.file() == first
    book.apply(1, b"a", rule("a", "Kidal"))
    book.apply(2, b"b", rule("b"))
    assert in_force(book) == {"a": "Kidal", "b": "Bamako"}
    assert book.file() != first
    book.apply(3, b"a", None)
    book.apply(4, b"unknown", None)
    assert in_force(book) == {"b": "Bamako"}


@pytest.mark.parametrize("value", [b"{", b"[]", b"\xff", b'{"id": "a"}', rule("a", "(Bamako"), rule("a", "Bamako~2")])
def test_record_that_is_no_rule_leaves_the_one_before_it(book: RuleBook, value: bytes):
    book.apply(0, b"a", rule("a", "Kidal"))
    book.apply(1, b"a", value)
    assert in_force(book) == {"a": "Kidal"}
    book.expect(1)
    assert book.ready.is_set()


def test_files_of_long_ago_are_removed(book: RuleBook):
    files = []
    for offset in range(80):
        book.apply(offset, b"a", rule("a", f"mot{offset}"))
        files.append(Path(book.file()))
    assert files[-1].exists()
    assert files[-2].exists()
    assert not files[0].exists()
    folder = files[-1].parent
    book.close()
    assert not folder.exists()
