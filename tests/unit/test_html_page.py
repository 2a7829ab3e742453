"""`vigie inspect --html`: one self-contained page; nothing in it can run, load or break out."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from agents.cli import app
from agents.cli.html import render, write_pages
from agents.cli.marks import Mark, excerpt, marked
from pipeline.enrich import mentions
from pipeline.events import Enriched
from tests.fixtures.enriched import hostile, sample_page

ROOT = Path(__file__).parents[2]
VOID = {"meta", "br", "img", "link", "input", "hr"}
IMPLIED = {"li", "tr", "th", "td", "thead", "tbody", "p", "option"}  # HTML lets their end tags be left out


class Reader(HTMLParser):
    """Elements in their order, with a check that each closes before the one around it does."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(page)
        assert [each for each in self._open if each not in IMPLIED] == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        while self._open[-1] != tag:
            assert self._open.pop() in IMPLIED, tag
        self._open.pop()

    def handle_data(self, data):
        self.text += data


def read(page: str) -> Reader:
    return Reader(page)


@pytest.fixture(scope="module")
def page() -> Enriched:
    return sample_page()


@pytest.fixture(scope="module")
def attack(page: Enriched) -> Enriched:
    return msgspec.convert(hostile(msgspec.to_builtins(page)), Enriched)


def inspect(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["inspect", *arguments], env={"COLUMNS": "80"})


# what the page shows


def test_article_comments_names_and_evidence_are_there(page: Enriched):
    shown = read(render(page))
    assert page.article.body.replace("\n", "") in shown.text
    for comment in page.comments:
        assert comment.text.replace("\n", "") in shown.text
    assert f"{len(page.comments)} comments" in shown.text
    for each in page.article.split.evidence:
        assert each.name.replace("_", " ") in shown.text
    assert "warning: azawad" in shown.text
    assert [attributes["lang"] for tag, attributes in shown.elements if tag == "html"] == [page.article.language.tag]


def test_quote_leads_to_the_article(page: Enriched):
    shown = read(render(page))
    links = [attributes["href"] for tag, attributes in shown.elements if tag == "a" and "#quote-" in attributes["href"]]
    ids = [attributes["id"] for _, attributes in shown.elements if "id" in attributes]
    assert links
    assert {link[1:] for link in links} <= set(ids)
    assert len(ids) == len(set(ids))


def test_names_lead_to_wikidata_only_by_its_own_ids(page: Enriched, attack: Enriched):
    def addresses(found: Enriched) -> set[str]:
        links = {attributes.get("href") or "" for tag, attributes in read(render(found)).elements if tag == "a"}
        return {link for link in links if not link.startswith("#")}

    assert "https://www.wikidata.org/wiki/Q912" in addresses(page)
    assert addresses(attack) == set()


def test_a_page_of_a_file_has_the_file_for_its_address(tmp_path: Path):
    (tmp_path / "a é.txt").write_text("Le ministre est arrivé à Bamako, au Mali.", encoding="utf-8")
    for arguments, content in (["--html", str(tmp_path / "seen.html")], None), ([], ""):
        result = inspect(str(tmp_path / "a é.txt"), *arguments)
        seen = (tmp_path / "seen.html").read_text(encoding="utf-8") if content is None else result.stdout
        assert "a é.txt" in seen
        assert "file.invalid" not in seen


def test_an_alert_leads_to_its_comment(page: Enriched):
    comment = next(each for each in page.comments if any(alert.document_id == each.id for alert in page.alerts))
    links = [attributes["href"] for tag, attributes in read(render(page)).elements if tag == "a"]
    assert f"#comment-{comment.position + 1}" in links


@pytest.mark.parametrize(
    ("snippet", "texts", "shown"),
    [
        ("b c", ["a", "a b c d"], "… b c …"),
        ("a b", [" a b c"], "a b …"),
        ("b c", ["a b c\n"], "… b c"),
        ("a", ["a"], "a"),
        ("x", [], "x"),
    ],
)
def test_a_snippet_shows_where_it_was_cut(snippet: str, texts: list[str], shown: str):
    assert excerpt(snippet, texts) == shown


# safety


def test_nothing_hostile_becomes_markup(page: Enriched, attack: Enriched):
    usual, attacked = read(render(page)), read(render(attack))
    assert {tag for tag, _ in attacked.elements} <= {tag for tag, _ in usual.elements}
    assert attacked.text.count("<script>alert(1)</script>") >= 10
    names = {name for _, attributes in attacked.elements for name in attributes}
    usual_names = {name for _, attributes in usual.elements for name in attributes}
    assert names <= usual_names
    assert not re.search("[\u202e\x1b\x00]", render(attack))


def test_no_script_and_no_request(page: Enriched):
    rendered = render(page)
    tags = {tag for tag, _ in read(rendered).elements}
    assert tags.isdisjoint({"script", "img", "iframe", "link", "object", "embed", "form", "base", "svg", "video", "audio"})
    assert "default-src 'none'" in rendered
    style = rendered.partition("<style>")[2].partition("</style>")[0]
    assert not re.search(r"url\(|@import|//", style)


# files


