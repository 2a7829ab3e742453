"""The local broker without a broker: what it refuses, and in which words."""

import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.broker import BrokerError, LocalBroker, default_home, jars, local_port, storage
from agents.broker.config import Node, as_text
from agents.broker.java import find_java
from agents.broker.lock import locked
from agents.broker.processes import free_port

Script = Callable[[str, str], Path]


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Script:
    """Make a program, in a folder that is the whole PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def make(name: str, body: str) -> Path:
        program = folder / name
        program.write_text(f"#!/bin/sh\n{body}\n")
        program.chmod(0o755)
        return program

    return make


JAVA_17 = """echo 'openjdk version "17.0.15" 2025-04-15' >&2"""


# Java and Maven


def test_no_java(script: Script, tmp_path: Path):
    with pytest.raises(BrokerError, match=r"no `java` on the PATH(.|\n)*sudo apt-get install -y openjdk-17"):
        LocalBroker(tmp_path, free_port()).start()


@pytest.mark.parametrize(("version", "major"), [("1.8.0_402", "8"), ("11.0.2", "11"), ("16", "16")])
def test_java_too_old(script: Script, version: str, major: str):
    program = script("java", f"echo 'java version \"{version}\"' >&2")
    with pytest.raises(BrokerError, match=f"{program} is Java {major}\\.\n.*apt-get install"):
        find_java()


def test_java_that_fails(script: Script):
    script("java", "echo no such library >&2; exit 127")
    with pytest.raises(BrokerError, match=r"failed: no such library(.|\n)*apt-get install"):
        find_java()


@pytest.mark.parametrize("version", ["17.0.15", "21", "25-ea"])
def test_java_new_enough(script: Script, version: str):
    program = script("java", f"echo 'openjdk version \"{version}\"' >&2")
    assert find_java() == str(program)


def test_no_maven(script: Script, tmp_path: Path):
    script("java", JAVA_17)
    with pytest.raises(BrokerError, match=r"no `mvn` on the PATH(.|\n)*apt-get install -y openjdk-17-jre-headless maven"):
        LocalBroker(tmp_path, free_port()).start()


def test_maven_fails_with_its_last_lines(script: Script, tmp_path: Path):
    script("mvn", "echo '[INFO] Scanning'; echo '[ERROR] Unknown host somewhere.invalid'; echo '[ERROR] [Help 1] see'; exit 1")
    with pytest.raises(BrokerError) as caught:
        jars.resolve(tmp_path)
    said = str(caught.value)
    assert "Unknown host somewhere.invalid" in said
    assert "settings.xml" in said
    assert "Scanning" not in said
    assert "[Help 1]" not in said


DELIVER = """
for word in "$@"; do case "$word" in -DoutputDirectory=*) to="${word#-DoutputDirectory=}";; esac; done
echo "[INFO] Downloading from mirror: scheme://a-mirror/x/slf4j-api-1.7.36.jar"
echo "[INFO] Downloaded from mirror: scheme://a-mirror/x/slf4j-api-1.7.36.jar (41 kB at 1 MB/s)"
echo "[INFO] Downloaded from mirror: scheme://a-mirror/x/some-plugin-1.jar (41 kB at 1 MB/s)"
"""


def _deliver(*paths: str) -> str:
    lines = [f'/bin/mkdir -p "$to/{PurePosixPath(path).parent}"; echo other > "$to/{path}"' for path in paths]
    return DELIVER + "\n".join(lines)


def test_maven_delivers_another_file(script: Script, tmp_path: Path):
    script("mvn", _deliver(*jars.wanted()))
    heard = []
    with pytest.raises(BrokerError) as caught:
        jars.resolve(tmp_path, lambda done, _, name: heard.append((done, name)))
    first = next(iter(jars.wanted()))
    assert PurePosixPath(first).name in str(caught.value)
    assert f"rm ~/.m2/repository/{first}" in str(caught.value)
    assert heard == [(0, ""), (1, "slf4j-api-1.7.36.jar")]
    assert not jars.folder(tmp_path).exists()


def test_maven_delivers_too_little(script: Script, tmp_path: Path):
    script("mvn", _deliver())
    with pytest.raises(BrokerError, match=r"did not deliver \S+\.jar"):
        jars.resolve(tmp_path)


def test_jar_changed_since(tmp_path: Path):
    for path in jars.wanted():
        jar = jars.folder(tmp_path) / path
        jar.parent.mkdir(parents=True)
        jar.write_bytes(b"other")
    first = jars.folder(tmp_path) / next(iter(jars.wanted()))
    with pytest.raises(BrokerError) as caught:
        jars.resolve(tmp_path)
    assert str(caught.value).startswith(f"{first} is not the file that vigie expects")
    assert f"rm {first}" in str(caught.value)


def test_list_names_what_the_broker_needs():
    names = {PurePosixPath(path).name for path in jars.wanted()}
    assert {"kafka_2.13-4.1.1.jar", "kafka-tools-4.1.1.jar", "slf4j-simple-1.7.36.jar"} <= names
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in jars.wanted().values())


# What is left from before


@pytest.mark.parametrize("text", ["", "x", "-1", "\x00\xff", "9" * 30, "9" * 5000])
def test_damaged_pid_file(tmp_path: Path, text: str):
    broker = LocalBroker(tmp_path, free_port())
    broker.data.mkdir(parents=True)
    (broker.data / "broker.pid").write_text(text)
    assert not broker.status().running


def test_stop_before_any_start(tmp_path: Path):
    broker = LocalBroker(tmp_path / "none", free_port())
    assert not broker.stop()
    assert not (tmp_path / "none").exists()


def test_data_of_another_cluster(tmp_path: Path):
    (tmp_path / "kafka").mkdir()
    (tmp_path / "kafka" / "meta.properties").write_text("version=1\ncluster.id=theirs\nnode.id=1\n")
    assert storage.is_formatted(tmp_path)
    with pytest.raises(BrokerError, match=rf"data of another cluster \(theirs;(.|\n)*mv {tmp_path} {tmp_path}\.old"):
        storage.cluster_id(tmp_path)
    (tmp_path / "kafka" / "cluster.id").write_text("ours\n")
    with pytest.raises(BrokerError, match=r"theirs; expected ours"):
        storage.cluster_id(tmp_path)
    (tmp_path / "kafka" / "cluster.id").write_text("theirs\n")
    assert storage.cluster_id(tmp_path) == "theirs"


def test_home_that_cannot_be_written(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(BrokerError, match="set VIGIE_HOME"):
        LocalBroker(tmp_path / "file", free_port()).start()


def test_folder_that_kafka_cannot_take(tmp_path: Path):
    with pytest.raises(BrokerError, match="no folder with a comma"):
        LocalBroker(tmp_path / "a,b", free_port()).start()


def test_lock_waits_and_gives_up(tmp_path: Path):
    with locked(tmp_path / "lock", 1), pytest.raises(BrokerError, match="has been busy with"), locked(tmp_path / "lock", 0.2):
        pass
    with locked(tmp_path / "lock", 0):
        pass


# Settings


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.text(st.characters(exclude_categories=["Cs"]))
    )
)
def test_properties_are_ascii_and_come_back(properties: dict[str, str]):
    lines = as_text(properties).encode("ascii").decode().split("\n")[:-1]

    def read(text: str) -> str:
        units = (int(found[1], 16) if found[1] else ord(found[0]) for found in re.finditer(r"\\u([0-9a-f]{4})|.", text))
        return b"".join(unit.to_bytes(2, "big") for unit in units).decode("utf-16-be")

    assert {read(name): read(value) for name, value in (line.split("=") for line in lines)} == properties


def test_extra_properties_replace_and_listeners_are_added():
    extra = {
        "broker.heartbeat.interval.ms": "100",
        "listeners": "SASL://127.0.0.1:7",
        "listener.security.protocol.map": "SASL:SASL_PLAINTEXT",
    }
    properties = Node(port=5, controller_port=6, storage=Path("/x"), extra=extra).properties()
    assert properties["broker.heartbeat.interval.ms"] == "100"
    assert properties["listeners"] == "PLAINTEXT://127.0.0.1:5,CONTROLLER://127.0.0.1:6,SASL://127.0.0.1:7"
    assert properties["advertised.listeners"] == "PLAINTEXT://127.0.0.1:5,SASL://127.0.0.1:7"
    assert properties["listener.security.protocol.map"].endswith(",SASL:SASL_PLAINTEXT")


def test_listens_on_loopback_only():
    properties = Node(port=5, controller_port=6, storage=Path("/x")).properties()
    assert all("//127.0.0.1:" in each for each in properties["listeners"].split(","))
    assert properties["controller.quorum.bootstrap.servers"] == "127.0.0.1:6"


def test_default_home():
    assert default_home({"VIGIE_HOME": "/a/b"}) == Path("/a/b")
    assert default_home({"XDG_CACHE_HOME": "/c"}) == Path(__file__).resolve().parents[2] / ".vigie"


def test_default_home_when_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr("agents.broker._CHECKOUT", tmp_path)
    assert default_home({"XDG_CACHE_HOME": "/c"}) == Path("/c/vigie")
    assert default_home({}) == Path.home() / ".cache" / "vigie"


@pytest.mark.parametrize(("brokers", "port"), [("127.0.0.1:9092", 9092), ("localhost:1234", 1234), ("127.0.0.1:1,127.0.0.1:2", 1)])
def test_local_port(brokers: str, port: int):
    assert local_port(brokers) == port


@pytest.mark.parametrize("brokers", ["kafka-1:9092", "127.0.0.1:9092,kafka-2:9092", "[::1]:9092", "10.0.0.1:9092"])
def test_another_kafka_is_in_use(brokers: str):
    with pytest.raises(BrokerError, match=r"points vigie at another Kafka(.|\n)*unset VIGIE_BROKER"):
        local_port(brokers)
