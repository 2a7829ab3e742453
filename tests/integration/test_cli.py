"""The commands on a real Kafka, each with topics of its own (VIGIE_PREFIX)."""

import asyncio
import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from typer.testing import CliRunner, Result

from agents.broker import LocalBroker
from agents.broker.processes import free_port
from agents.cli import app

pytestmark = pytest.mark.broker
Vigie = Callable[..., Result]
TOPICS = ("articles.raw", "articles.enriched", "comments.enriched", "alerts", "articles.dead-letter", "watch-rules")


def environment(broker: LocalBroker, prefix: str) -> dict[str, str]:
    return {"VIGIE_BROKER": broker.bootstrap, "VIGIE_PREFIX": prefix, "VIGIE_PARTITIONS": "2", "COLUMNS": "120"}


@pytest.fixture(scope="module")
def prefix() -> str:
    return f"cli-{secrets.token_hex(3)}."


@pytest.fixture(scope="module")
def vigie(kafka: LocalBroker, prefix: str) -> Vigie:
    """Run a command of vigie on topics of this module's own, which are made first."""

    def run(*arguments: str, lines: bytes = b"", **variables: str) -> Result:
        return CliRunner().invoke(app, arguments, input=lines, env=environment(kafka, prefix) | variables)

    assert run("topics", "create").exit_code == 0
    return run


def objects(result: Result) -> list[dict]:
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout_bytes.splitlines()]


async def write(broker: LocalBroker, topic: str, *values: bytes, **options) -> None:
    async with AIOKafkaProducer(bootstrap_servers=broker.bootstrap) as producer:
        for value in values:
            await producer.send_and_wait(topic, value, **options)


async def administer(broker: LocalBroker, work: Callable[[AIOKafkaAdminClient], object]) -> object:
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await admin.start()
    try:
        return await work(admin)
    finally:
        await admin.close()


# topics


def test_topics_are_created_once(vigie: Vigie, prefix: str):
    again = json.loads(vigie("topics", "create", "--json").stdout)
    assert again == {prefix + name: "exists" for name in TOPICS}
    other = vigie("topics", "create", VIGIE_PREFIX=f"{prefix}other.")
    assert other.stdout.splitlines() == [f"created  {prefix}other.{name}" for name in TOPICS]


def test_topics_that_kafka_refuses(vigie: Vigie, prefix: str):
    result = vigie("topics", "create", VIGIE_PREFIX=f"{prefix}many.", VIGIE_REPLICATION="3")
    assert result.exit_code == 1
    assert "could not be made: InvalidReplicationFactorError" in result.stderr


# publish and tail


def test_pages_and_lines_are_published_under_their_urls(vigie: Vigie, tmp_path: Path, prefix: str):
    (tmp_path / "page.html").write_bytes("<p>Été à Bamako</p>".encode("latin-1"))
    cloud = {"specversion": "1.0", "id": "1", "source": "s", "type": "t", "data": {"url": "https://example.org/c", "content": "c"}}
    lines = [b'\xef\xbb\xbf{"url": "https://example.org/b", "content": "b"}\r', b"", b"not json", json.dumps(cloud).encode()]
    (tmp_path / "lines.jsonl").write_bytes(b"\n".join(lines))
    page = vigie("publish", str(tmp_path / "page.html"), "--url", "https://example.org/a", "--headline", "Été")
    assert page.stdout.startswith(f"published 1 events to {prefix}articles.raw on 127.0.0.1:")
    counts = objects(vigie("publish", str(tmp_path / "lines.jsonl"), "--json"))
    assert counts == [{"topic": f"{prefix}articles.raw", "published": 3, "refused": 0}]
    found = objects(vigie("tail", "articles.raw", "--from", "earliest", "--max", "4", "--json"))
    assert {each["key"] for each in found} == {"https://example.org/a", "https://example.org/b", "https://example.org/c", None}
    first = next(each for each in found if each["key"] == "https://example.org/a")
    wanted = {"url": "https://example.org/a", "content": "<p>Été à Bamako</p>", "content_type": "text/html", "headline": "Été"}
    assert first["value"] == wanted
    assert {"not json"} == {each["value"] for each in found if each["key"] is None}


