"""Files that `publish` and `inspect` read: every kind, whole and broken, and from some place on."""

import gzip
import json
from pathlib import Path

import orjson
import pytest
import trafilatura
import typer

from agents.cli.folders import opened
from agents.cli.pages import Item, Reading, records
from agents.cli.resume import NotAState, Resume
from agents.settings import Settings
from pipeline.codec import decode_raw
from tests.fixtures.warc import response
from tests.unit.test_mapping import NEWSPAPER, TRAFILATURA

SETTINGS = Settings()
HTML = "<html><body><article><p>Le ministre est arrivé à Bamako.</p></article></body></html>"


def read(path: Path, settings: Settings = SETTINGS, **options: object) -> list[Item]:
    counted: list[int] = []
    items = [item for _, item in records([path], Reading(settings, 1 << 20, **options), counted.append)]
    if path.stat().st_size < 1 << 16:
        assert sum(counted) <= path.stat().st_size
    return items


def written(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


def reasons(items: list[Item]) -> list[str]:
    return [str(item.refusal[0]) if item.refusal else item.skipped for item in items]


ARCHIVE = [
    response("https://a.example/1", HTML.encode()),
    response("<https://a.example/2>", HTML.encode("latin-1"), kind="text/html; charset=ISO-8859-1"),
    response("https://a.example/3", gzip.compress(HTML.encode()), extra="Content-Encoding: gzip\r\n"),
    response("https://a.example/4", b"\x89PNG", kind="image/png"),
    response("https://a.example/5", b"gone", status="404 Not Found"),
    response("https://a.example/6", b"abc", extra="Content-Encoding: br\r\n"),
    response("ftp://a.example/7", HTML.encode()),
    response("https://a.example/8", b" "),
    response("https://a.example/request", HTML.encode(), record="request"),
    response("https://a.example/9", "Un texte « simple ».".encode("cp1252"), kind="text/plain"),
]
PAGES = {f"https://a.example/{number}" for number in (1, 2, 3, 9)}


@pytest.mark.parametrize("name", ["crawl.warc", "crawl.warc.gz"])
def test_an_archive(tmp_path: Path, name: str):
    path = tmp_path / name
    path.write_bytes(b"".join(map(gzip.compress, ARCHIVE)) if name.endswith(".gz") else b"".join(ARCHIVE))
    items = read(path)
    assert reasons(items) == ["", "", "", "no page", "status 404", "not_unpacked", "bad_url", "missing_field", ""]
    pages = [decode_raw(item.value) for item in items if item.value]
    assert {page.url for page in pages} == PAGES == {item.key.decode() for item in items if item.value}
    assert [page.content for page in pages] == [HTML, HTML, HTML, "Un texte « simple »."]
    assert {page.fetched_at.isoformat() for page in pages} == {"2026-11-20T08:00:00+00:00"}
    assert read(path, done={path: 4}) == items[4:]


@pytest.mark.parametrize("cut", [30, len(HTML) + 20, len(HTML) + 100])
def test_an_archive_that_was_cut_short_gives_what_is_whole(tmp_path: Path, cut: int):
    items = read(written(tmp_path, "crawl.warc", b"".join(ARCHIVE[:2])[:-cut]))
    assert decode_raw(items[0].value).url == "https://a.example/1"
    assert all(item.refusal for item in items[1:])


def test_a_packed_archive_that_was_cut_short(tmp_path: Path):
    packed = b"".join(map(gzip.compress, ARCHIVE[:2]))
    items = read(written(tmp_path, "crawl.warc", packed[:-60]))
    assert decode_raw(items[0].value).url == "https://a.example/1"
    assert all(item.refusal for item in items[1:])


def test_what_is_no_archive(tmp_path: Path):
    assert reasons(read(written(tmp_path, "a.warc", b"no archive\n" * 100))) == ["not_warc"]
    items = read(written(tmp_path, "b.warc", ARCHIVE[0] + b"no archive\r\n" * 100 + ARCHIVE[1]))
    assert reasons(items) == ["", "not_warc"]
    assert read(written(tmp_path, "c.warc", b"")) == []


def test_lines_go_as_they_are_and_other_json_in_our_fields(tmp_path: Path):
    ours = b'{"url" : "https://a.example/", "content": "x", "extra": 1}'
    event = b'{"specversion": "1.0", "id": "1", "source": "s", "type": "t", "data": {"url": "https://a.example/e", "content": "x"}}'
    theirs = [json.dumps(each).encode() for each in (TRAFILATURA, NEWSPAPER, TRAFILATURA | {"source": None, "text": "x"})]
    path = written(tmp_path, "crawl.jsonl.gz", b"\n".join([ours, b"", b"no json", event, *theirs, b"[1]"]))
    items = read(path)
    assert [item.value for item in items[:3]] == [ours, b"no json", event]
    assert [item.key for item in items[:3]] == [b"https://a.example/", None, b"https://a.example/e"]
    assert [decode_raw(item.value).url for item in items[3:5]] == ["https://a.example/x"] * 2
    assert reasons(items) == ["", "", "", "", "", "missing_field", ""]
    assert [item.where.rpartition(":")[2] for item in items] == ["1", "3", "4", "5", "6", "7", "8"]
    assert read(path, done={path: 3}) == items[3:]


def test_a_crawler_of_ones_own_by_a_mapping(tmp_path: Path):
    settings = Settings.from_env({"VIGIE_RAW_FIELDS": 'url=link, content=body, content_type="text/html", fetched_at=ts'})
    line = orjson.dumps({"link": "https://a.example/", "body": HTML, "ts": 1_764_000_000, "junk": [1]})
    (item,) = read(written(tmp_path, "crawl.ndjson", line), settings)
    assert orjson.loads(item.value) == {
        "url": "https://a.example/", "content": HTML, "content_type": "text/html", "fetched_at": "2025-11-24T16:00:00+00:00",
    }  # fmt: skip
    assert item.key == b"https://a.example/"


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(NEWSPAPER, indent=4),
        json.dumps([NEWSPAPER, TRAFILATURA], indent=1),
        f"[{json.dumps(NEWSPAPER, indent=4)},]{json.dumps(TRAFILATURA)}]",  # as newspaper writes several
        f"{json.dumps(NEWSPAPER)}\n{json.dumps(TRAFILATURA)}\n",
        "\ufeff" + json.dumps([NEWSPAPER]),
    ],
)
def test_documents_in_any_arrangement(tmp_path: Path, text: str):
    items = read(written(tmp_path, "pages.json", text.encode()))
    assert len(items) == 1 + ("Bien dit." in text)
    assert {decode_raw(item.value).url for item in items} == {"https://a.example/x"}


