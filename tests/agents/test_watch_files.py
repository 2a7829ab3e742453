"""Rules and names from files: taken when the file stands still, whole or not at all."""

import os
from pathlib import Path

import orjson
import pytest

from agents import watch_files
from agents.file_watcher import FileWatcher
from agents.pool import Pool
from agents.rules import RuleBook
from agents.settings import Settings
from agents.watch_files import WatchFileError
from agents.work import Record, RulesFile


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
    watcher = FileWatcher(os.fspath(path), "rules", watch_files.read_rules, book.replace)
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
    known = watch_files.know(path, watch_files.read_rules)
    remove(path)  # so that a second reading would fail
    book = RuleBook()
    watcher = FileWatcher(os.fspath(path), "rules", watch_files.read_rules, book.replace, known)
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
    with pytest.raises(WatchFileError, match=said):
        watch_files.read_rules(path)
    with pytest.raises(WatchFileError, match="No such file"):
        watch_files.read_rules(path.with_name("none.toml"))


def entry(name: str) -> str:
    return f'{{"id": "own-{name}", "type": "ORG", "name": "{name}"}}\n'


async def own_ids(pool: Pool, file: RulesFile | None) -> list[str]:
    """The users' ids that a process of the pool gives under a file."""
    page = {"url": "https://example.org/a", "content": "Hier Zerbolin, Qorvatex et Bamako se sont vus."}
    (outcome,) = await pool.run([Record(orjson.dumps(page))], file)
    entities = orjson.loads(outcome.outputs[0].value or b"")["entities"]
    return [each["id"] for each in entities if (each["id"] or "").startswith("own-")]


async def test_names_reach_the_processes_and_a_change_reaches_them_too(tmp_path: Path):
    path, book, pool = tmp_path / "names.jsonl", RuleBook(), Pool(Settings(processes=1), print)
    path.write_text(entry("Zerbolin"))
    watcher = FileWatcher(os.fspath(path), "names", watch_files.read_names, book.watch)
    await watcher.on_start()
    await pool.start()
    try:
        first = book.file()
        assert await own_ids(pool, first) == ["own-Zerbolin"]
        path.write_text("{")  # a fault leaves in force what is
        for _ in range(3):
            await watcher.check()
        assert book.file() == first
        path.write_text(entry("Zerbolin") + entry("Qorvatex"))
        for _ in range(2):
            await watcher.check()
        assert await own_ids(pool, book.file()) == ["own-Zerbolin", "own-Qorvatex"]
        assert await own_ids(pool, first) == ["own-Zerbolin"]  # what a task under way began with
        path.write_text("")
        for _ in range(2):
            await watcher.check()
        assert await own_ids(pool, book.file()) == []
    finally:
        await pool.stop()
        book.close()


def test_a_file_of_names_that_cannot_be_used_is_explained(tmp_path: Path):
    path = tmp_path / "names.jsonl"
    path.write_text(entry("Zerbolin") + "{}\n")
    with pytest.raises(WatchFileError, match=r"names\.jsonl: line 2: .*write a line such as"):
        watch_files.read_names(path)
    with pytest.raises(WatchFileError, match=r"No such file.*JSON Lines"):
        watch_files.read_names(path.with_name("none.jsonl"))
