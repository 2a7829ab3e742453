"""docs/security.md names what there is: its settings are settings, its commands work as they stand."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agents.cli import app
from agents.rights import Role
from agents.settings import Settings, variables
from tests.fixtures.guides import blocks, text_of

PAGE = "docs/security.md"
TEXT, BLOCKS = text_of(PAGE), blocks(PAGE, "sh")


def test_every_variable_is_a_setting():
    named = set(re.findall(r"\bVIGIE_[A-Z_]+", TEXT))
    assert named <= set(variables())
    assert {
        name for name in variables() if re.match("VIGIE_(SASL|TLS|SECURITY|AUTHOR)_", name) and not name.endswith("_FILE")
    } <= named


def test_the_settings_that_are_shown_are_accepted(tmp_path: Path):
    secret = tmp_path / "password"
    secret.write_text("s3cret\n")
    lines = [line for line in BLOCKS[0].splitlines() if line.startswith("export ")]
    environ = dict(word.split("=", 1) for line in lines for word in shlex.split(line, comments=True)[1:])
    assert Settings.from_env(environ | {"VIGIE_SASL_PASSWORD_FILE": str(secret)}).sasl_password.reveal() == "s3cret"


@pytest.mark.parametrize("line", BLOCKS[1].splitlines())
def test_the_rights_that_are_shown_are_printed(line: str):
    arguments = shlex.split(line, comments=True)
    result = CliRunner().invoke(app, arguments[1:], env={"VIGIE_PREFIX": "eu."})
    assert result.exit_code == 0
    assert all(arguments[4] in printed and " eu." in printed for printed in result.stdout.splitlines())
    assert arguments[2] in list(Role)


def test_the_credentials_of_kafka_s_own_tool_are_those_of_the_settings_that_are_shown():
    """The keys were tried on Kafka 4.1's kafka-acls.sh; the values follow the first block."""
    (block,) = blocks(PAGE, "properties")
    shown = dict(line.split("=", 1) for line in block.splitlines())
    settings = dict(re.findall(r"export (VIGIE_\w+)=(\S+)", BLOCKS[0]))
    assert shown["security.protocol"] == settings["VIGIE_SECURITY_PROTOCOL"]
    assert shown["sasl.mechanism"] == settings["VIGIE_SASL_MECHANISM"]
    assert shown["ssl.truststore.location"] == settings["VIGIE_TLS_CA"]
    assert "ScramLoginModule required " in shown["sasl.jaas.config"]
    assert shown["sasl.jaas.config"].endswith(";")