def test_one_page_is_a_file_and_several_are_a_folder(page: Enriched, attack: Enriched, tmp_path: Path):
    assert write_pages([page], tmp_path / "one.html") == tmp_path / "one.html"
    index = write_pages(iter([page, attack, page]), tmp_path / "many")
    assert sorted(each.name for each in index.parent.iterdir()) == ["index.html", "page-1.html", "page-2.html", "page-3.html"]
    shown = read(index.read_text())
    assert [attributes["href"] for tag, attributes in shown.elements if tag == "a"] == ["page-1.html", "page-2.html", "page-3.html"]
    named = len({(each.type, each.name, each.id) for each in mentions(page)})
    assert f"fr{len(page.comments)}{named}{len(page.alerts)}" in shown.text
    assert f"{2 * len(page.comments) + len(attack.comments)} comments" in shown.text
    assert f"Alerts by ruleazawad × {2 * len(page.alerts)}" in shown.text
    assert "script" not in {tag for tag, _ in shown.elements}


def test_command_writes_what_it_says(tmp_path: Path):
    result = inspect(str(ROOT / "tests/data/page.txt"), "--html", str(tmp_path / "out.html"))
    assert result.exit_code == 0
    assert result.stdout == f"wrote {tmp_path / 'out.html'}\n"
    assert "Tinzaouatene" in (tmp_path / "out.html").read_text()


def test_place_that_cannot_be_written(tmp_path: Path):
    for out in (tmp_path, tmp_path / "none" / "out.html"):
        result = inspect(str(ROOT / "tests/data/page.txt"), "--html", str(out))
        assert (result.exit_code, str(out) in result.stderr, "Traceback" in result.stderr) == (1, True, False)


# marks


@st.composite
def marked_texts(draw: st.DrawFn) -> tuple[str, list[Mark]]:
    text = draw(st.text(alphabet="ab<&\n é\U0001f600", max_size=30))
    places = st.integers(0, len(text))
    spans = draw(st.lists(st.tuples(places, places), max_size=8))
    return text, [Mark(start, end, f'<b class="{number}"', "</b>", f"m{number}") for number, (start, end) in enumerate(spans)]


@given(marked_texts())
def test_marks_may_overlap_and_every_character_stays_in_its_own(given_text: tuple[str, list[Mark]]):
    text, marks = given_text
    found = list(characters(marked(text, marks)))
    assert "".join(char for char, _ in found) == text
    for place, (char, around) in enumerate(found):
        if char != "\n":
            assert around == {number for number, mark in enumerate(marks) if mark.start <= place < mark.end}


@given(marked_texts())
def test_mark_has_its_id_once(given_text: tuple[str, list[Mark]]):
    text, marks = given_text
    shown = read(marked(text, marks)).elements
    wanted = [mark.id for mark in marks if mark.start < mark.end and text[mark.start] != "\n"]
    assert sorted(attributes["id"] for _, attributes in shown if "id" in attributes) == sorted(wanted)


def characters(content: str) -> Iterator[tuple[str, set[int]]]:
    """Characters of marked HTML with the numbers of the marks around each."""
    from html import unescape

    around: list[int] = []
    for piece in re.findall(r"<[^>]+>|&\w+;|[^<&]", content):
        if piece == "<br>":
            yield "\n", set()
        elif piece == "</b>":
            around.pop()
        elif piece.startswith("<"):
            around.append(int(piece.split('"')[1]))
        else:
            yield unescape(piece), set(around)


# in the terminal


def test_terminal_shows_hostile_pages_as_text(attack: Enriched):
    import io

    from rich.console import Console

    from agents.cli import show

    out = io.StringIO()
    show.page(Console(file=out, width=80, force_terminal=True), attack.article, attack.comments, attack.alerts)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", out.getvalue())
    assert "\x1b" not in plain
    assert "\u202e" not in plain
    assert "[red]:smile:" in plain
    assert max(map(len, plain.splitlines())) <= 80


def test_pages_of_a_file_that_cannot_be_used_are_named(tmp_path: Path):
    good = {"url": "https://example.org/a", "content": "Le ministre est à Bamako [red]."}
    (tmp_path / "pages.jsonl").write_text("\n".join(["nonsense", "", json.dumps(good)]) + "\n")
    result = inspect(str(tmp_path / "pages.jsonl"))
    assert result.exit_code == 0
    assert result.stderr.startswith(f"vigie: {tmp_path}/pages.jsonl:1: not_json: ")
    assert "Bamako [red]" in result.stdout
    assert json.loads(inspect(str(tmp_path / "pages.jsonl"), "--json").stdout)["article"]["url"] == good["url"]
    (tmp_path / "empty.txt").write_text("")
    assert inspect(str(tmp_path / "empty.txt")).exit_code == 1


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ("<p>Événement à Bamako</p>".encode(), "a.html"),
        (b"\xef\xbb\xbf" + "Événement à Bamako".encode(), "a.txt"),
        ("<meta charset='iso-8859-1'><p>Événement à Bamako</p>".encode("latin-1"), "a.html"),
        ("Événement à Bamako".encode("cp1252"), "a name with blanks & signs.txt"),
        ("\ufeffÉvénement à Bamako".encode("utf-16-le"), "a.txt"),
        ("<meta charset=no-such><p>Événement à Bamako</p>".encode("cp1252"), "a.htm"),
    ],
)
def test_pages_are_read_in_their_encoding(data: bytes, name: str, tmp_path: Path):
    (tmp_path / name).write_bytes(data)
    result = inspect(str(tmp_path / name), "--json")
    assert "Événement à Bamako" in json.loads(result.stdout)["article"]["body"], result.stderr