def test_what_trafilatura_writes_today(tmp_path: Path):
    """The real thing, comments included: they come behind the text."""
    page = HTML.replace("</article>", "<p>Une visite de deux jours commence mardi.</p>" * 3 + "</article>")
    page = page.replace("</body>", '<div id="comments"><div class="comment"><p>Bien dit, bravo à lui.</p></div></div></body>')
    found = trafilatura.extract(page, url="https://a.example/x", output_format="json", with_metadata=True)
    (item,) = read(written(tmp_path, "page.json", found.encode()))
    article = decode_raw(item.value)
    assert article.url == "https://a.example/x"
    assert article.content.endswith("\nBien dit, bravo à lui.")


def test_documents_that_break_off(tmp_path: Path):
    items = read(written(tmp_path, "a.json", json.dumps([NEWSPAPER, NEWSPAPER]).encode()[:-30]))
    assert reasons(items) == ["", "not_json"]
    assert reasons(read(written(tmp_path, "b.json", b'{"url": "\xff"}'))) == ["not_utf8"]
    assert reasons(read(written(tmp_path, "c.json", b"[" * 5))) == []
    assert reasons(read(written(tmp_path, "d.json", b'{"a":' * 100_000))) == ["not_json"]


def test_pages_packed_and_plain(tmp_path: Path):
    for name in ("page.html", "page.html.gz"):
        (item,) = read(written(tmp_path, name, HTML.encode()), url="https://a.example/")
        assert (decode_raw(item.value).content, item.key) == (HTML, b"https://a.example/")


@pytest.mark.parametrize("name", ["page.html.gz", "crawl.jsonl.gz"])
def test_a_packed_file_that_is_none_is_said(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / name
    for data in (b"not packed", gzip.compress(b"x" * 1000)[:-12]):
        path.write_bytes(data)
        with pytest.raises(typer.Exit):
            read(path)
        assert f"vigie: {path}: " in capsys.readouterr().err


def test_how_far_it_came(tmp_path: Path):
    state, path = tmp_path / "state", written(tmp_path, "a.jsonl", b"{}\n{}\n")
    resume = Resume(state)
    assert resume.done([path]) == {}
    resume.delivered(path, 1)
    resume.save()
    path.write_bytes(b"{}\n{}\n{}\n")  # it has grown
    assert Resume(state).done([path]) == {path: 1}
    path.write_bytes(b"{} \n{}\n")  # it is another
    assert Resume(state).done([path]) == {}
    for wrong in (b"", b"{}", b'{"files": {"a": 1}}', b"\xff", b"[]"):
        state.write_bytes(wrong)
        with pytest.raises(NotAState, match="is not what --resume writes"):
            Resume(state)
    Resume(None).delivered(path, 1)


def test_a_folder_with_the_beginning_of_its_addresses(tmp_path: Path):
    (tmp_path / "été").mkdir()
    written(tmp_path / "été", "a.html.gz", HTML.encode())
    written(tmp_path, "crawl.jsonl", b'{"url": "https://b.example/", "content": "x"}')
    files, places = opened([tmp_path])
    items = [item for _, item in records(files, Reading(SETTINGS, 1 << 20, "https://a.example/news/", places=places))]
    assert [item.key.decode() for item in items] == ["https://b.example/", "https://a.example/news/%C3%A9t%C3%A9/a.html.gz"]
    assert decode_raw(items[1].value).content == HTML


def test_a_page_that_a_worker_could_not_use_is_refused_here(tmp_path: Path):
    items = read(written(tmp_path, "empty.html", b" \n"), url="https://a.example/")
    assert reasons(items) == ["missing_field"]
    large = Settings(content_chars=100)
    assert reasons(read(written(tmp_path, "large.txt", b"a" * 101), large, url="https://a.example/")) == ["too_large"]
