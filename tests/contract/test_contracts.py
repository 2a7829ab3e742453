"""The contracts in docs/: those of the code, right by the official parser, and never broken towards what was shipped."""

import json
import subprocess
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, FormatChecker, ValidationError

from agents.contracts import EVENTS, compare, document, schema
from agents.contracts.asyncapi import dead_letter_schema, headers_schema
from agents.examples import BAD
from pipeline.cloudevents import TYPES
from pipeline.codec import (
    dead_letter_headers,
    decode_alert,
    decode_article,
    decode_comment,
    decode_raw,
    decode_rule,
    encode,
    headers_out,
)
from pipeline.errors import InvalidEvent, InvalidRule, Reason
from tools.contracts import ROOT, SHIPPED

PARSER = ROOT / "tools/asyncapi"
READERS = {
    "raw-article": decode_raw,
    "article": decode_article,
    "comment": decode_comment,
    "alert": decode_alert,
    "watch-rule": decode_rule,
}
VERSIONS = sorted(path.name for path in SHIPPED.iterdir())


def validator(of: dict) -> Draft202012Validator:
    Draft202012Validator.check_schema(of)
    return Draft202012Validator(of, format_checker=FormatChecker())


def lines(folder: Path, name: str) -> list[bytes]:
    return (folder / f"{name}.jsonl").read_bytes().splitlines()


def parse(text: str) -> subprocess.CompletedProcess[str]:
    assert (PARSER / "node_modules").is_dir(), "run: make test, or npm ci in tools/asyncapi"
    return subprocess.run(["node", PARSER / "validate.mjs"], input=text, capture_output=True, text=True, timeout=120, check=False)


def test_the_official_parser_takes_the_asyncapi_document():
    done = parse(json.dumps(document()))
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert [line for line in done.stdout.splitlines() if line.startswith(("Error", "Warning"))] == []
    topics = "articles.raw articles.enriched comments.enriched alerts articles.dead-letter watch-rules"
    assert f"valid: AsyncAPI 3.0.0, {topics}" in done.stdout


def test_the_official_parser_refuses_a_document_that_is_wrong():
    broken = document()
    broken["operations"]["send-alert"]["channel"]["$ref"] = "#/channels/nowhere"
    done = parse(json.dumps(broken))
    assert (done.returncode, "nowhere" in done.stdout or "invalid-ref" in done.stdout) == (1, True), done.stdout


# what was shipped


def test_this_version_is_among_those_that_are_kept():
    assert version("vigie") in VERSIONS, "run: python -m tools.contracts --ship"


@pytest.mark.parametrize("name", EVENTS)
@pytest.mark.parametrize("shipped", VERSIONS)
def test_an_event_of_every_version_is_read_by_the_code_of_today(shipped: str, name: str):
    for line in lines(SHIPPED / shipped, name):
        assert contains(json.loads(encode(READERS[name](line))), json.loads(line))


def contains(now: object, then: object) -> bool:
    """Whether everything that was written then is still there."""
    if isinstance(then, dict):
        return isinstance(now, dict) and all(name in now and contains(now[name], value) for name, value in then.items())
    if isinstance(then, list):
        return isinstance(now, list) and len(now) == len(then) and all(map(contains, now, then))
    return now == then


@pytest.mark.parametrize("name", EVENTS)
@pytest.mark.parametrize("shipped", VERSIONS)
def test_the_schemas_of_today_may_follow_every_version(shipped: str, name: str):
    """FULL_TRANSITIVE, and no field gone."""
    old = json.loads((SHIPPED / shipped / f"{name}.schema.json").read_bytes())
    assert compare(old, schema(name)) == []


@pytest.mark.parametrize("name", EVENTS)
@pytest.mark.parametrize("shipped", VERSIONS)
def test_what_a_version_wrote_is_what_its_schema_says(shipped: str, name: str):
    told = validator(json.loads((SHIPPED / shipped / f"{name}.schema.json").read_bytes()))
    assert lines(SHIPPED / shipped, name)
    for line in lines(SHIPPED / shipped, name):
        told.validate(json.loads(line))


# what the schemas refuse is what the code refuses


def refused_by_both(name: str, event: dict, decode: Callable[[bytes], object], error: type[Exception]) -> None:
    """By the schema, and by the code that reads such events."""
    with pytest.raises(ValidationError):
        validator(schema(name)).validate(event)
    with pytest.raises(error):
        decode(json.dumps(event).encode())


@pytest.mark.parametrize(
    "event",
    [
        {"url": "https://a.example/"}, {"url": "https://a.example/", "content": " \n"}, {"url": "ftp://a.example/", "content": "a"},
        {"url": 1, "content": "a"}, {"url": "https://a.example/", "content": "a", "content_type": "image/png"},
        {"url": "https://a.example/", "content": "a", "publisher": "a.example"}, *(json.loads(each) for each in BAD[1:]),
    ],
)  # fmt: skip
def test_a_raw_article_that_the_schema_refuses_is_refused(event: dict):
    refused_by_both("raw-article", event, decode_raw, InvalidEvent)


@pytest.mark.parametrize(
    "rule", [{"query": "a"}, {"id": " ", "query": "a"}, {"id": "a"}, {"id": "a", "query": " "}, {"id": "a", "entities": [""]},
             {"id": "a", "query": "a", "severity": "loud"}, {"id": "a", "query": "a", "origins": ["title"]}],
)  # fmt: skip
def test_a_rule_that_the_schema_refuses_is_refused(rule: dict):
    refused_by_both("watch-rule", rule, decode_rule, InvalidRule)


def test_the_example_in_the_document_is_an_event():
    (example,) = document()["components"]["messages"]["raw-article"]["examples"]
    assert decode_raw(json.dumps(example["payload"]).encode()).publisher.country == "ML"


# headers


@pytest.mark.parametrize("name", ["article", "comment", "alert"])
def test_the_headers_of_an_event_are_those_of_the_document(name: str):
    event = READERS[name](lines(SHIPPED / VERSIONS[-1], name)[0])
    moment = decode_raw(lines(SHIPPED / VERSIONS[-1], "raw-article")[0]).fetched_at
    headers = headers_out(event, event_time=moment, source="vigie", incoming={"traceparent": b"00-1-2-01", "tracestate": b"a=1"})
    told = headers_schema(TYPES[EVENTS[name]])
    validator(told).validate({name: value.decode() for name, value in headers})
    assert {name for name, _ in headers} == set(told["properties"])


def test_the_headers_of_a_dead_letter_are_those_of_the_document():
    for reason in Reason:
        headers = dead_letter_headers(reason, "why", stage="decode", topic="articles.raw", partition=0, offset=1)
        validator(dead_letter_schema()).validate({name: value.decode() for name, value in headers})
