"""The topics: their names, what they must be configured with, and making, checking and waiting for them."""

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, TopicAuthorizationFailedError, for_code

from agents.acl import MissingRight, Right, grant
from agents.settings import Settings

_MIB = 1024 * 1024
_DAY_MS = 86_400_000
_POLLS, _POLL_SECONDS = 200, 0.05


class Topic(StrEnum):
    """The six topics, without the prefix."""

    RAW = "articles.raw"
    ARTICLES = "articles.enriched"
    COMMENTS = "comments.enriched"
    ALERTS = "alerts"
    DEAD_LETTERS = "articles.dead-letter"
    RULES = "watch-rules"


OUTPUTS = (Topic.ARTICLES, Topic.COMMENTS, Topic.ALERTS, Topic.DEAD_LETTERS)


class TopicsError(Exception):
    """Topics that are missing or could not be made; the message holds the command that mends it."""


@dataclass(frozen=True)
class Plan:
    """How a topic is made. `config` holds Kafka's own names and values."""

    name: str
    partitions: int
    replication: int
    config: dict[str, str]


def plan(settings: Settings) -> list[Plan]:
    """Every topic with its configuration; articles.raw takes the largest event and some, the others the largest output."""
    plans = []
    for topic in Topic:
        raw = topic is Topic.RAW
        size = max(6 * _MIB, settings.event_bytes + _MIB) if raw else max(16 * _MIB, settings.output_bytes)
        days = settings.retention_raw_days if raw else settings.retention_days
        config = {"max.message.bytes": str(size), "retention.ms": str(int(days * _DAY_MS))}
        if topic is Topic.RULES:
            config = {"max.message.bytes": str(size), "cleanup.policy": "compact"}
        partitions = 1 if topic is Topic.RULES else settings.partitions
        plans.append(Plan(settings.topic(topic), partitions, settings.replication, config))
    return plans


async def create(admin: AIOKafkaAdminClient, settings: Settings) -> dict[str, str]:
    """Make the topics that do not exist; answers `created` or `exists` by full name, or raises TopicsError or MissingRight."""
    outcome = {}
    for each in plan(settings):
        new = NewTopic(each.name, each.partitions, each.replication, topic_configs=each.config)
        response = await admin.create_topics([new], timeout_ms=int(settings.kafka_timeout * 1000))
        code, message = response.topic_errors[0][1], response.topic_errors[0][2]
        if code == 0:
            outcome[each.name] = "created"
        elif for_code(code) is TopicAlreadyExistsError:
            outcome[each.name] = "exists"
        elif for_code(code) is TopicAuthorizationFailedError:
            raise MissingRight(grant([Right("Create", "topic", each.name)], settings))
        else:
            raise TopicsError(f"topic {each.name} could not be made: {for_code(code).__name__}: {message}")
    await _visible(admin, outcome)
    return outcome


async def _visible(admin: AIOKafkaAdminClient, names: Collection[str]) -> None:
    """Wait until the broker tells of topics that it has just made, or a worker started now would miss them."""
    for _ in range(_POLLS):
        if not await missing(admin, names):
            return
        await asyncio.sleep(_POLL_SECONDS)


async def missing(admin: AIOKafkaAdminClient, names: Iterable[str]) -> list[str]:
    """Those of `names` that the broker does not have."""
    present = set(await admin.list_topics())
    return [name for name in names if name not in present]


async def require(admin: AIOKafkaAdminClient, settings: Settings, topic: Topic, operation: str) -> None:
    """Raise TopicsError, with the command that mends it, unless the broker has a topic. `operation`: what will be done with it."""
    name = settings.topic(topic)
    if await missing(admin, [name]):
        raise TopicsError(missing_message([Right(operation, "topic", name)], settings))


def missing_message(needed: Iterable[Right], settings: Settings) -> str:
    """Say which topics are missing and how they are made. `needed`: what we need on each.

    Kafka hides a topic from whoever has no right on it: where there is somebody to have rights, the missing ones are named too.
    """
    rights = list(needed)
    prefix = f"VIGIE_PREFIX={settings.prefix} " if settings.prefix else ""
    message = (
        f"the broker at {settings.broker} has no topic {', '.join(right.name for right in rights)}; make it with: "
        f"{prefix}VIGIE_BROKER={settings.broker} vigie topics create"
    )
    return f"{message}; or, if it is there:\n{grant(rights, settings)}" if settings.authenticated else message
