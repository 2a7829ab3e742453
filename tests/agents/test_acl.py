"""A right that is missing is granted to whom Kafka takes us for."""

import dataclasses

import pytest

from agents.acl import Right, grant
from agents.settings import Settings


@pytest.mark.parametrize(
    ("protocol", "user", "principal"),
    [
        ("PLAINTEXT", "", "User:ANONYMOUS"),
        ("SASL_SSL", "desk", "User:desk"),
        ("SSL", "", "User:NAME"),  # the broker makes a name of the certificate, by rules that we do not know
    ],
)
def test_the_user_is_the_one_that_kafka_sees(protocol: str, user: str, principal: str):
    settings = dataclasses.replace(Settings(), security_protocol=protocol, sasl_username=user)
    said = grant([Right("Read", "topic", "alerts")], settings)
    assert said.startswith("the right Read on the topic alerts is missing; grant it: kafka-acls.sh ")
    assert f"--allow-principal {principal} --operation Read " in said
