"""tools/system-packages.sh: what it asks for on machines that lack something, told by commands put before the real ones."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "tools/system-packages.sh"
APT = 'if [ "$1" = show ]; then [ "$2" = openjdk-21-jre-headless ]; else echo "apt-get $*"; fi'


@pytest.fixture
def machine(tmp_path):
    """Run the script on a machine with these commands (name -> shell script) and nothing of Java's but them."""
    for name in ("bash", "sed", "env"):
        (tmp_path / name).symlink_to(f"/bin/{name}" if Path(f"/bin/{name}").exists() else f"/usr/bin/{name}")
    (tmp_path / "python3").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (tmp_path / "python3").chmod(0o755)

    def run(commands, *arguments, python="python3"):
        for name, script in commands.items():
            (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
            (tmp_path / name).chmod(0o755)
        environ = {**os.environ, "PATH": str(tmp_path), "PYTHON": python}
        return subprocess.run(
            [tmp_path / "bash", SCRIPT, *arguments], env=environ, capture_output=True, text=True, timeout=60, check=False
        )

    return run


def java(release):
    return f"echo 'openjdk version \"{release}\" 2025-01-01' >&2"


@pytest.mark.parametrize("release", ["17.0.15", "21", "25.0.1"])
def test_nothing_to_do_with_java_and_maven_at_hand(machine, release):
    done = machine({"java": java(release), "mvn": "exit 0", "id": "echo 1000"})
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("release", ["1.8.0_402", "11.0.2"])
def test_an_old_java_is_named_with_the_command_that_mends_it(machine, release):
    done = machine({"java": java(release), "mvn": "exit 0", "id": "echo 1000"})
    assert done.returncode == 1
    assert "sudo apt-get install openjdk-17-jre-headless" in done.stderr


def test_root_gets_what_is_missing_from_the_distribution(machine):
    done = machine({"id": "echo 0", "apt-get": APT, "apt-cache": APT})
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "apt-get install -qq --no-install-recommends openjdk-21-jre-headless maven"


def test_root_without_a_java_to_install_is_told(machine):
    done = machine({"id": "echo 0", "apt-get": "exit 0", "apt-cache": "exit 1"})
    assert done.returncode == 1
    assert "install Java 17 or newer by hand" in done.stderr


def test_without_apt_get_the_packages_are_named(machine):
    done = machine({"id": "echo 0"})
    assert done.returncode == 1
    assert "missing: openjdk-17-jre-headless maven" in done.stderr


def test_an_old_python_is_named(machine):
    done = machine({"python3.9": 'if [ "$1" = --version ]; then echo Python 3.9.2; else exit 1; fi'}, python="python3.9")
    assert done.returncode == 1
    assert "Python 3.9.2 is too old" in done.stderr


def test_a_missing_python_is_named(machine):
    done = machine({}, python="python3.99")
    assert done.returncode == 1
    assert "python3.99 not found" in done.stderr


def test_browser_and_node_only_for_those_who_test(machine):
    root = {"java": java("21"), "mvn": "exit 0", "id": "echo 0", "apt-get": APT, "apt-cache": APT}
    assert machine(root).stdout == ""
    assert {"chromium", "nodejs", "npm"} < set(machine(root, "--tests").stdout.split())
    assert "chromium" not in machine(root | {"chromium": "exit 0"}, "--tests").stdout
    assert machine(root | {"chromium": "exit 0", "npm": "exit 0"}, "--tests").stdout == ""


def test_browser_is_asked_for_where_nobody_may_install_it(machine):
    done = machine({"java": java("21"), "mvn": "exit 0", "id": "echo 1000"}, "--tests")
    assert (done.returncode, "sudo apt-get install chromium" in done.stderr) == (1, True)
