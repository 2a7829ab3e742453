"""Rules from a file: taken when the file stands still, whole or not at all."""

import os
from pathlib import Path

import orjson
import pytest

from agents import rules_file
from agents.rules import RuleBook
from agents.rules_file import RulesFileError
from agents.rules_watcher import RulesWatcher


def table(name: str, query: str = "Bamako") -> str:
    return f"[[rules]]\nid = '{name}'\nquery = '''{query}'''\n"


def write(path: Path, text: str) -> None:
    path.write_text(text)


def remove(path: Path) -> None:
    path.unlink()


def in_force(book: RuleBook) -> set[str]:
    file = book.file()
    return {each["id"] for each in orjson.loads(Path(file.path).read_bytes())} if file else set()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "rules.toml"
    path.write_text(table("a"))
    return path


@pytest.fixture
async def watched(path: Path):
    book = RuleBook()
    watcher = RulesWatcher(os.fspath(path), book)
    await watcher.on_start()
    yield watcher, book
    book.close()


async def test_a_change_is_taken_whole_once_the_file_stands_still(path: Path, watched):
    watcher, book = watched
    assert book.ready.is_set()
    assert in_force(book) == {"a"}
    write(path, table("b"))  # as an editor that has written half of it
    await watcher.check()
    write(path, table("b") + table("c"))
    await watcher.check()
    assert in_force(book) == {"a"}
    await watcher.check()
    assert in_force(book) == {"b", "c"}


async def test_what_was_read_before_the_start_is_not_read_again_and_a_change_since_is_taken(path: Path):
    known = rules_file.know(path)
    remove(path)  # so that a second reading would fail
    book = RuleBook()
    watcher = RulesWatcher(os.fspath(path), book, known)
    await watcher.on_start()
    assert in_force(book) == {"a"}
    write(path, table("b"))
    for _ in range(2):
        await watcher.check()
    assert in_force(book) == {"b"}
    book.close()


async def test_a_file_that_takes_the_place_of_another_is_seen(path: Path, watched):
    watcher, book = watched
    fresh = path.with_suffix(".new")
    write(fresh, table("z"))
    fresh.replace(path)
    await watcher.check()
    await watcher.check()
    assert in_force(book) == {"z"}


@pytest.mark.parametrize("fault", [table("b") + table("c", "(Bamako"), "[[rules", table("b") + "colour = 1", "[[rules]]\nid = 'b'"])
async def test_a_fault_leaves_the_rules_in_force_and_its_mend_is_taken(path: Path, watched, fault: str):
    watcher, book = watched
    write(path, fault)
    for _ in range(3):
        await watcher.check()
    assert in_force(book) == {"a"}
    write(path, table("b") + table("c"))
    for _ in range(2):
        await watcher.check()
    assert in_force(book) == {"b", "c"}


async def test_a_file_that_is_gone_for_a_while_leaves_the_rules_in_force(path: Path, watched):
    watcher, book = watched
    remove(path)
    for _ in range(3):
        await watcher.check()
    assert in_force(book) == {"a"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (table("b", "mali niger").encode(), r"rule 'b': two terms stand side by side.*\(at character 5 of the query\)"),
        (b"\xff", "not UTF-8"),
        (b"[[rules", "not TOML"),
    ],
)
def test_a_file_that_cannot_be_used_is_explained(path: Path, content: bytes, said: str):
    path.write_bytes(content)
    with pytest.raises(RulesFileError, match=said):
        rules_file.read(path)
    with pytest.raises(RulesFileError, match="No such file"):
        rules_file.read(path.with_name("none.toml"))
