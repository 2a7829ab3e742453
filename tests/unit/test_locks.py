"""The lock files: every package pinned and hashed, no origin named, nothing that pyproject.toml asks for missing."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
GROUPS = PROJECT["dependency-groups"]
RUNTIME = PROJECT["project"]["dependencies"]
DEV = [each for each in GROUPS["dev"] if isinstance(each, str)]
LOCKS = {
    "requirements.lock": RUNTIME,
    "requirements-build.lock": [*PROJECT["build-system"]["requires"], *GROUPS["build"]],
    "requirements-bench.lock": [*RUNTIME, *GROUPS["bench"]],
    "requirements-dev.lock": [*RUNTIME, *GROUPS["build"], *DEV],
}
PIN = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9-]*)(?:\[[a-z0-9,-]+\])?==(?P<version>[^\s;]+)(?: ; [^\\]+)?(?: --hash=sha256:[0-9a-f]{64})+"
)


def entries(name):
    """The logical lines of a lock file, comments left out."""
    lines = [line for line in (ROOT / name).read_text().splitlines() if not line.lstrip().startswith("#")]
    text = re.sub(r"\s*\\\n\s*", " ", "\n".join(lines))
    return [line.strip() for line in text.splitlines() if line.strip()]


def pins(name):
    """Versions by name: several where they depend on the interpreter."""
    found = {}
    for entry in entries(name):
        match = PIN.fullmatch(entry)
        assert match, entry
        found.setdefault(match["name"], []).append(match["version"])
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_every_entry_is_pinned_and_hashed(name):
    assert len(pins(name)) >= 5


@pytest.mark.parametrize("name", LOCKS)
def test_no_host_is_named(name):
    text = (ROOT / name).read_text()
    for word in ("://", "--index-url", "--extra-index-url", "--find-links", "--trusted-host", "file:"):
        assert word not in text


@pytest.mark.parametrize("name", LOCKS)
def test_what_the_project_asks_for_is_locked_at_a_version_that_it_takes(name):
    locked = pins(name)
    for text in LOCKS[name]:
        wanted = Requirement(text)
        versions = locked.get(canonicalize_name(wanted.name))
        assert versions, f"{wanted.name} is not in {name}; run: make lock"
        assert all(wanted.specifier.contains(version) for version in versions), f"{wanted} is {versions} in {name}; run: make lock"


@pytest.mark.parametrize("beside", ["requirements-dev.lock", "requirements-bench.lock"])
def test_tools_are_locked_beside_the_same_runtime(beside):
    locked = pins(beside)
    for name, versions in {**pins("requirements.lock"), **pins("requirements-build.lock")}.items():
        assert locked[name] == versions


def test_the_peers_of_the_bench_are_never_installed_with_vigie():
    peers = {canonicalize_name(Requirement(text).name) for text in GROUPS["bench"]}
    assert peers.isdisjoint(pins("requirements.lock"))
    assert peers.isdisjoint(pins("requirements-dev.lock"))


@pytest.mark.parametrize("entry", ["numpy>=2.0", "numpy==2.0", "numpy @ file:///numpy.whl --hash=sha256:" + "0" * 64])
def test_an_entry_without_pin_or_hash_would_be_refused(entry):
    assert not PIN.fullmatch(entry)
