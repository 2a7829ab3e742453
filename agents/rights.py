"""The least rights (ACLs) that each part of a system with vigie needs, and whether this one has them.

What Kafka asks for each request: kafka.apache.org/documentation, "Operations and Resources on Protocols". Read and Write imply
Describe.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from shlex import join

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupAuthorizationFailedError, TransactionalIdAuthorizationFailed
from aiokafka.protocol.group import HeartbeatRequest

from agents import dead_letters, kafka, rules, topics
from agents.owner import transactional_id
from agents.settings import Settings
from agents.topics import OUTPUTS, Topic

_TRANSACTION = 1  # what the coordinator that is asked for coordinates
_READ_BY_ALL = (Topic.ARTICLES, Topic.COMMENTS, Topic.ALERTS)


class Role(StrEnum):
    """Who needs rights."""

    WORKER = "worker"
    CRAWLER = "crawler"
    READER = "reader"
    OPERATOR = "operator"


class MissingRight(Exception):
    """A right that is missing; the message names it and the command that grants it."""


@dataclass(frozen=True, order=True)
class Right:
    """One right, in Kafka's own words: Read on a topic, a group, ... `prefixed`: on every name that begins so."""

    operation: str
    resource: str
    name: str
    prefixed: bool = False

    def __str__(self) -> str:
        return f"{self.operation} on the {self.resource} {self.name}{'*' if self.prefixed else ''}"


def needed(role: Role, settings: Settings, group: str = "") -> list[Right]:
    """List the least rights of a role under these settings. `group` is a reader's own consumer group."""
    if role is Role.WORKER:
        return [
            *(Right("Read", "topic", settings.topic(topic)) for topic in (Topic.RAW, Topic.RULES)),
            *(Right("Write", "topic", settings.topic(topic)) for topic in OUTPUTS),
            Right("Read", "group", settings.full_group),
            Right("Read", "group", rules.group(settings), prefixed=True),
            Right("Write", "transactional-id", transactional_id(settings), prefixed=True),
        ]
    if role is Role.CRAWLER:
        return [Right("Write", "topic", settings.topic(Topic.RAW))]
    if role is Role.READER:
        read = [Right("Read", "topic", settings.topic(topic)) for topic in _READ_BY_ALL]
        return [*read, Right("Read", "group", group)] if group else read
    return _operator(settings)


def _operator(settings: Settings) -> list[Right]:
    """Whoever makes the topics, puts rules, reads and replays dead letters, and runs the doctor."""
    replay = dead_letters.group(settings)
    every = [settings.topic(topic) for topic in Topic]
    return [
        *(Right(operation, "topic", name) for name in every for operation in ("Create", "Read", "Write", "DescribeConfigs")),
        Right("Read", "group", settings.full_group),
        Right("Read", "group", replay),
        Right("Write", "transactional-id", replay),
        Right("Write", "transactional-id", transactional_id(settings), prefixed=True),
    ]


def commands(rights: Iterable[Right], principal: str, settings: Settings) -> list[str]:
    """Write the kafka-acls.sh commands that grant rights: one for each operation, as Kafka combines them."""
    together: defaultdict[tuple[str, bool], list[Right]] = defaultdict(list)
    for right in sorted(rights):
        together[right.operation, right.prefixed].append(right)
    tool = f"kafka-acls.sh --bootstrap-server {settings.broker}"
    tool += "" if settings.security_protocol == "PLAINTEXT" else " --command-config admin.properties"
    return [f"{tool} {join(arguments(group, principal))}" for group in together.values()]


def arguments(rights: Iterable[Right], principal: str) -> list[str]:
    """Arguments of kafka-acls.sh that grant rights of one operation and one kind of pattern."""
    granted = list(rights)
    scope = [word for right in granted for word in (f"--{right.resource}", right.name)]
    pattern = ["--resource-pattern-type", "prefixed"] if granted[0].prefixed else []
    return ["--add", "--allow-principal", principal, "--operation", granted[0].operation, *pattern, *scope]


def grant(right: Right, settings: Settings) -> str:
    """Say which right is missing and how it is granted."""
    (command,) = commands([right], "User:NAME", settings)
    return f"the right {right} is missing; grant it: {command}"


async def require(admin: AIOKafkaAdminClient, settings: Settings) -> None:
    """Raise TopicsError or MissingRight unless a worker sees its topics, and may join its groups and write transactions.

    Kafka shows no topic to whoever has no right on it. A heartbeat for a member that does not exist is refused either way, and
    tells which; nothing comes of it.
    """
    if absent := await topics.missing(admin, [settings.topic(topic) for topic in Topic]):
        lacking = [grant(right, settings) for right in needed(Role.WORKER, settings) if right.name in absent]
        message = topics.missing_message(absent, settings)
        raise topics.TopicsError("\n".join([message, *lacking]) if settings.authenticated else message)
    for group, name, prefixed in (
        (settings.full_group, settings.full_group, False),
        (f"{rules.group(settings)}check", rules.group(settings), True),
    ):
        if not await _may_join(admin, group):
            raise MissingRight(grant(Right("Read", "group", name, prefixed), settings))
    try:
        await kafka.patiently(lambda: admin.find_coordinator(f"{transactional_id(settings)}0", _TRANSACTION))
    except TransactionalIdAuthorizationFailed:
        right = Right("Write", "transactional-id", transactional_id(settings), prefixed=True)
        raise MissingRight(grant(right, settings)) from None


async def _may_join(admin: AIOKafkaAdminClient, group: str) -> bool:
    try:
        node = await kafka.patiently(lambda: admin.find_coordinator(group))
    except GroupAuthorizationFailedError:
        return False
    answer = await admin._send_request(HeartbeatRequest(group, -1, ""), node)  # noqa: SLF001 - the only way to ask
    return bool(answer.error_code != GroupAuthorizationFailedError.errno)
