"""`vigie broker` on a real Kafka: its whole life, and what it says when something is in the way."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAuthorizationFailedError
from typer.testing import CliRunner, Result

from agents.broker import BrokerError, LocalBroker, Status
from agents.broker.processes import free_port
from agents.cli import app
from tests.fixtures.kafka import own_home

pytestmark = pytest.mark.broker


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A VIGIE_HOME of these tests' own, with a name that needs escaping."""
    return own_home(tmp_path_factory.mktemp("café crème = 1"))


@pytest.fixture(scope="module")
def local(home: Path) -> Iterator[LocalBroker]:
    """The broker that these tests start and stop."""
    broker = LocalBroker(home, free_port())
    yield broker
    broker.stop()


def environment(broker: LocalBroker) -> dict[str, str]:
    """Settings that name this broker and no other."""
    return {"VIGIE_HOME": str(broker.home), "VIGIE_BROKER": broker.bootstrap}


def vigie(broker: LocalBroker, command: str, *more: str, **variables: str) -> Result:
    """Run a `vigie broker` command."""
    arguments = ["broker", command, "--port", str(broker.port), *more]
    return CliRunner().invoke(app, arguments, env=environment(broker) | variables)


def start_apart(broker: LocalBroker) -> subprocess.CompletedProcess[str]:
    """Run `vigie broker start` in a process that ends when it has answered, as a shell does."""
    command = [sys.executable, "-c", "from agents.cli import main; main()", "broker", "start"]
    variables = dict(os.environ) | environment(broker)
    return subprocess.run(command, env=variables, capture_output=True, text=True, timeout=120, check=False)


def status(broker: LocalBroker) -> tuple[int, Status]:
    answer = vigie(broker, "status", "--json")
    return answer.exit_code, msgspec.json.decode(answer.stdout, type=Status)


async def write(broker: LocalBroker, topic: str, value: bytes, **options) -> None:
    async with AIOKafkaProducer(bootstrap_servers=broker.bootstrap, **options) as producer:
        await producer.send_and_wait(topic, value)


async def read(broker: LocalBroker, topic: str) -> bytes:
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=broker.bootstrap, auto_offset_reset="earliest")
    async with consumer:
        return (await consumer.getone()).value


async def create(broker: LocalBroker, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, 1, 1)])
    finally:
        await admin.close()


def test_two_starts_at_once_give_one_broker(local: LocalBroker):
    with ThreadPoolExecutor() as threads:
        answers = list(threads.map(lambda _: start_apart(local), range(2)))
    assert [each.returncode for each in answers] == [0, 0], answers
    assert sorted("was running already" in each.stdout for each in answers) == [False, True]
    code, found = status(local)
    assert (code, found.running, found.answers, found.bootstrap, found.version) == (0, True, True, local.bootstrap, "4.1.1")
    assert f"(pid {found.pid})" in answers[0].stdout
    assert f"(pid {found.pid})" in answers[1].stdout


def test_start_is_idempotent_and_leaves_maven_and_java_alone(local: LocalBroker):
    local.start()
    before = status(local)
    answer = vigie(local, "start", PATH="/nowhere")
    assert answer.exit_code == 0, answer.stderr
    assert "was running already" in answer.stdout
    assert status(local) == before


def test_started_broker_listens_on_loopback_only(local: LocalBroker):
    import psutil

    local.start()
    listening = [each for each in psutil.Process(local.status().pid).net_connections() if each.status == psutil.CONN_LISTEN]
    # Java tells of IPv4 addresses in IPv6 sockets.
    assert {each.laddr.ip.removeprefix("::ffff:") for each in listening} == {"127.0.0.1"}
    assert local.port in {each.laddr.port for each in listening}


def test_pid_file_lost(local: LocalBroker):
    local.start()
    pid = local.status().pid
    (local.data / "broker.pid").unlink()
    assert not local.start()
    assert local.status().pid == pid
    assert (local.data / "broker.pid").read_text() == f"{pid}\n"


def test_another_broker_on_the_same_port_or_the_same_data(local: LocalBroker, tmp_path: Path):
    local.start()
    with pytest.raises(
        BrokerError, match=rf"Another Kafka listens on {local.bootstrap} already: java \(pid {local.status().pid}\)"
    ):
        LocalBroker(local.home, local.port, data=tmp_path / "other").start()
    with pytest.raises(
        BrokerError, match=rf"is in use by the broker on port {local.port}(.|\n)*vigie broker stop --port {local.port}"
    ):
        LocalBroker(local.home, free_port(), data=local.data).start()