def test_lines_from_a_pipe_and_one_too_large(vigie: Vigie):
    large = json.dumps({"url": "https://example.org/large", "content": "x" * 7_000_000}).encode()
    larger = json.dumps({"url": "https://example.org/larger", "content": "x" * 18_000_000}).encode()
    result = vigie("publish", "-", lines=b"\n".join([b'{"url": "https://example.org/1"}', large, larger, b'{"url": "u"}']))
    assert result.exit_code == 1
    assert result.stdout.rstrip().endswith("; 2 were refused")
    assert [line.partition(": too large")[0] for line in result.stderr.splitlines()] == ["vigie: -:2", "vigie: -:3"]


def test_tail_of_every_partition_from_now_on_and_with_the_prefix_given(kafka: LocalBroker, vigie: Vigie, prefix: str):
    asyncio.run(write(kafka, f"{prefix}alerts", b"\xff", partition=0))
    asyncio.run(write(kafka, f"{prefix}alerts", b'{"a": 1}', partition=1, headers=[("h", b"1"), ("n", None)]))
    found = objects(vigie("tail", f"{prefix}alerts", "--from", "earliest", "--max", "2"))
    assert [each["value"] for each in found] == ["\\xff", {"a": 1}]
    assert (found[1]["headers"], found[1]["key"], found[1]["partition"]) == ({"h": "1", "n": "(null)"}, None, 1)


def test_tail_of_a_topic_that_is_not_there(vigie: Vigie, prefix: str):
    theirs = vigie("tail", "no-such-topic")
    assert (theirs.exit_code, f"there is no topic {prefix}no-such-topic" in theirs.stderr) == (1, True)
    assert f"{prefix}alerts" in theirs.stderr
    ours = vigie("tail", "alerts", VIGIE_PREFIX="nobody.")
    assert (ours.exit_code, "vigie topics create" in ours.stderr) == (1, True)
    assert vigie("publish", "-", lines=b"{}", VIGIE_PREFIX="nobody.").exit_code == 1


def test_interrupted_tail_ends_quietly(kafka: LocalBroker, prefix: str, vigie: Vigie):
    command = [sys.executable, "-m", "agents", "tail", "alerts", "--from", "earliest"]
    with subprocess.Popen(
        command, env=os.environ | environment(kafka, prefix), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        asyncio.run(write(kafka, f"{prefix}alerts", b"1"))
        assert process.stdout.readline().startswith(b'{"topic":')
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, b"")


# rules


def test_rules_are_put_listed_and_deleted(vigie: Vigie, tmp_path: Path):
    file = tmp_path / "rules.toml"
    file.write_text(
        "[[rules]]\nid = 'b'\nquery = 'Mali OR Niger'\n[[rules]]\nid = 'a'\nentities = ['Q912']\nseverity = 'critical'\n"
    )
    assert vigie("rules", "put", str(file)).stdout == "put 2 rules: b, a\n"
    assert [each["id"] for each in objects(vigie("rules", "list", "--json"))] == ["a", "b"]
    assert "critical" in vigie("rules", "list").stdout
    unknown = vigie("rules", "delete", "a", "c")
    assert (unknown.exit_code, "there is no rule c" in unknown.stderr) == (1, True)
    assert objects(vigie("rules", "delete", "a", "b", "--json")) == [{"deleted": ["a", "b"]}]
    assert objects(vigie("rules", "list", "--json")) == []


def test_rules_that_cannot_be_used_are_not_put(vigie: Vigie, tmp_path: Path):
    file = tmp_path / "rules.toml"
    for content in ("", "[[rules]]\nid = 'good'\nquery = 'Mali'\n[[rules]]\nid = 'bad'\nquery = '(Mali'\n"):
        file.write_text(content)
        assert vigie("rules", "put", str(file)).exit_code == 1
    assert objects(vigie("rules", "list", "--json")) == []


def test_rules_are_tried_on_pages_without_kafka(vigie: Vigie, tmp_path: Path):
    (tmp_path / "rules.toml").write_text("[[rules]]\nid = 'b'\nquery = 'Bamako'\n")
    (tmp_path / "page.txt").write_text("Le ministre est à Bamako.")
    arguments = ("rules", "test", str(tmp_path / "rules.toml"), str(tmp_path / "page.txt"))
    assert "1 alerts on 1 pages" in vigie(*arguments, VIGIE_BROKER="127.0.0.1:1").stdout
    assert objects(vigie(*arguments, "--json"))[0]["rule"]["id"] == "b"


# dead letters


