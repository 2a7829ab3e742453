"""The book of watch rules: what is in force after which records, and when it is ready."""

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from agents.rules import RuleBook
from pipeline.events import WatchRule


@pytest.fixture
def book() -> Iterator[RuleBook]:
    book = RuleBook()
    yield book
    book.close()


def rule(name: str, query: str = "Bamako") -> bytes:
    return orjson.dumps({"id": name, "name": name, "query": query})


def in_force(book: RuleBook) -> dict[str, str]:
    file = book.file()
    return {each["id"]: each["query"] for each in orjson.loads(Path(file.path).read_bytes())} if file else {}


def test_empty_topic(book: RuleBook):
    assert not book.ready.is_set()
    book.complete()
    assert book.ready.is_set()
    assert book.file() is None


def test_a_record_that_is_read_at_start_and_followed_counts_once(book: RuleBook):
    """The agent is ahead of the reading, and behind it; neither brings back what a later record has replaced."""
    book.follow(0, b"a", rule("a"))
    book.follow(7, b"a", rule("a", "Gao"))
    for offset, query in ((0, "Bamako"), (5, "Kidal")):
        book.apply(offset, b"a", rule("a", query))
        assert in_force(book) == {"a": "Gao"}
    book.apply(8, b"b", rule("b"))
    book.complete()
    written = book.file()
    book.follow(8, b"b", rule("b"))
    assert book.file() == written
    book.follow(9, b"a", None)
    assert in_force(book) == {"b": "Bamako"}


def test_a_topic_that_was_made_anew_is_followed_from_its_beginning(book: RuleBook):
    book.apply(7, b"a", rule("a"))
    book.complete()
    book.follow(7, b"a", rule("a"))
    book.follow(0, b"a", rule("a", "Kidal"))
    book.follow(1, b"b", rule("b"))
    assert in_force(book) == {"a": "Kidal", "b": "Bamako"}


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


def test_files_of_long_ago_are_closed(book: RuleBook):
    files = []
    for offset in range(80):
        book.apply(offset, b"a", rule("a", f"mot{offset}"))
        files.append(book.file())
    assert orjson.loads(Path(files[-1].path).read_bytes())[0]["query"] == "mot79"
    assert orjson.loads(Path(files[-2].path).read_bytes())[0]["query"] == "mot78"
    assert len({file.path for file in files}) < 70
    assert len(set(files)) == 80
    book.close()
    assert not Path(files[-1].path).exists()


def test_no_file_is_left_where_a_killed_worker_would_leave_it(book: RuleBook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    book.apply(0, b"a", rule("a"))
    assert Path(book.file().path).resolve().name.startswith("memfd:vigie-rules")
    assert list(tmp_path.iterdir()) == []


def test_another_set_takes_the_place_of_all_at_once_and_the_enabled_ones_are_told():
    told: list[list[str]] = []
    book = RuleBook(lambda ids: told.append(sorted(ids)))
    book.replace([WatchRule(id="a", query="Kidal"), WatchRule(id="b", query="Gao", enabled=False)])
    assert book.ready.is_set()
    assert in_force(book) == {"a": "Kidal", "b": "Gao"}
    book.replace([WatchRule(id="c", query="Ménaka")])
    assert in_force(book) == {"c": "Ménaka"}
    book.replace([])
    assert book.file() is None
    assert told == [["a"], ["c"], []]
    book.close()


def test_the_names_that_rules_list_are_kept_as_they_are_written_to_the_processes(book: RuleBook):
    names, count = ("Moussa Traoré", "Awa Diop"), 50_000
    listed = tuple(f"{names[number % 2]} {number}" for number in range(count))
    value = orjson.dumps({"id": "a", "entities": listed})
    tracemalloc.start()
    book.apply(0, b"a", value)
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert kept < 1.5 * len(value)  # as strings they would take more than three times as much
    assert orjson.loads(Path(book.file().path).read_bytes())[0]["entities"] == list(listed)
