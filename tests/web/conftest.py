"""A real Chromium, driven by Playwright, that may reach nothing but files."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

Open = Callable[..., Page]


@pytest.fixture(scope="module")  # while Playwright runs, no other test can have an event loop
def browser() -> Iterator[Browser]:
    """Debian's Chromium; `make test` installs it."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert program, "no Chromium on the PATH; `make test` installs it as root, else: sudo apt-get install chromium"
    with sync_playwright() as playwright:
        # without a sandbox of its own: root cannot have one, and the pages are files that the tests have made
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Open]:
    """Open a file; any request to elsewhere and any script error fails the test."""
    contexts = []
    complaints: list[str] = []

    def only_files(route: Route) -> None:
        if route.request.url.startswith("file://"):
            route.continue_()
        else:
            complaints.append(route.request.url)
            route.abort()

    def open_file(path: Path, **options: object) -> Page:
        context = browser.new_context(**options)
        contexts.append(context)
        context.route("**/*", only_files)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
        page.goto(path.as_uri())
        return page

    yield open_file
    for context in contexts:
        context.close()
    assert complaints == []
