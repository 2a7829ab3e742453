"""What `vigie doctor` looks at: each check answers what it found, and what to do where that is not well."""

import asyncio
import platform
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib.metadata import version

from aiokafka import AIOKafkaConsumer
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaError,
    TopicAuthorizationFailedError,
)

from agents import kafka, topics
from agents.settings import Settings
from agents.topics import Topic
from pipeline.errors import PipelineError
from pipeline.process import load_pipeline

_RIGHTS = {
    TopicAuthorizationFailedError: "a right on a topic is missing (Read, Write or Describe)",
    GroupAuthorizationFailedError: "the right Read on the consumer group is missing",
    ClusterAuthorizationFailedError: "a right on the cluster is missing (IdempotentWrite or Describe)",
}


@dataclass(frozen=True)
class Finding:
    """One check: what was found, and what to do about it where that is not well."""

    name: str
    found: str
    mend: str = ""

    @property
    def well(self) -> bool:
        """Whether there is nothing to mend."""
        return not self.mend


async def examine(settings: Settings) -> list[Finding]:
    """Run every check; those on Kafka only when a broker answers."""
    findings = [_versions(), _models()]
    broker = await _checked("broker", _broker, settings)
    findings.append(broker)
    if broker.well:
        for name, check in (("topics", _topics), ("topic configs", _configs), ("group", _group), ("transaction", _transaction)):
            findings.append(await _checked(name, check, settings))
    return findings


def _versions() -> Finding:
    found = ", ".join(f"{name} {version(name)}" for name in ("vigie", "faust-streaming", "aiokafka", "msgspec"))
    return Finding("versions", f"Python {platform.python_version()}, {found}")


def _models() -> Finding:
    try:
        models = load_pipeline().info.models
    except (PipelineError, OSError) as error:
        return Finding("models", f"{type(error).__name__}: {error}", "reinstall vigie")
    return Finding("models", ", ".join(f"{stage} {name}" for stage, name in models.items()))


async def _checked(name: str, check: Callable[[Settings], Awaitable[Finding]], settings: Settings) -> Finding:
    try:
        async with asyncio.timeout(settings.kafka_timeout):
            return await check(settings)
    except kafka.NoBroker as error:
        return Finding(name, "no answer", str(error))
    except TimeoutError:
        return Finding(name, f"no answer within {settings.kafka_timeout:g} s", "look at the broker's log")
    except KafkaError as error:
        return Finding(name, f"{type(error).__name__}: {error}", _RIGHTS.get(type(error), "look at the broker's log"))


async def _broker(settings: Settings) -> Finding:
    async with kafka.admin(settings) as admin:
        cluster = await admin.describe_cluster()
    return Finding("broker", f"{settings.broker}: {len(cluster['brokers'])} brokers, cluster {cluster['cluster_id']}")


async def _topics(settings: Settings) -> Finding:
    names = [settings.topic(topic) for topic in Topic]
    async with kafka.admin(settings) as admin:
        absent = await topics.missing(admin, names)
    mend = topics.missing_message(absent, settings) if absent else ""
    return Finding("topics", f"{len(names) - len(absent)} of {len(names)}", mend)


async def _configs(settings: Settings) -> Finding:
    """The sizes that the topics take, and the compaction of the rules, must be as planned, or events are refused."""
    wanted = {each.name: each.config for each in topics.plan(settings)}
    async with kafka.admin(settings) as admin:
        absent = await topics.missing(admin, wanted)
        resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in wanted if name not in absent]
        responses = await admin.describe_configs(resources)
    wrong = []
    for response in responses:
        for _code, _message, _kind, name, entries in response.resources:
            actual = {entry[0]: entry[1] for entry in entries}
            if int(actual["max.message.bytes"]) < int(wanted[name]["max.message.bytes"]):
                wrong.append(f"{name} max.message.bytes={actual['max.message.bytes']} (needs {wanted[name]['max.message.bytes']})")
            if "cleanup.policy" in wanted[name] and "compact" not in actual["cleanup.policy"]:
                wrong.append(f"{name} cleanup.policy={actual['cleanup.policy']} (needs compact)")
    mend = "set them with kafka-configs.sh --alter --entity-type topics" if wrong else ""
    return Finding("topic configs", "; ".join(wrong) or "as needed", mend)


async def _group(settings: Settings) -> Finding:
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.broker, group_id=settings.full_group, enable_auto_commit=False)
    await consumer.start()
    try:
        partitions = await kafka.partitions(consumer, settings.topic(Topic.RAW))
        committed = [await consumer.committed(partition) for partition in partitions]
        ends = await consumer.end_offsets(partitions)
    except topics.TopicsError as error:
        return Finding("group", "not examined", str(error))
    finally:
        await consumer.stop()
    lag = sum(ends[partition] - (offset or 0) for partition, offset in zip(partitions, committed, strict=True))
    return Finding("group", f"{settings.full_group}: {lag} events not committed yet")


async def _transaction(settings: Settings) -> Finding:
    """Begin and abort a transaction that writes one record, under an id of the doctor's own: nobody sees or is fenced by it."""
    async with kafka.producer(settings, transactional_id=f"{settings.full_group}-doctor") as producer:
        await producer.begin_transaction()
        try:
            await producer.send_and_wait(settings.topic(Topic.DEAD_LETTERS), b"doctor")
        finally:
            await producer.abort_transaction()
    return Finding("transaction", "begun, written and aborted")
