"""The commands on a Kafka that lets nobody in without a name: with the least rights of their role, and with one less."""

import re

import orjson
import pytest

from agents import rights
from agents.acl import Right
from agents.rights import Role
from tests.fixtures.commands import TOPICS
from tests.fixtures.kafka import Spines
from tests.fixtures.notify import NOTIFY, alert, records, webhook
from tests.fixtures.reader import until
from tests.fixtures.secured import Secured, vigie
from tests.fixtures.spine import Spine

pytestmark = pytest.mark.broker

RULES = '[[rules]]\nid = "mali"\nname = "Mali"\nquery = "Mali"\n'


@pytest.fixture(scope="module")
async def spine(make_secured_spine: Spines) -> Spine:
    spine = await make_secured_spine().create()
    dead = [(b"k", b"{", [("vigie.reason", b"not_json")]), (b"k", b"[", [("vigie.reason", b"not_object")])]
    await spine.send_records(dead, to="articles.dead-letter")
    await spine.send_records(records([alert("mali")]), to="alerts")
    return spine


@pytest.fixture(scope="module")
def rules_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("rules") / "rules.toml"
    path.write_text(RULES)
    return str(path)


async def test_an_operator_does_everything_with_its_rights(secured: Secured, spine: Spine, rules_file: str):
    environ = spine.environ | secured.environ("sasl", "operator", VIGIE_SASL_MECHANISM="SCRAM-SHA-256")
    await secured.grant("operator", rights.needed(Role.OPERATOR, spine.settings))
    for command, said in {
        ("topics", "create"): "exists",
        ("rules", "put", rules_file): "put 1 rules",
        ("rules", "list"): "Mali",
        ("rules", "delete", "mali"): "deleted",
        ("dead-letters", "list"): "2 dead letters",
        ("dead-letters", "replay", "--reason", "not_json"): "replayed",
        ("tail", "alerts", "--from", "earliest", "--max", "1"): "mali",
        ("doctor",): "well  transaction",
    }.items():
        result = await vigie(environ, *command)
        assert result.exit_code == 0, (command, result.output)
        assert said in result.stdout


async def test_over_tls_without_a_name(secured: Secured, spine: Spine):
    result = await vigie(spine.environ | secured.environ("tls"), "tail", "alerts", "--from", "earliest", "--max", "1")
    assert (result.exit_code, "Vive le Mali" in result.stdout) == (0, True)


@pytest.mark.parametrize(
    ("command", "lacking"),
    [
        ("topics create", ("Create", "topic", "{}alerts")),
        ("rules put RULES", ("Write", "topic", "{}watch-rules")),
        ("rules list", ("Read", "topic", "{}watch-rules")),
        ("dead-letters list", ("Read", "topic", "{}articles.dead-letter")),
        ("dead-letters replay", ("Write", "topic", "{}articles.raw")),
        ("dead-letters replay", ("Read", "group", "{}vigie-replay")),
        ("dead-letters replay", ("Write", "transactional-id", "{}vigie-replay")),
        ("tail alerts --from earliest --max 1", ("Read", "topic", "{}alerts")),
        ("doctor", ("Read", "group", "{}vigie-rules-")),
        ("doctor", ("DescribeConfigs", "topic", "{}articles.raw")),
        ("doctor", ("Write", "transactional-id", "{}vigie-{}articles.raw-")),
    ],
)
async def test_one_right_less_is_named(
    secured: Secured, spine: Spine, rules_file: str, command: str, lacking: tuple[str, str, str]
):
    where = spine if command != "topics create" else Spine(spine.bootstrap, spine.folder)
    user, name = secured.other(), lacking[2].replace("{}", where.prefix)
    needed = rights.needed(Role.OPERATOR, where.settings)
    missing = [right for right in needed if (right.operation, right.resource, right.name) == (*lacking[:2], name)]
    assert len(missing) == 1
    await secured.grant(user, [right for right in needed if right not in missing])
    environ = where.environ | secured.environ("sasl", user)
    result = await vigie(environ, *command.replace("RULES", rules_file).split())
    assert result.exit_code == 1, result.output
    assert f"the right {missing[0]} is missing; grant it: kafka-acls.sh" in re.sub(r"\s*\n\s+", "\n", result.output)
    assert "Traceback" not in result.output