@pytest.fixture(scope="module")
def letters(kafka: LocalBroker, vigie: Vigie, prefix: str) -> None:
    """Two dead letters as a worker writes them, one with bytes that are no text and a key that would be markup."""
    headers = [("vigie.reason", b"not_json"), ("__connect.errors.exception.message", b"not JSON [red]\x1b[2J"), ("own", b"1")]
    topic = f"{prefix}articles.dead-letter"
    asyncio.run(write(kafka, topic, b"\xff\x00[bold]", key=b"[red]https://example.org", headers=headers, partition=0))
    asyncio.run(write(kafka, topic, b"{}", headers=[("vigie.reason", b"empty"), ("vigie.attempt", b"3")], partition=1))


def test_dead_letters_are_listed_and_filtered(vigie: Vigie, letters: None):
    assert [each["reason"] for each in objects(vigie("dead-letters", "list", "--json"))] == ["not_json", "empty"]
    listed = vigie("dead-letters", "list").stdout
    assert "[red]https://example.org" in listed
    assert "2 dead letters: 1 not_json, 1 empty" in listed
    assert "\x1b" not in listed
    assert len(objects(vigie("dead-letters", "list", "--json", "--reason", "empty"))) == 1
    assert objects(vigie("dead-letters", "list", "--json", "--partition", "1", "--until", "2020-01-01T00:00:00Z")) == []
    assert len(objects(vigie("dead-letters", "list", "--json", "--since", "2020-01-01"))) == 2


def test_dead_letter_is_shown_whole(vigie: Vigie, letters: None):
    shown = vigie("dead-letters", "show", "0:0")
    assert "header  own: 1" in shown.stdout
    assert "\\xff" in shown.stdout
    assert "\x1b" not in shown.stdout
    assert vigie("dead-letters", "show", "0:0", "--raw").stdout_bytes == b"\xff\x00[bold]"
    assert objects(vigie("dead-letters", "show", "0:0", "--json"))[0]["headers"]["vigie.reason"] == "not_json"
    assert vigie("dead-letters", "show", "0:77").exit_code == 1


def test_dead_letters_are_replayed_once_and_not_for_ever(vigie: Vigie, letters: None):
    assert objects(vigie("dead-letters", "replay", "--json")) == [{"replayed": 1, "exhausted": 1, "done": 0}]
    assert "replayed 0; 1 were replayed before; 1 have had their 3 attempts" in " ".join(
        vigie("dead-letters", "replay").stdout.split()
    )
    rows = objects(vigie("dead-letters", "list", "--json"))
    assert [(each["reason"], each["replayed"]) for each in rows] == [("not_json", True), ("empty", False)]


# doctor


def findings(result: Result) -> dict[str, dict]:
    return {each["name"]: each for each in json.loads(result.stdout)}


def test_doctor_finds_all_well(vigie: Vigie, prefix: str):
    result = vigie("doctor", "--json")
    found = findings(result)
    assert result.exit_code == 0, found
    assert list(found) == ["versions", "models", "broker", "topics", "topic configs", "reading", "group", "transaction"]
    assert all(each["well"] for each in found.values())
    assert vigie("doctor").stdout.count("well  ") == 8


def test_doctor_writes_nothing(kafka: LocalBroker, vigie: Vigie, prefix: str):
    fresh = f"{prefix}fresh."
    vigie("topics", "create", VIGIE_PREFIX=fresh)
    assert vigie("doctor", VIGIE_PREFIX=fresh).exit_code == 0
    assert asyncio.run(uncommitted(kafka, [fresh + name for name in TOPICS])) == 0


async def uncommitted(broker: LocalBroker, topics: list[str]) -> int:
    """How many records a reader finds that does not wait for commits."""
    from aiokafka import AIOKafkaConsumer

    async with AIOKafkaConsumer(*topics, bootstrap_servers=broker.bootstrap, auto_offset_reset="earliest") as consumer:
        return len(await consumer.getmany(timeout_ms=1500))


def test_doctor_finds_a_topic_missing(kafka: LocalBroker, vigie: Vigie, prefix: str):
    partial = f"{prefix}partial."
    vigie("topics", "create", VIGIE_PREFIX=partial)
    asyncio.run(administer(kafka, lambda admin: admin.delete_topics([f"{partial}alerts"])))
    result = vigie("doctor", "--json", VIGIE_PREFIX=partial)
    assert result.exit_code == 1
    assert findings(result)["topics"]["found"] == "5 of 6"
    assert f"no topic {partial}alerts" in findings(result)["topics"]["mend"]


