"""`vigie inspect --html` in a real browser: what a reader sees, does by keyboard, and what hostile pages cannot do."""

from pathlib import Path

import msgspec
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from agents.cli.html import render, write_pages
from pipeline.events import Enriched
from tests.fixtures.enriched import hostile, sample_page
from tests.web.conftest import Open

NONE = "rgba(0, 0, 0, 0)"
PHONE = {"viewport": {"width": 375, "height": 800}}


@pytest.fixture(scope="module")
def sample() -> Enriched:
    return sample_page()


@pytest.fixture
def sample_file(sample: Enriched, tmp_path: Path) -> Path:
    return write_pages([sample], tmp_path / "sample.html")


def shown(page: Page) -> list[str]:
    return [each.get_attribute("id") or "" for each in page.locator(".comment").all() if each.is_visible()]


def test_menu_of_languages_hides_the_others_and_brings_them_back(visit: Open, sample: Enriched, sample_file: Path):
    page = visit(sample_file)
    every = [f"comment-{comment.position + 1}" for comment in sample.comments]
    english = [f"comment-{comment.position + 1}" for comment in sample.comments if comment.language.tag == "en"]
    assert shown(page) == every
    page.get_by_label("Language").select_option(label=f"en ({len(english)})")
    assert shown(page) == english
    assert 0 < len(english) < len(every)
    page.get_by_label("Language").select_option(label="all")
    assert shown(page) == every


def test_menu_of_names_shows_who_names_them_and_lights_them_up(visit: Open, sample: Enriched, sample_file: Path):
    page = visit(sample_file)
    naming = [comment for comment in sample.comments if any(each.id == "Q912" for each in comment.entities)]
    page.get_by_label("Names").select_option(label=f"Mali ({len(naming)})")
    assert shown(page) == [f"comment-{comment.position + 1}" for comment in naming]
    lit = [each for each in page.locator("mark").all() if each.evaluate("node => getComputedStyle(node).backgroundColor") != NONE]
    assert {each.inner_text() for each in lit} <= {"Mali", "MALI", "mali"}
    assert len(lit) > len(naming)


def test_by_keyboard_alone(visit: Open, sample: Enriched, sample_file: Path):
    page = visit(sample_file)
    page.keyboard.press("Tab")
    focused = page.locator(":focus")
    assert focused.inner_text() == "To the comments"
    assert focused.bounding_box()["x"] >= 0  # a skip link shows when it has the focus
    page.keyboard.press("Enter")
    assert page.url.endswith("#comments")
    page.get_by_label("Language").focus()
    page.keyboard.press("ArrowDown")
    assert 0 < len(shown(page)) < len(sample.comments)


def test_quote_leads_to_where_the_article_says_it(visit: Open, sample: Enriched, sample_file: Path):
    page = visit(sample_file, viewport={"width": 900, "height": 600})
    quoting = next(comment for comment in sample.comments if comment.quotes)
    target = page.locator(f"#quote-{quoting.position + 1}-1")
    page.locator(f"#comment-{quoting.position + 1}").get_by_text("quotes the article").click()
    page.wait_for_timeout(100)
    box = target.bounding_box()
    assert 0 <= box["y"] < 600
    quote = quoting.quotes[0]
    assert target.inner_text().split()[0] in sample.article.body[quote.article_start : quote.article_end]


@pytest.mark.parametrize("options", [{}, {"color_scheme": "dark"}, PHONE], ids=["light", "dark", "phone"])
def test_accessible_without_findings(visit: Open, sample_file: Path, options: dict[str, object]):
    found = Axe().run(visit(sample_file, **options))
    assert [
        (each["id"], each["impact"], [node["html"] for node in each["nodes"]][:2]) for each in found.response["violations"]
    ] == []


def test_index_is_accessible_and_narrows_by_language(visit: Open, sample: Enriched, tmp_path: Path):
    english = msgspec.structs.replace(
        sample,
        article=msgspec.structs.replace(
            sample.article, language=next(c.language for c in sample.comments if c.language.tag == "en")
        ),
    )
    page = visit(write_pages([sample, english, sample], tmp_path / "folder"))
    assert Axe().run(page).violations_count == 0
    page.get_by_label("Language").select_option(label="en")
    assert [each.is_visible() for each in page.locator("tbody tr").all()] == [False, True, False]
    page.locator("tbody a:visible").click()
    assert page.url.endswith("page-2.html")


def test_phone_needs_no_sideways_scrolling(visit: Open, sample_file: Path):
    page = visit(sample_file, **PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_index_needs_no_sideways_scrolling_on_a_phone(visit: Open, sample: Enriched, tmp_path: Path):
    far = msgspec.structs.replace(sample.article, headline=None, url=f"https://example.org/{'a' * 200}")
    page = visit(write_pages([sample, msgspec.structs.replace(sample, article=far)], tmp_path / "pages"), **PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_dark_follows_the_reader(visit: Open, sample_file: Path):
    colours = {
        scheme: visit(sample_file, color_scheme=scheme).evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    }
    assert colours["light"] != colours["dark"]


def test_paper_has_the_text_and_no_controls(visit: Open, sample: Enriched, sample_file: Path):
    page = visit(sample_file)
    page.emulate_media(media="print")
    assert not page.locator(".filter").is_visible()
    assert page.locator(".comment").last.is_visible()
    assert page.pdf().startswith(b"%PDF")


def test_hostile_text_everywhere_runs_nothing(visit: Open, sample: Enriched, tmp_path: Path):
    attack = msgspec.convert(hostile(msgspec.to_builtins(sample)), Enriched)
    (tmp_path / "attack.html").write_text(render(attack), encoding="utf-8")
    page = visit(tmp_path / "attack.html")
    assert page.locator("script, img").count() == 0
    assert page.get_by_text("<script>alert(1)</script>").count() > 10
