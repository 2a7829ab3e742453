"""What `vigie doctor` looks at: each check answers what it found, and what to do where that is not well."""

import asyncio
import platform
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from importlib.metadata import version

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAuthorizationFailedError, for_code
from aiokafka.structs import OffsetAndMetadata

from agents import kafka, rights, topics
from agents.acl import MissingRight, Right, grant, naming
from agents.owner import transactional_id
from agents.settings import Settings
from agents.topics import OUTPUTS, Topic
from pipeline.enrich import load_pipeline
from pipeline.errors import PipelineError


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
    """Run every check; those on Kafka only when a broker answers, those on topics only when they are all there."""
    findings = [_versions(), _models()]
    for name, check in (("broker", _broker), ("topics", _topics)):
        findings.append(await _checked(name, check, settings))
        if not findings[-1].well:
            return findings
    for name, check in (("topic configs", _configs), ("reading", _reading), ("group", _group), ("transaction", _transaction)):
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
    except (topics.TopicsError, rights.SessionRefused) as error:
        return Finding(name, "not as a worker needs it", str(error))
    except MissingRight as error:
        return Finding(name, "forbidden", f"{error}\n(all that a worker needs: vigie acls worker)")
    except TimeoutError:
        return Finding(name, f"no answer within {settings.kafka_timeout:g} s", "look at the broker's log")
    except KafkaError as error:
        return Finding(name, f"{type(error).__name__}: {error}", "look at the broker's log")


# --- checks --------------------------------------------------------------------------------------------------------


async def _broker(settings: Settings) -> Finding:
    async with kafka.admin(settings) as admin:
        cluster = await admin.describe_cluster()
    return Finding("broker", f"{settings.broker}: {len(cluster['brokers'])} brokers, cluster {cluster['cluster_id']}")


async def _topics(settings: Settings) -> Finding:
    names = [settings.topic(topic) for topic in Topic]
    async with kafka.admin(settings) as admin:
        absent = await topics.missing(admin, names)
    found = f"{len(names) - len(absent)} of {len(names)}"
    if not absent:
        return Finding("topics", found)
    mend = f"{rights.missing_message(absent, settings)}\n(a topic on which we have no right looks the same)"
    return Finding("topics", found, mend)


async def _configs(settings: Settings) -> Finding:
    """The sizes that the topics take, and the compaction of the rules, must be as planned, or events are refused."""
    wanted = {each.name: each.config for each in topics.plan(settings)}
    async with kafka.admin(settings) as admin:
        responses = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in wanted])
    mends, wrong = [], []
    for code, message, _kind, name, entries in (each for response in responses for each in response.resources):
        if for_code(code) is TopicAuthorizationFailedError:
            wrong.append(f"{name} not shown")
            mends.append(grant([Right("DescribeConfigs", "topic", name)], settings))
        elif code:
            wrong.append(f"{name} {for_code(code).__name__}: {message}")
            mends.append("look at the broker's log")
        for key, value in _unfit(wanted[name], {entry[0]: entry[1] for entry in entries}).items():
            wrong.append(f"{name} {key}={value} (needs {wanted[name][key]})")
            mends.append(
                f"kafka-configs.sh --bootstrap-server {settings.broker} --alter --entity-type topics --entity-name {name} "
                f"--add-config {key}={wanted[name][key]}"
            )
    return Finding("topic configs", "; ".join(wrong) or "as needed", "\n".join(mends))


def _unfit(wanted: dict[str, str], actual: dict[str, str]) -> dict[str, str]:
    """Configs of a topic that would lose or refuse events: a size below the one planned, rules that are not compacted."""
    size, policy = actual.get("max.message.bytes"), actual.get("cleanup.policy")
    unfit = {}
    if size is not None and int(size) < int(wanted["max.message.bytes"]):
        unfit["max.message.bytes"] = size
    if policy is not None and "cleanup.policy" in wanted and wanted["cleanup.policy"] not in policy:
        unfit["cleanup.policy"] = policy
    return unfit


async def _reading(settings: Settings) -> Finding:
    """Ask for the next record, at the end, of each topic that a worker reads; the consumer raises when that is forbidden."""
    forbidden = []
    for topic in (Topic.RAW, Topic.RULES):
        name = settings.topic(topic)
        async with kafka.consumer(settings, fetch_max_wait_ms=50) as consumer:
            partitions = await kafka.partitions(consumer, settings, name)
            consumer.assign(partitions)
            try:
                await consumer.seek_to_end(*partitions)
                await consumer.getmany(timeout_ms=200)
            except TopicAuthorizationFailedError:
                forbidden.append(name)
    mend = grant([Right("Read", "topic", name) for name in forbidden], settings)
    return Finding("reading", f"forbidden: {', '.join(forbidden)}" if forbidden else "allowed", mend)


async def _group(settings: Settings) -> Finding:
    """Tell the lag, ask to join, and commit an offset in a transaction that is aborted: what a worker does, without any effect."""
    name = settings.topic(Topic.RAW)
    async with kafka.admin(settings) as admin:
        offsets = await kafka.committed(admin, settings, settings.full_group)
        await rights.require_membership(admin, settings)
    async with kafka.consumer(settings) as consumer:
        ends = await consumer.end_offsets(await kafka.partitions(consumer, settings, name))
    async with _producer(settings) as producer:
        await producer.begin_transaction()
        try:
            with naming(settings, "Read"):
                await producer.send_offsets_to_transaction({next(iter(ends)): OffsetAndMetadata(0, "")}, settings.full_group)
        finally:
            await producer.abort_transaction()  # one that is open would keep the producer from stopping
    lag = sum(end - max(offsets[each].offset if each in offsets else 0, 0) for each, end in ends.items())
    return Finding("group", f"{settings.full_group}: {lag} events not committed yet")


def _producer(settings: Settings) -> AbstractAsyncContextManager[AIOKafkaProducer]:
    """Open a producer whose id is the doctor's own, so that no worker is fenced by it, but one that their rights cover."""
    ids = transactional_id(settings)
    return kafka.producer(settings, ids=ids, transactional_id=f"{ids}doctor")


async def _transaction(settings: Settings) -> Finding:
    """Take every topic that a worker writes into a transaction, and end it: no record is written, nobody sees it."""
    names = [settings.topic(topic) for topic in OUTPUTS]
    async with _producer(settings) as producer:
        partitions = [next(iter(await producer.partitions_for(name))) for name in names]
        await producer.begin_transaction()
        try:
            for name, partition in zip(names, partitions, strict=True):
                producer._txn_manager.maybe_add_partition_to_txn(TopicPartition(name, partition))  # noqa: SLF001 - sending would write
            await producer.commit_transaction()
        except TopicAuthorizationFailedError:
            await producer.abort_transaction()
            raise
    return Finding("transaction", "begun, every output taken in, ended")
