"""Tests marked `shared` are left out, and counted, where ../shared is absent."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_TESTS = Path(__file__).resolve().parents[1]
_BODY = """
import pytest
@pytest.mark.shared
def test_quality(): pass
def test_other(): pass
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    (root / "tests").mkdir(parents=True)
    shutil.copy(_TESTS / "conftest.py", root / "tests")
    (root / "tests" / "test_it.py").write_text(_BODY)
    (root / "pytest.ini").write_text("[pytest]\nmarkers = shared: needs ../shared\ntestpaths = tests\n")
    return root


def run(root: Path) -> str:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]
    environment = {"PYTHONPATH": str(_TESTS.parent), "PATH": "/usr/bin:/bin"}
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=True).stdout


def test_deselected_and_counted_without_shared(repository: Path):
    said = run(repository)
    assert "1 passed, 1 deselected" in said
    assert "1 tests that measure quality on ../shared were deselected" in said


def test_run_with_shared(repository: Path):
    (repository.parent / "shared").mkdir()
    said = run(repository)
    assert "2 passed" in said
    assert "deselected" not in said
