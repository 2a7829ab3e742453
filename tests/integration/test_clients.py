"""Other people's clients (librdkafka's kcat, Kafka's console tools) write and read; what they see is held against the contracts."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from agents.broker import LocalBroker, default_home
from agents.contracts import EVENTS, schema
from agents.contracts.asyncapi import dead_letter_schema, headers_schema
from pipeline.cloudevents import TYPES
from tests.fixtures.kafka import Spines
from tests.fixtures.spine import Spine, page
from tools.debian_servers import kcat as find_kcat

pytestmark = pytest.mark.broker

NAMES = {"articles.enriched": "article", "comments.enriched": "comment", "alerts": "alert"}
COUNTS = {"articles.enriched": 2, "comments.enriched": 4, "alerts": 2}
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
ATTRIBUTES = {
    "ce_specversion": "1.0", "ce_id": "1", "ce_source": "crawler", "ce_type": "page", "ce_time": "2026-11-23T08:00:00Z",
    "traceparent": TRACE,
}  # fmt: skip
RULE = {"id": "lavrov", "query": "Lavrov"}


def run(command: list[str | Path], given: bytes = b"") -> bytes:
    done = subprocess.run(command, input=given, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.fixture(scope="module")
def kcat(kafka: LocalBroker) -> list[str | Path]:
    return [find_kcat(default_home(os.environ)), "-b", kafka.bootstrap, "-X", "isolation.level=read_committed"]


@pytest.fixture(scope="module")
async def spine(make_spine: Spines, kafka: LocalBroker, kcat: list[str | Path]) -> Spine:
    """A worker that has enriched a page by kcat, one by Kafka's console producer, and what neither should have sent."""
    spine = await make_spine(VIGIE_PARTITIONS="1").create()
    raw, rules = spine.topic("articles.raw"), spine.topic("watch-rules")
    run([*kcat, "-P", "-t", rules, "-k", RULE["id"]], json.dumps(RULE).encode())
    headers = [word for name, value in ATTRIBUTES.items() for word in ("-H", f"{name}={value}")]
    by_kcat = "https://kcat.example/page"
    run([*kcat, "-P", "-t", raw, "-k", by_kcat, *headers], page(by_kcat))
    run([*kcat, "-P", "-t", raw, "-k", "bad"], b'{"url": "https://kcat.example/bad"}')
    by_java = "https://java.example/page"
    written = ",".join(f"{name}:{value}" for name, value in ATTRIBUTES.items())
    line = f"{written}\t{by_java}\t{page(by_java).decode()}\n"
    options = ["parse.key=true", "parse.headers=true", "headers.key.separator=:"]
    properties = [word for option in options for word in ("--property", option)]
    run(
        kafka.command("org.apache.kafka.tools.ConsoleProducer", "--bootstrap-server", kafka.bootstrap, "--topic", raw, *properties),
        line.encode(),
    )
    async with spine.reader() as reader:
        await spine.worker().ready()
        await reader.until(
            lambda it: len(it.records["comments.enriched"]) == 4 and it.records["articles.dead-letter"], "both pages"
        )
    return spine


def check(name: str, headers: dict[str, str], value: str) -> dict:
    """Hold a record's headers and value against the contract; answers the event."""
    event = json.loads(value)
    for told, found in ((headers_schema(TYPES[EVENTS[name]]), headers), (schema(name), event)):
        Draft202012Validator(told, format_checker=FormatChecker()).validate(found)
    assert (headers["ce_id"], headers["traceparent"], headers["ce_time"]) == (event["id"], TRACE, ATTRIBUTES["ce_time"])
    return event


def read_with_kcat(kcat: list[str | Path], topic: str) -> list[dict]:
    return [json.loads(line) for line in run([*kcat, "-C", "-t", topic, "-o", "beginning", "-e", "-q", "-J"]).splitlines()]


def named(pairs: list[str]) -> dict[str, str]:
    return dict(zip(pairs[::2], pairs[1::2], strict=True))


@pytest.mark.parametrize("topic", NAMES)
async def test_kcat_reads_events_with_their_headers(spine: Spine, kcat: list[str | Path], topic: str):
    records = read_with_kcat(kcat, spine.topic(topic))
    events = [check(NAMES[topic], named(record["headers"]), record["payload"]) for record in records]
    assert [record["key"] for record in records] == [event.get("article_id", event["id"]) for event in events]
    assert {event.get("article_url") or event["url"] for event in events} == {
        "https://kcat.example/page",
        "https://java.example/page",
    }


async def test_kcat_reads_why_a_page_was_refused(spine: Spine, kcat: list[str | Path]):
    (record,) = read_with_kcat(kcat, spine.topic("articles.dead-letter"))
    headers = named(record["headers"])
    Draft202012Validator(dead_letter_schema()).validate(headers)
    assert (record["key"], record["payload"]) == ("bad", '{"url": "https://kcat.example/bad"}')
    assert (headers["vigie.reason"], headers["__connect.errors.topic"]) == ("missing_field", spine.topic("articles.raw"))


@pytest.mark.parametrize("topic", NAMES)
async def test_the_console_consumer_reads_events_with_their_headers(spine: Spine, kafka: LocalBroker, topic: str):
    options = ["print.headers=true", "print.key=true"]
    command = kafka.command(
        "org.apache.kafka.tools.consumer.ConsoleConsumer",
        *("--bootstrap-server", kafka.bootstrap, "--topic", spine.topic(topic), "--from-beginning"),
        *("--isolation-level", "read_committed", "--timeout-ms", "30000", "--max-messages", str(COUNTS[topic])),
        *(word for option in options for word in ("--property", option)),
    )
    lines = [line for line in run(command).decode().splitlines() if line.count("\t") == 2]
    for headers, key, value in (line.split("\t") for line in lines):
        event = check(NAMES[topic], dict(each.split(":", 1) for each in headers.split(",")), value)
        assert key == event.get("article_id", event["id"])
    assert len(lines) == COUNTS[topic]
