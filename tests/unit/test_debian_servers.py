"""Prometheus and Alertmanager from Debian's packages: checks and errors, with small real packages and an apt-get of our own."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from agents.broker import default_home
from tools.debian_servers import SERVERS, Servers, ServersError, kcat, servers

PROGRAMS = {"prometheus": ("prometheus", "promtool"), "prometheus-alertmanager": ("prometheus-alertmanager", "amtool")}
TEMPLATE = "usr/share/prometheus/alertmanager/default.tmpl"
# Reads its template from the place that is compiled in, as Debian's does.
PROGRAM = f'#!/bin/sh\n[ "$1" = --version ] && echo version 1 && exit\nexec cat /{TEMPLATE}\n'


def package(folder: Path, name: str) -> Path:
    tree = folder / f"{name}.tree"
    for program in PROGRAMS[name]:
        path = tree / "usr/bin" / program
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(PROGRAM)
        path.chmod(0o755)
    (tree / TEMPLATE).parent.mkdir(parents=True)
    (tree / TEMPLATE).write_text(f"template of {name}")
    (tree / "DEBIAN").mkdir()
    (tree / "DEBIAN/control").write_text(
        f"Package: {name}\nVersion: 1\nArchitecture: all\nMaintainer: none <none@example.org>\nDescription: for a test\n"
    )
    subprocess.run(["dpkg-deb", "--build", "--nocheck", tree, folder / f"{name}_1.deb"], check=True, capture_output=True)
    return folder / f"{name}_1.deb"


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    """The only apt-get on the PATH: it serves two packages, with the sums that `sums` gives, and counts its downloads."""
    folder, commands = tmp_path / "mirror", tmp_path / "commands"
    folder.mkdir()
    commands.mkdir()
    packages = [package(folder, name) for name in SERVERS.names]
    lines = [
        f"'http://mirror/{each.name}' {each.name} 1 SHA256:{hashlib.sha256(each.read_bytes()).hexdigest()}" for each in packages
    ]
    (folder / "sums").write_text("\n".join(lines))
    (commands / "apt-get").write_text(
        f'#!/bin/sh\ncase "$*" in\n*print-uris*) cat {folder}/sums;;\n'
        f"*download*) cp {folder}/*.deb . && echo one >> {folder}/downloads;;\n*update*) echo no network >&2; exit 100;;\nesac\n"
    )
    (commands / "apt-get").chmod(0o755)
    for name in ("dpkg-deb", "sh", "cat", "cp", "dirname", "tar", "xz", "zstd", "gzip"):
        if found := shutil.which(name):
            (commands / name).symlink_to(found)
    monkeypatch.setenv("PATH", str(commands))
    return folder


def test_packages_are_unpacked_once_and_found_again_without_apt_get(mirror, tmp_path):
    found = servers(tmp_path / "home")
    for program in (found.prometheus, found.promtool, found.alertmanager, found.amtool):
        assert program.is_relative_to(tmp_path / "home")
        assert subprocess.check_output([program, "--version"], text=True) == "version 1\n"
    (mirror.parent / "commands/apt-get").unlink()
    assert servers(tmp_path / "home") == found
    assert (mirror / "downloads").read_text() == "one\n"


def test_alertmanager_reads_the_template_that_was_unpacked(mirror, tmp_path):
    found = servers(tmp_path / "home").alertmanager
    assert subprocess.check_output([found], text=True, cwd="/") == "template of prometheus-alertmanager"


def test_a_package_that_is_not_the_one_of_the_lists_is_refused(mirror, tmp_path):
    with (mirror / "prometheus_1.deb").open("ab") as handle:
        handle.write(b"\n")
    with pytest.raises(ServersError, match="no network"):  # after which fresh lists were asked for
        servers(tmp_path / "home")
    assert not (tmp_path / "home/debian").exists()


def test_a_changed_program_is_refused_with_the_way_out(mirror, tmp_path):
    program = servers(tmp_path / "home").promtool
    with program.open("a") as handle:
        handle.write("exit 0\n")
    with pytest.raises(ServersError, match=r"promtool is not the file .* rm -r .*/home/debian"):
        servers(tmp_path / "home")


def test_without_apt_get_what_is_on_the_path_serves(mirror, tmp_path):
    commands = mirror.parent / "commands"
    (commands / "apt-get").unlink()
    with pytest.raises(ServersError, match=r"there is no `apt-get`.*\n.*\n.*alertmanager and amtool are on the PATH"):
        servers(tmp_path / "home")
    for name in ("prometheus", "promtool", "alertmanager", "amtool"):
        (commands / name).write_text("#!/bin/sh\n")
        (commands / name).chmod(0o755)
    assert servers(tmp_path / "home") == Servers(
        *(commands / name for name in ("prometheus", "promtool", "alertmanager", "amtool"))
    )


def test_the_real_programs_run(programs):
    for program in (programs.prometheus, programs.promtool, programs.alertmanager, programs.amtool):
        done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60, check=True)
        assert "version" in done.stdout + done.stderr


def test_the_real_kcat_runs():
    said = subprocess.run([kcat(default_home(os.environ)), "-V"], capture_output=True, text=True, timeout=60, check=True).stdout
    assert "librdkafka" in said
