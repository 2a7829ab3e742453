"""The wheel and the sdist: built without the network, whole, and at work where nothing of the checkout is in reach."""

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from email import message_from_bytes
from hashlib import sha256
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
PACKAGES = ("pipeline", "agents")


def run(*command: str | Path, cwd: Path, given: str = "") -> str:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("VIGIE_", "PYTHON"))}
    done = subprocess.run(command, cwd=cwd, env=environ, input=given, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(source: Path, into: Path, *targets: str) -> Path:
    run(sys.executable, "-m", "hatchling", "build", *(word for each in targets for word in ("-t", each)), "-d", into, cwd=source)
    return into


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, tmp_path_factory.mktemp("dist"), "sdist", "wheel")


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def sdist(built: Path) -> Path:
    (found,) = built.glob("*.tar.gz")
    return found


@pytest.fixture(scope="module")
def desk(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with the wheel in it. The libraries are those of this one, seen by a path, so that nothing is fetched."""
    folder = tmp_path_factory.mktemp("desk")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "env", cwd=folder)
    python = folder / "env/bin/python"
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python)
    run(*pip, "install", "--quiet", "--no-index", "--no-deps", wheel, cwd=folder)
    site = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip()
    (Path(site) / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


def ours() -> set[str]:
    """Every file of the packages."""
    found = (path for package in PACKAGES for path in (ROOT / package).rglob("*"))
    return {str(path.relative_to(ROOT)) for path in found if path.is_file() and "__pycache__" not in path.parts}


def packed(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if name.startswith(PACKAGES)}


def test_the_wheel_holds_the_packages_with_their_data(wheel: Path):
    assert wheel.name == f"vigie-{VERSION}-py3-none-any.whl"
    assert packed(wheel) == ours()
    assert {"pipeline/py.typed", "agents/py.typed", "pipeline/entities/gazetteer.bin", "agents/broker/pom.xml"} < packed(wheel)


def test_the_wheel_says_what_it_is(wheel: Path):
    with zipfile.ZipFile(wheel) as archive:
        told = message_from_bytes(archive.read(f"vigie-{VERSION}.dist-info/METADATA"))
        names = set(archive.namelist())
    assert (told["Name"], told["Version"], told["License-Expression"]) == ("vigie", VERSION, "Apache-2.0")
    assert {f"vigie-{VERSION}.dist-info/licenses/{name}" for name in ("LICENSE", "NOTICE")} < names
    assert "# vigie" in told.get_payload()


def test_from_the_sdist_comes_the_same_wheel(sdist: Path, wheel: Path, tmp_path: Path):
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    source = tmp_path / f"vigie-{VERSION}"
    assert {"tests", "docs", "tools", "requirements.lock", "Makefile"} < {path.name for path in source.iterdir()}
    assert not [path for path in source.rglob("*") if {".vigie", ".venv", "node_modules"} & set(path.parts)]
    (again,) = build(source, tmp_path / "again", "wheel").glob("*.whl")
    with zipfile.ZipFile(again) as one, zipfile.ZipFile(wheel) as other:
        assert {each.filename: each.CRC for each in one.infolist()} == {each.filename: each.CRC for each in other.infolist()}


def test_what_is_installed_works_and_is_not_the_checkout(desk: Path):
    python = desk / "env/bin/python"
    places = run(python, "-c", "import agents, pipeline; print(agents.__file__, pipeline.__file__)", cwd=desk).split()
    assert all(Path(place).is_relative_to(desk) for place in places)
    page = {"url": "https://example.org/a", "content": (ROOT / "tests/data/page.txt").read_text(encoding="utf-8")}
    answer = json.loads(run(desk / "env/bin/vigie", "enrich", cwd=desk, given=json.dumps(page) + "\n"))
    assert answer["article"]["language"]["tag"] == "fr"
    assert (len(answer["comments"]) > 10, answer["article"]["pipeline"]["version"]) == (True, VERSION)


def test_a_bug_report_names_everything(desk: Path):
    told = json.loads(run(desk / "env/bin/vigie", "--version", "--json", cwd=desk))
    assert told["vigie"] == VERSION
    assert {"aiokafka", "faust-streaming", "msgspec", "numpy", "typer"} < told["libraries"].keys()
    assert told["libraries"]["msgspec"]
    assert {"python", "system", "machine", "implementation"} < told.keys()
    weights = ROOT / "pipeline/language/weights.npz"
    assert told["models"]["language/weights.npz"] == sha256(weights.read_bytes()).hexdigest()
    assert {"split/weights.json", "entities/gazetteer.bin", "entities/tagger.bin", "languages/fr/split.toml"} < told[
        "models"
    ].keys()


def test_the_version_stands_in_one_place():
    """And where it must be written out, it is the same."""
    images = {
        line.strip() for path in (ROOT / "kubernetes").glob("*.yaml") for line in path.read_text().splitlines() if "image:" in line
    }
    assert {line.rpartition(":")[2] for line in images} == {VERSION}
    written = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if f'"{VERSION}"' in path.read_text()]
    assert written == []