async def test_killed_broker_tells_and_comes_back_with_its_data(local: LocalBroker):
    local.start()
    await create(local, "kept")
    await write(local, "kept", b"a record")
    assert local.kill()
    code, found = status(local)
    assert (code, found.running, found.died, found.pid) == (1, False, True, None)
    said = vigie(local, "status").stdout
    assert "It ended without `vigie broker stop`. The last lines of its log:\n  2" in said
    assert local.start()
    assert await read(local, "kept") == b"a record"


def test_stop_is_idempotent(local: LocalBroker):
    local.start()
    first, second = vigie(local, "stop"), vigie(local, "stop")
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "is stopped" in first.stdout
    assert "was not running" in second.stdout
    code, found = status(local)
    assert (code, found.running, found.died) == (1, False, False)
    assert "shut down completed" in local.log.read_text()


def test_broker_that_dies_while_starting(local: LocalBroker):
    if not local.data.exists():
        local.start()  # formats, which would refuse what follows in words of its own
    local.stop()
    broken = LocalBroker(local.home, local.port, extra={"authorizer.class.name": "no.such.Authorizer"})
    with pytest.raises(BrokerError, match=r"ended while starting(.|\n)*no\.such\.Authorizer(.|\n)*The whole log: .*broker\.log"):
        broken.start()
    assert not broken.status().running
    assert not broken.status().died


def test_property_that_kafka_refuses(home: Path, tmp_path: Path):
    broken = LocalBroker(home, free_port(), data=tmp_path, extra={"log.retention.ms": "a week"})
    with pytest.raises(BrokerError, match=r"could not format(.|\n)*log\.retention\.ms"):
        broken.start()
    assert not (tmp_path / "kafka").exists()


@pytest.mark.parametrize("command", ["start", "stop", "status"])
def test_another_kafka_is_in_use(local: LocalBroker, command: str):
    answer = vigie(local, command, VIGIE_BROKER="kafka-1.example:9092")
    assert answer.exit_code == 1
    assert answer.stderr.startswith("vigie: VIGIE_BROKER=kafka-1.example:9092 points vigie at another Kafka")


def test_errors_go_to_the_screen_without_a_traceback(home: Path):
    answer = vigie(LocalBroker(home, free_port()), "start", PATH="/nowhere")
    assert answer.exit_code == 1
    assert answer.stderr.startswith("vigie: Kafka needs Java 17")
    assert "Traceback" not in answer.stderr


async def test_console_consumer(kafka: LocalBroker):
    await create(kafka, "broker.console")
    await write(kafka, "broker.console", "été".encode(), compression_type="zstd")
    options = ["--topic", "broker.console", "--from-beginning", "--max-messages", "1", "--timeout-ms", "30000"]
    command = kafka.command("org.apache.kafka.tools.consumer.ConsoleConsumer", "--bootstrap-server", kafka.bootstrap, *options)
    reader = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    said, _ = await asyncio.wait_for(reader.communicate(), 60)
    assert said.decode().strip() == "été"


async def test_users_and_rights(home: Path, tmp_path: Path):
    port = free_port()
    extra = {
        "listeners": f"SASL://127.0.0.1:{port}",
        "listener.security.protocol.map": "SASL:SASL_PLAINTEXT",
        "sasl.enabled.mechanisms": "SCRAM-SHA-256",
        "listener.name.sasl.scram-sha-256.sasl.jaas.config": "org.apache.kafka.common.security.scram.ScramLoginModule required;",
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
    }
    with LocalBroker(home, free_port(), data=tmp_path, extra=extra, users={"alice": "secret"}) as broker:
        await create(broker, "guarded")
        await write(broker, "guarded", b"by a super user")
        alice = {"security_protocol": "SASL_PLAINTEXT", "sasl_mechanism": "SCRAM-SHA-256"}
        alice |= {"sasl_plain_username": "alice", "sasl_plain_password": "secret", "bootstrap_servers": f"127.0.0.1:{port}"}
        async with AIOKafkaProducer(**alice) as producer:
            with pytest.raises(TopicAuthorizationFailedError):
                await producer.send_and_wait("guarded", b"not allowed")
