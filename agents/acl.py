"""Rights on Kafka (ACLs) in Kafka's own words: how one is named, granted, and told from Kafka's refusal when it is missing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from shlex import join

from aiokafka.errors import (
    GroupAuthorizationFailedError,
    KafkaError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)

from agents.settings import Settings


class MissingRight(Exception):
    """A right that is missing; the message names it and the command that grants it, a line for each."""


@dataclass(frozen=True, order=True)
class Right:
    """One right: Read on a topic, a group, ... `prefixed`: on every name that begins so."""

    operation: str
    resource: str
    name: str
    prefixed: bool = False

    def __str__(self) -> str:
        return f"{self.operation} on the {self.resource} {self.name}{'*' if self.prefixed else ''}"


def commands(rights: Iterable[Right], principal: str, settings: Settings) -> list[str]:
    """Write the kafka-acls.sh commands that grant rights: one for each operation, as Kafka combines them."""
    together: defaultdict[tuple[str, bool], list[Right]] = defaultdict(list)
    for right in sorted(rights):
        together[right.operation, right.prefixed].append(right)
    tool = f"kafka-acls.sh --bootstrap-server {settings.broker}"
    tool += "" if settings.security_protocol == "PLAINTEXT" else " --command-config admin.properties"
    return [f"{tool} {join(_arguments(group, principal))}" for group in together.values()]


def _arguments(rights: Iterable[Right], principal: str) -> list[str]:
    """Arguments of kafka-acls.sh that grant rights of one operation and one kind of pattern."""
    granted = list(rights)
    scope = [word for right in granted for word in (f"--{right.resource}", right.name)]
    pattern = ["--resource-pattern-type", "prefixed"] if granted[0].prefixed else []
    return ["--add", "--allow-principal", principal, "--operation", granted[0].operation, *pattern, *scope]


def _principal(settings: Settings) -> str:
    """Whom Kafka takes us for; a placeholder where a certificate tells it, by rules of the broker's."""
    if settings.security_protocol.startswith("SASL_"):
        return f"User:{settings.sasl_username}"
    return "User:ANONYMOUS" if settings.security_protocol == "PLAINTEXT" else "User:NAME"


def grant(rights: Iterable[Right], settings: Settings) -> str:
    """Say which rights are missing and how each is granted, a line for each."""
    principal = _principal(settings)
    return "\n".join(
        f"the right {right} is missing; grant it: {commands([right], principal, settings)[0]}" for right in sorted(rights)
    )


@contextmanager
def naming(settings: Settings, operation: str, *, group: str = "", ids: str = "") -> Iterator[None]:
    """Raise MissingRight where Kafka refuses for the lack of a right.

    `operation` is what is done with topics; `group` is the consumer group that is used (Kafka's refusal does not always name it);
    `ids` is how the transactional ids begin, where the right is one on all of them.
    """
    try:
        yield
    except TopicAuthorizationFailedError as error:
        raise MissingRight(grant([Right(operation, "topic", name) for name in _topics(error)], settings)) from error
    except GroupAuthorizationFailedError as error:
        raise MissingRight(grant([Right("Read", "group", group or settings.full_group)], settings)) from error
    except TransactionalIdAuthorizationFailed as error:
        right = Right("Write", "transactional-id", ids or str(error.args[0] if error.args else "?"), prefixed=bool(ids))
        raise MissingRight(grant([right], settings)) from error


def _topics(error: KafkaError) -> list[str]:
    """Topics that a refusal names."""
    named = error.args[0] if error.args else "?"
    return [named] if isinstance(named, str) else sorted(named)
