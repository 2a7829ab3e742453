"""Write docs/pictures/inspect.png, the README's picture: `vigie inspect --html` of an invented page, in Chromium.

python tools/picture.py
"""

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "agents/examples/pages/marche.html"
PICTURE = ROOT / "docs/pictures/inspect.png"
RULES = """[[rules]]
id = "market"
query = 'marché AND (entity:Ouagadougou OR commerçants)'
"""


def main() -> None:
    """Make the page and photograph its top."""
    PICTURE.parent.mkdir(exist_ok=True)
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "rules.toml").write_text(RULES, encoding="utf-8")
        rules, seen = folder / "rules.toml", folder / "seen.html"
        command = [sys.executable, "-m", "agents", "inspect", str(PAGE), "--rules", str(rules), "--html", str(seen)]
        subprocess.run(command, cwd=ROOT, check=True)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1100, "height": 900}, device_scale_factor=1)
            page.goto((folder / "seen.html").as_uri())
            page.screenshot(path=PICTURE)
            browser.close()
    print(f"wrote {PICTURE} ({PICTURE.stat().st_size} bytes)")


if __name__ == "__main__":
    main()