async def test_doctor_names_every_right_that_is_missing(secured: Secured, spine: Spine):
    """Of a user that may see that all is there, and nothing else."""
    user, (raw, alerts, rules) = secured.other(), map(spine.topic, ("articles.raw", "alerts", "watch-rules"))
    group = f"{spine.prefix}vigie"
    seen = [Right("Describe", "topic", name) for name in map(spine.topic, TOPICS)]
    seen += [Right("Describe", "group", group), Right("Describe", "transactional-id", group, prefixed=True)]
    await secured.grant(user, seen)
    result = await vigie(spine.environ | secured.environ("sasl", user), "doctor", "--json")
    found = {each["name"]: each for each in orjson.loads(result.stdout)}
    assert result.exit_code == 1
    assert found["topics"]["well"]
    for name, missing in {
        "topic configs": [f"DescribeConfigs --topic {raw}", f"DescribeConfigs --topic {alerts}"],
        "reading": [f"Read --topic {raw}", f"Read --topic {rules}"],
        "group": [f"Read --group {group}"],
        "transaction": ["Write --resource-pattern-type prefixed --transactional-id"],
    }.items():
        for right in missing:
            assert f"--allow-principal User:{user} --operation {right}" in found[name]["mend"], found[name]


async def test_notify_with_its_rights_alone_tells_no_password(secured: Secured, spine: Spine):
    await secured.grant("notify", rights.needed(Role.NOTIFY, spine.settings))
    secret = {"VIGIE_SASL_MECHANISM": "PLAIN", "VIGIE_LOG_LEVEL": "debug"}
    with webhook() as hook:
        address = hook.url.rstrip("/")
        environ = secured.environ("sasl", "notify", VIGIE_ALERTMANAGER=address.replace("//", "//ops:pass%40word-77@"), **secret)
        down = environ | {"VIGIE_ALERTMANAGER": "http://ops:pass%40word-77@127.0.0.1:1/"}
        up, lost = (spine.worker(command=NOTIFY, **each) for each in (environ, down))
        await until(lambda: any(body for _, body in hook.notifications), "the alert was posted", 60)
        await until(lambda: "alertmanager.fails" in lost.said, "the other one cannot post", 60)
        assert hook.notifications[-1][1][0]["labels"]["alertname"] == "mali"
        for each in (up, lost):
            assert await each.stop() == 0
            assert "pass" not in each.said.replace("VIGIE_SASL_PASSWORD", "")
            assert "Vive le Mali" not in each.said, "no page content above debug"
    for command in (["settings"], ["settings", "--json"]):
        shown = await vigie(spine.environ | environ, *command)
        assert shown.exit_code == 0
        assert "word-77" not in shown.output
    assert f'"{address}"' in shown.output


async def test_notify_without_its_right(secured: Secured, spine: Spine):
    notifier = spine.worker(command=NOTIFY, **secured.environ("sasl", secured.other()))
    assert await notifier.ended(60) == 1
    assert f"the right Read on the topic {spine.topic('alerts')} is missing; grant it: kafka-acls.sh" in notifier.said


async def test_a_session_that_the_broker_does_not_take_is_said(secured: Secured, spine: Spine):
    """A worker would wait for ever, and say nothing: aiokafka logs the refusal in a background task."""
    short = spine.environ | {"VIGIE_SESSION_TIMEOUT": "1"}
    said = f"VIGIE_SESSION_TIMEOUT=1: the Kafka at {spine.bootstrap} takes no such session; set it between"
    for command in (["worker"], ["doctor"]):
        result = await vigie(short, *command)
        assert result.exit_code == 1
        assert said in result.output