def test_doctor_finds_wrong_configs(kafka: LocalBroker, vigie: Vigie, prefix: str):
    wrong = f"{prefix}wrong."
    plain = NewTopic(f"{wrong}watch-rules", 1, 1)
    asyncio.run(administer(kafka, lambda admin: admin.create_topics([plain])))
    vigie("topics", "create", VIGIE_PREFIX=wrong)
    change = ConfigResource(ConfigResourceType.TOPIC, f"{wrong}alerts", configs={"max.message.bytes": "1000"})
    asyncio.run(administer(kafka, lambda admin: admin.alter_configs([change])))
    result = vigie("doctor", "--json", VIGIE_PREFIX=wrong)
    configs = findings(result)["topic configs"]
    assert result.exit_code == 1
    assert f"{wrong}watch-rules cleanup.policy=delete (needs compact)" in configs["found"]
    assert f"{wrong}alerts max.message.bytes=1000 (needs 16777216)" in configs["found"]
    assert f"--entity-name {wrong}watch-rules --add-config cleanup.policy=compact" in configs["mend"]


def test_doctor_without_a_broker(vigie: Vigie):
    result = vigie("doctor", VIGIE_BROKER="127.0.0.1:1")
    assert result.exit_code == 1
    assert "fault broker: no answer" in result.stdout
    assert "vigie broker start" in result.stdout


# rights


@pytest.fixture(scope="module")
def guarded(kafka: LocalBroker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalBroker]:
    """A broker where what somebody was granted a right on is closed to everybody else."""
    extra = {
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "allow.everyone.if.no.acl.found": "true",
    }
    data = tmp_path_factory.mktemp("guarded")
    with LocalBroker(kafka.home, free_port(), data=data, extra=extra) as broker:
        yield broker


def grant(broker: LocalBroker, operation: str, *resources: str) -> None:
    """Give everybody one right on resources, which takes every other right on them away."""
    tool = broker.command("org.apache.kafka.tools.AclCommand", "--bootstrap-server", broker.bootstrap)
    rights = ["--add", "--allow-principal", "User:ANONYMOUS", "--operation", operation, *resources]
    subprocess.run([*tool, *rights], check=True, capture_output=True, timeout=60)


def test_doctor_names_the_rights_that_are_missing(guarded: LocalBroker):
    def doctor() -> dict[str, dict]:
        result = CliRunner().invoke(app, ["doctor", "--json"], env=environment(guarded, ""))
        assert result.exit_code == 1
        return findings(result)

    assert CliRunner().invoke(app, ["topics", "create"], env=environment(guarded, "")).exit_code == 0
    grant(guarded, "Describe", "--topic", "articles.raw", "--topic", "alerts", "--topic", "watch-rules", "--group", "vigie")
    found = doctor()
    assert found["topics"]["well"]
    for name, rights in {
        "topic configs": ["DescribeConfigs --topic articles.raw", "DescribeConfigs --topic alerts"],
        "reading": ["Read --topic articles.raw", "Read --topic watch-rules"],
        "group": ["Read --group vigie"],
        "transaction": ["Write --topic alerts"],
    }.items():
        for right in rights:
            assert f"--allow-principal User:NAME --operation {right}" in found[name]["mend"], found[name]
    grant(guarded, "Describe", "--transactional-id", "vigie", "--resource-pattern-type", "prefixed")
    assert "--operation Write --transactional-id vigie" in doctor()["transaction"]["mend"]


def test_commands_name_the_rights_that_are_missing(guarded: LocalBroker):
    result = CliRunner().invoke(app, ["publish", "-"], input=b'{"url": "https://example.org/a"}', env=environment(guarded, ""))
    assert result.exit_code == 1
    assert "a right on a topic is missing" in result.stderr
    assert "Traceback" not in result.stderr


# the demo


def test_demo_on_a_kafka_of_ours(kafka: LocalBroker):
    command = [sys.executable, "-m", "agents", "demo"]
    environ = os.environ | {"VIGIE_BROKER": kafka.bootstrap}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr + done.stdout[-2000:]
    assert "Everything arrived." in done.stdout
    assert done.stdout.count("╭─ article") == 5
    assert done.stdout.count("╭─ alert") == 1
    for reason in ("not_json", "missing_field", "bad_url"):
        assert reason in done.stdout
    assert "vigie_emitted_events_total" in done.stdout
    left = asyncio.run(administer(kafka, lambda admin: admin.list_topics()))
    assert [name for name in left if name.startswith("demo-")] == []
