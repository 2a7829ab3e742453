"""`vigie doctor` on a real Kafka: what is well and what is not; the rights that are missing: test_security_commands.py."""

import asyncio
import json

import pytest
from aiokafka.admin import NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from typer.testing import Result

from agents.broker import LocalBroker
from tests.fixtures.commands import TOPICS, Vigie, administer

pytestmark = pytest.mark.broker


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
