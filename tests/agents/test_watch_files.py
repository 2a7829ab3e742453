"""Rules and names from files: taken when the file stands still, whole or not at all."""

import os
from pathlib import Path

import orjson
import pytest

from agents import watch_files
from agents.file_watcher import FileWatcher
from agents.messages import Record, RulesFile
from agents.pool import Pool
from agents.rules import RuleBook
from agents.settings import Settings
from agents.watch_files import WatchFileError
from pipeline.entities import load_tagger


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
    path.with_suffix(".xlsx").write_bytes(b"PK\x03\x04\x14\x00")
    with pytest.raises(WatchFileError, match=r"names\.xlsx: .* save it as CSV UTF-8"):
        watch_files.read_names(path.with_suffix(".xlsx"))


TABLE = '\ufeffName;Type;Aliases\r\n Zerbolin ;per;Zerb|Le Zerb\r\n;;\r\n"Mines\r\nde Qor";ORG;\r\n'


def test_a_table_of_names(tmp_path: Path):
    """As a spreadsheet writes it: byte order mark, semicolons, an empty row, a cell of two lines."""
    path = tmp_path / "names.CSV"
    path.write_text(TABLE, encoding="utf-8", newline="")
    names = watch_files.read_names(path)
    assert [names.item(number) for number in range(len(names))] == [
        ("Zerbolin", "Zerbolin"),
        ("Mines\r\nde Qor", "Mines\r\nde Qor"),
    ]
    (found,) = load_tagger(names).tag(["Le Zerb est à Bamako."])[0][:1]
    assert (found.surface, found.id, found.type) == ("Le Zerb", "Zerbolin", "PER")


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("", "line 1: the headings are missing; write name and type"),
        ("nom,type\n", "line 1: the headings are nom, type; write name and type"),
        ("name,type,alias\n", "line 1: the headings are name, type, alias;"),
        ("name,type,name\n", "line 1: "),
        ("name,type\nZerbolin,\n", "line 2: the type is missing; write PER, ORG or LOC"),
        ("name,type\nZerbolin,GPE\n", "line 2: the type is GPE; write PER, ORG or LOC"),
        ("name,type\n,PER\n", "line 2: there is no name"),
        ('name,type\n"a\nb",PER\n\n?,PER\n', "line 5: the name '\\?' holds no letter"),
        ('name,type\nKoné,PER\n"Zerbolin,PER\nQorvatex,PER\n', "line 3: a quote is not closed; mend the row"),
        ("name,type,aliases\nZerbolin,PER,Zerb,Zerbo\n", "line 2: more cells than headings; write \\| between aliases"),
        ('name,type\n"' + "a" * 200_000 + '",PER\n', "line 2: field larger than field limit"),
    ],
)
def test_a_table_that_cannot_be_used_is_explained(tmp_path: Path, table: str, said: str):
    path = tmp_path / "names.csv"
    path.write_text(table, encoding="utf-8")
    with pytest.raises(WatchFileError, match=rf"names\.csv: {said}"):
        watch_files.read_names(path)


def test_a_table_in_another_encoding_is_explained(tmp_path: Path):
    path = tmp_path / "names.csv"
    path.write_bytes("name,type\nGoïta,PER\n".encode("cp1252"))
    with pytest.raises(WatchFileError, match=r"not UTF-8 .*save it in UTF-8"):
        watch_files.read_names(path)
