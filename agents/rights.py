"""The least rights (ACLs) that each part of a system with vigie needs, and whether this one has them.

What Kafka asks for each request: kafka.apache.org/documentation, "Operations and Resources on Protocols". Read and Write imply
Describe.
"""

from collections.abc import Collection
from enum import StrEnum

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupAuthorizationFailedError, InvalidSessionTimeoutError
from aiokafka.protocol.group import JoinGroupRequest

from agents import dead_letters, kafka, rules, topics
from agents.acl import MissingRight, Right, grant, naming
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
    NOTIFY = "notify"
    OPERATOR = "operator"


class SessionRefused(Exception):
    """Kafka does not take VIGIE_SESSION_TIMEOUT; the message says what to set."""


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
    if role is Role.NOTIFY:
        return [Right("Read", "topic", settings.topic(Topic.ALERTS))]
    return _operator(settings)


def _operator(settings: Settings) -> list[Right]:
    """Whoever makes the topics, puts rules, reads and replays dead letters, and runs the doctor."""
    replay = dead_letters.group(settings)
    every = [settings.topic(topic) for topic in Topic]
    return [
        *(Right(operation, "topic", name) for name in every for operation in ("Create", "Read", "Write", "DescribeConfigs")),
        Right("Read", "group", settings.full_group),
        Right("Read", "group", rules.group(settings), prefixed=True),
        Right("Read", "group", replay),
        Right("Write", "transactional-id", replay),
        Right("Write", "transactional-id", transactional_id(settings), prefixed=True),
    ]


async def require(admin: AIOKafkaAdminClient, settings: Settings) -> None:
    """Raise TopicsError, MissingRight or SessionRefused unless a worker may do its work: see its topics, join, write.

    Kafka shows no topic to whoever has no right on it.
    """
    if absent := await topics.missing(admin, [settings.topic(topic) for topic in Topic]):
        raise topics.TopicsError(missing_message(absent, settings))
    await require_membership(admin, settings)
    with naming(settings, "Write", ids=transactional_id(settings)):
        await kafka.patiently(lambda: admin.find_coordinator(f"{transactional_id(settings)}0", _TRANSACTION))


def missing_message(names: Collection[str], settings: Settings) -> str:
    """Say of topics that a worker does not see how they are made, or which right shows them."""
    return topics.missing_message((right for right in needed(Role.WORKER, settings) if right.name in names), settings)


async def require_membership(admin: AIOKafkaAdminClient, settings: Settings) -> None:
    """Raise MissingRight or SessionRefused unless a worker may join its groups, for a session as long as its settings say."""
    for group, right in (
        (settings.full_group, Right("Read", "group", settings.full_group)),
        (f"{rules.group(settings)}check", Right("Read", "group", rules.group(settings), prefixed=True)),
    ):
        refusal = await _joining(admin, group, int(settings.session_timeout * 1000))
        if refusal == GroupAuthorizationFailedError.errno:
            raise MissingRight(grant([right], settings))
        if refusal == InvalidSessionTimeoutError.errno:
            raise SessionRefused(
                f"VIGIE_SESSION_TIMEOUT={settings.session_timeout:g}: the Kafka at {settings.broker} takes no such session; set it "
                "between the broker's group.min.session.timeout.ms and group.max.session.timeout.ms (by default 6 s and 30 min; "
                "our default is 10 s)"
            )


async def _joining(admin: AIOKafkaAdminClient, group: str, session: int) -> int:
    """Ask to join a group as a member that does not exist; answers the code of the refusal. Nothing comes of it.

    Kafka looks at the right first, then at the session's milliseconds, then for the member.
    """
    try:
        node = await kafka.patiently(lambda: admin.find_coordinator(group))
    except GroupAuthorizationFailedError as error:
        return int(error.errno)
    request = JoinGroupRequest(group, session, session, "none", None, "consumer", [("range", b"")])
    return int((await admin._send_request(request, node)).error_code)  # noqa: SLF001 - the only way to ask
