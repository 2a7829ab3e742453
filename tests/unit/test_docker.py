"""Dockerfile and docker-compose.yml: linted, since no engine runs here, and held to what they promise."""

import ipaddress
import re
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from agents.settings import Settings

ROOT = Path(__file__).parents[2]
TOOLS = Path(sys.executable).parent


@pytest.fixture(scope="module")
def compose():
    return YAML(typ="safe").load(ROOT / "docker-compose.yml")


@pytest.fixture(scope="module")
def dockerfile():
    return (ROOT / "Dockerfile").read_text()


def run(tool, *arguments):
    return subprocess.run([TOOLS / tool, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_dockerfile_passes_hadolint():
    done = run("hadolint", "--no-fail", "--format", "tty", "Dockerfile")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_hadolint_would_object(tmp_path):
    bad = tmp_path / "Dockerfile"
    bad.write_text("FROM python\nRUN cd /tmp && apt-get install vim\n")
    assert "DL3006" in run("hadolint", "--no-fail", bad).stdout


def test_compose_file_follows_the_compose_specification():
    done = run("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_image_runs_without_root_and_starts_vigie_itself(dockerfile):
    final = dockerfile.rsplit("\nFROM ", 1)[1]
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", final, re.MULTILINE)
    assert re.search(r'^ENTRYPOINT \["vigie"\]$', final, re.MULTILINE)
    assert "/health/live" in final


def test_containers_of_ours_may_write_to_tmp_alone_and_gain_nothing(compose):
    for name in ("topics", "worker"):
        service = compose["services"][name]
        assert (service["read_only"], service["tmpfs"], service["cap_drop"]) == (True, ["/tmp"], ["ALL"])  # noqa: S108
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "user" not in service


def test_image_installs_nothing_that_is_not_locked(dockerfile):
    installs = re.findall(r"pip (?:install|wheel) [^\n\\&]*", dockerfile)
    assert len(installs) == 5
    for install in installs:
        own = re.search(r"--no-deps --no-build-isolation .* \.\s*$", install)
        assert own or "--require-hashes" in install or "--no-index" in install, install


def test_what_the_image_copies_is_in_the_build_context(dockerfile):
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = [name for line in re.findall(r"^COPY (?!--from)(.*) \S+$", dockerfile, re.MULTILINE) for name in line.split()]
    assert {name.rstrip("*") for name in copied} == allowed
    assert all((ROOT / name).exists() for name in copied if not name.endswith("*"))


def test_health_check_is_a_command_that_python_can_run(dockerfile, monkeypatch):
    code = re.search(r'"python", "-c", "(.*)"\]', dockerfile).group(1).replace('\\"', '"')
    monkeypatch.setenv("VIGIE_WEB_PORT", "1")  # where nothing listens
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    assert "Connection refused" in done.stderr


def test_published_ports_bind_to_loopback(compose):
    ports = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert len(ports) == 5
    for port in ports:
        assert ipaddress.ip_address(port.split(":")[0]).is_loopback, port


def test_settings_given_to_vigie_are_read_and_accepted(compose):
    for name in ("topics", "worker", "notify"):
        environ = {key: str(value) for key, value in compose["services"][name]["environment"].items()}
        settings = Settings.from_env(environ)
        listeners = compose["services"]["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"].split(",")
        assert f"INSIDE://{settings.broker}" in listeners
        assert {f"VIGIE_{field.upper()}" for field in Settings.__dataclass_fields__} >= environ.keys()


def test_worker_starts_after_its_broker_is_healthy_and_its_topics_are_made(compose):
    services = compose["services"]
    assert services["worker"]["depends_on"]["topics"]["condition"] == "service_completed_successfully"
    for service in services.values():
        for name, dependency in service.get("depends_on", {}).items():
            assert name in services
            if dependency["condition"] == "service_healthy":
                assert services[name]["healthcheck"]["test"]


def test_every_service_but_the_one_shot_restarts_and_images_are_pinned(compose):
    for name, service in compose["services"].items():
        assert service["restart"] == ("no" if name == "topics" else "unless-stopped")
        tag = service["image"].rsplit(":", 1)[1]
        assert re.fullmatch(r"v?\d+\.\d+\.\d+|local", tag), service["image"]


def test_volumes_are_declared_and_mounted_files_exist(compose):
    for service in compose["services"].values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert (ROOT / source).exists() if source.startswith("./") else source in compose["volumes"]
