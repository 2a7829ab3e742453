"""The commands on a real Kafka: topics, publish, tail, rules, demo."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from agents.broker import LocalBroker
from tests.fixtures.commands import TOPICS, Vigie, administer, environment, objects, write

pytestmark = pytest.mark.broker


# topics


def test_topics_are_created_once(vigie: Vigie, prefix: str):
    again = json.loads(vigie("topics", "create", "--json").stdout)
    assert again == {prefix + name: "exists" for name in TOPICS}
    other = vigie("topics", "create", VIGIE_PREFIX=f"{prefix}other.")
    assert other.stdout.splitlines() == [f"created  {prefix}other.{name}" for name in TOPICS]


def test_topics_that_kafka_refuses(vigie: Vigie, prefix: str):
    result = vigie("topics", "create", VIGIE_PREFIX=f"{prefix}many.", VIGIE_REPLICATION="3")
    assert result.exit_code == 1
    assert "could not be made: InvalidReplicationFactorError" in result.stderr


# publish and tail


def test_pages_and_lines_are_published_under_their_urls(vigie: Vigie, tmp_path: Path, prefix: str):
    (tmp_path / "page.html").write_bytes("<p>Été à Bamako</p>".encode("latin-1"))
    cloud = {"specversion": "1.0", "id": "1", "source": "s", "type": "t", "data": {"url": "https://example.org/c", "content": "c"}}
    lines = [b'\xef\xbb\xbf{"url": "https://example.org/b", "content": "b"}\r', b"", b"not json", json.dumps(cloud).encode()]
    (tmp_path / "lines.jsonl").write_bytes(b"\n".join(lines))
    page = vigie("publish", str(tmp_path / "page.html"), "--url", "https://example.org/a", "--headline", "Été")
    assert page.stdout.startswith(f"published 1 events to {prefix}articles.raw on 127.0.0.1:")
    counts = objects(vigie("publish", str(tmp_path / "lines.jsonl"), "--json"))
    none = {"refused": 0, "skipped": 0, "earlier": 0, "reasons": {}}
    assert counts == [{"topic": f"{prefix}articles.raw", "published": 3, **none}]
    found = objects(vigie("tail", "articles.raw", "--from", "earliest", "--max", "4", "--json"))
    assert {each["key"] for each in found} == {"https://example.org/a", "https://example.org/b", "https://example.org/c", None}
    first = next(each for each in found if each["key"] == "https://example.org/a")
    wanted = {"url": "https://example.org/a", "content": "<p>Été à Bamako</p>", "content_type": "text/html", "headline": "Été"}
    assert first["value"] == wanted
    assert {"not json"} == {each["value"] for each in found if each["key"] is None}


def test_lines_from_a_pipe_and_one_too_large(vigie: Vigie):
    large = json.dumps({"url": "https://example.org/large", "content": "x" * 7_000_000}).encode()
    larger = json.dumps({"url": "https://example.org/larger", "content": "x" * 18_000_000}).encode()
    result = vigie("publish", "-", lines=b"\n".join([b'{"url": "https://example.org/1"}', large, larger, b'{"url": "u"}']))
    assert result.exit_code == 1
    assert result.stdout.rstrip().endswith("; 2 were refused (2 too_large)")
    assert [line.partition(": too large")[0] for line in result.stderr.splitlines()] == ["vigie: -:2", "vigie: -:3"]


def test_tail_of_every_partition_from_now_on_and_with_the_prefix_given(kafka: LocalBroker, vigie: Vigie, prefix: str):
    asyncio.run(write(kafka, f"{prefix}alerts", b"\xff", partition=0))
    asyncio.run(write(kafka, f"{prefix}alerts", b'{"a": 1}', partition=1, headers=[("h", b"1"), ("n", None)]))
    found = objects(vigie("tail", f"{prefix}alerts", "--from", "earliest", "--max", "2"))
    assert [each["value"] for each in found] == ["\\xff", {"a": 1}]
    assert (found[1]["headers"], found[1]["key"], found[1]["partition"]) == ({"h": "1", "n": "(null)"}, None, 1)


def test_tail_of_a_topic_that_is_not_there(vigie: Vigie, prefix: str):
    theirs = vigie("tail", "no-such-topic")
    assert (theirs.exit_code, f"there is no topic {prefix}no-such-topic" in theirs.stderr) == (1, True)
    assert f"{prefix}alerts" in theirs.stderr
    ours = vigie("tail", "alerts", VIGIE_PREFIX="nobody.")
    assert (ours.exit_code, "vigie topics create" in ours.stderr) == (1, True)
    assert vigie("publish", "-", lines=b"{}", VIGIE_PREFIX="nobody.").exit_code == 1


def test_interrupted_tail_ends_quietly(kafka: LocalBroker, prefix: str, vigie: Vigie):
    command = [sys.executable, "-m", "agents", "tail", "alerts", "--from", "earliest"]
    with subprocess.Popen(
        command, env=os.environ | environment(kafka, prefix), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        asyncio.run(write(kafka, f"{prefix}alerts", b"1"))
        assert process.stdout.readline().startswith(b'{"topic":')
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, b"")


# rules


def test_rules_are_put_listed_and_deleted(vigie: Vigie, tmp_path: Path):
    file = tmp_path / "rules.toml"
    file.write_text(
        "[[rules]]\nid = 'b'\nquery = 'Mali OR Niger'\n[[rules]]\nid = 'a'\nentities = ['Q912']\nseverity = 'critical'\n"
    )
    assert vigie("rules", "put", str(file)).stdout == "put 2 rules: b, a\n"
    assert [each["id"] for each in objects(vigie("rules", "list", "--json"))] == ["a", "b"]
    assert "critical" in vigie("rules", "list").stdout
    unknown = vigie("rules", "delete", "a", "c")
    assert (unknown.exit_code, "there is no rule c" in unknown.stderr) == (1, True)
    assert objects(vigie("rules", "delete", "a", "b", "--json")) == [{"deleted": ["a", "b"]}]
    assert objects(vigie("rules", "list", "--json")) == []


def test_rules_that_cannot_be_used_are_not_put(vigie: Vigie, tmp_path: Path):
    file = tmp_path / "rules.toml"
    for content in ("", "[[rules]]\nid = 'good'\nquery = 'Mali'\n[[rules]]\nid = 'bad'\nquery = '(Mali'\n"):
        file.write_text(content)
        assert vigie("rules", "put", str(file)).exit_code == 1
    assert objects(vigie("rules", "list", "--json")) == []


def test_rules_are_tried_on_pages_without_kafka(vigie: Vigie, tmp_path: Path):
    (tmp_path / "rules.toml").write_text("[[rules]]\nid = 'b'\nquery = 'Bamako'\n[[rules]]\nid = 'x'\nquery = 'Qorvatex'\n")
    (tmp_path / "page.txt").write_text("Le ministre est à Bamako.")
    arguments = ("rules", "test", str(tmp_path / "rules.toml"), str(tmp_path / "page.txt"))
    assert "1 alert on 1 page; none by x\n" in vigie(*arguments, VIGIE_BROKER="127.0.0.1:1").stdout
    assert objects(vigie(*arguments, "--json"))[0]["rule"]["id"] == "b"
    (tmp_path / "rules.toml").write_text("# none yet\n")
    assert "0 alerts on 1 page; there are no rules in " in vigie(*arguments).stdout


# the demo


def test_demo_on_a_kafka_of_ours(kafka: LocalBroker):
    command = [sys.executable, "-m", "agents", "demo"]
    environ = os.environ | {"VIGIE_BROKER": kafka.bootstrap}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr + done.stdout[-2000:]
    assert "Everything arrived." in done.stdout
    assert done.stdout.count("╭─ article") == 5
    assert done.stdout.count("╭─ alert") == 1
    for reason in ("not_json", "missing_field", "bad_url"):
        assert reason in done.stdout
    assert "vigie_emitted_events_total" in done.stdout
    left = asyncio.run(administer(kafka, lambda admin: admin.list_topics()))
    assert [name for name in left if name.startswith("demo-")] == []
