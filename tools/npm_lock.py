"""Write tools/asyncapi/package-lock.json from package.json, with no address in it: no registry's (.npmrc) and no sponsor's."""

import json
import shutil
import subprocess
from pathlib import Path

FOLDER = Path(__file__).parent / "asyncapi"

if __name__ == "__main__":
    subprocess.run([shutil.which("npm") or "npm", "install", "--package-lock-only"], cwd=FOLDER, check=True)
    path = FOLDER / "package-lock.json"
    lock = json.loads(path.read_text(encoding="utf-8"))
    for each in lock["packages"].values():
        each.pop("funding", None)
    path.write_text(json.dumps(lock, indent=2) + "\n", encoding="utf-8")
