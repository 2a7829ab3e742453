"""The AsyncAPI 3.0 document (https://www.asyncapi.com/docs/reference/specification/v3.0.0): topics, events, headers, from the code.

Channels are the topics as `vigie topics create` makes them, in the terms of AsyncAPI's Kafka binding 0.5.0; payloads are the
schemas of agents/contracts/schemas.py; headers are those that pipeline/cloudevents.py and pipeline/deadletters.py write.
"""

from importlib.metadata import version
from typing import Any

from agents.contracts.schemas import EVENTS, components
from agents.settings import Settings
from agents.topics import Plan, Topic, plan
from pipeline.cloudevents import TYPES
from pipeline.deadletters import header_names
from pipeline.errors import Reason

_BINDING = "0.5.0"
_NUMBERS = ("retention.ms", "max.message.bytes")
_TOPICS = {
    Topic.RAW: ("raw-article", "receive", "Pages as crawlers saw them. The key should be the page's URL: one page, one partition."),
    Topic.ARTICLES: ("article", "send", "The article of each page."),
    Topic.COMMENTS: ("comment", "send", "Each reader's comment, linked to its article."),
    Topic.ALERTS: ("alert", "send", "Each watch rule that fired on a document."),
    Topic.DEAD_LETTERS: ("dead-letter", "send", "Events that could not be used: the original key, bytes and headers, and why."),
    Topic.RULES: ("watch-rule", "receive", "The watch rules, compacted; a record without a value deletes the rule of its key."),
}
_KEYS = {Topic.RAW: "the page's URL (any key is taken)", Topic.DEAD_LETTERS: "the original key", Topic.RULES: "id of the rule"}
Document = dict[str, Any]


def document() -> Document:
    """The document, for the names and sizes that topics have without any setting."""
    plans = {each.name: each for each in plan(Settings())}
    return {
        "asyncapi": "3.0.0",
        "id": "urn:vigie",
        "info": {
            "title": "vigie",
            "version": version("vigie"),
            "description": "Pages in; articles, readers' comments and alerts out, exactly once for a `read_committed` reader. "
            "Events out only ever gain optional fields (FULL_TRANSITIVE for readers that ignore unknown fields).",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "kafka": {
                "host": Settings().broker,
                "protocol": "kafka",
                "description": "VIGIE_BROKER; VIGIE_PREFIX is put before the names of topics.",
            }
        },
        "channels": {_id(topic): _channel(topic, plans[topic]) for topic in Topic},
        "operations": {f"{_TOPICS[topic][1]}-{_TOPICS[topic][0]}": _operation(topic) for topic in Topic},
        "components": {"schemas": components("#/components/schemas/{name}"), "messages": _messages()},
    }


def topic_of(event: str) -> Topic:
    """The topic that carries an event."""
    return next(topic for topic, (name, *_) in _TOPICS.items() if name == event)


def _id(topic: Topic) -> str:
    return topic.value.replace(".", "-")


def _channel(topic: Topic, made: Plan) -> Document:
    configuration: Document = {name: int(value) for name, value in made.config.items() if name in _NUMBERS}
    configuration["cleanup.policy"] = [made.config.get("cleanup.policy", "delete")]
    kafka = {"topic": made.name, "partitions": made.partitions, "replicas": made.replication, "topicConfiguration": configuration}
    message = _TOPICS[topic][0]
    return {
        "address": made.name,
        "description": _TOPICS[topic][2],
        "messages": {message: {"$ref": f"#/components/messages/{message}"}},
        "bindings": {"kafka": kafka | {"bindingVersion": _BINDING}},
    }


def _operation(topic: Topic) -> Document:
    message, action, _ = _TOPICS[topic]
    channel = f"#/channels/{_id(topic)}"
    return {"action": action, "channel": {"$ref": channel}, "messages": [{"$ref": f"{channel}/messages/{message}"}]}


def _messages() -> Document:
    return {_TOPICS[topic][0]: _message(topic) for topic in Topic}


def _message(topic: Topic) -> Document:
    name = _TOPICS[topic][0]
    key = {"type": "string", "description": _KEYS.get(topic, "id of the article")}
    made: Document = {"name": name, "bindings": {"kafka": {"key": key, "bindingVersion": _BINDING}}}
    if topic is Topic.DEAD_LETTERS:
        payload = {"description": "The original bytes, unchanged: whatever they are."}
        return made | {"contentType": "application/octet-stream", "headers": dead_letter_schema(), "payload": payload}
    kind = EVENTS[name]
    made |= {"payload": {"$ref": f"#/components/schemas/{kind.__name__}"}}
    if kind in TYPES:
        made |= {"contentType": "application/json", "headers": headers_schema(TYPES[kind])}
    if topic is Topic.RAW:
        made |= {
            "description": "Bare JSON, or CloudEvents 1.0 in binary (`ce_` headers) or structured mode.",
            "examples": [_EXAMPLE],
        }
    return made


_EXAMPLE = {
    "payload": {
        "url": "https://example.org/a",
        "content": "The article.\nA comment.",
        "content_type": "text/plain",
        "headline": "A headline",
        "fetched_at": "2026-11-23T08:00:00Z",
        "publisher": {"name": "Example", "domain": "example.org", "country": "ML"},
    }
}


def headers_schema(kind: str) -> Document:
    """Schema of the headers of an event that vigie emits (CloudEvents 1.0, binary mode), `kind` being its `ce_type`."""
    text = {"type": "string", "minLength": 1}
    written: Document = {
        "ce_specversion": {"type": "string", "const": "1.0"},
        "ce_id": text | {"description": "the event's own id: the same after a replay"},
        "ce_type": {"type": "string", "const": kind},
        "ce_source": text | {"description": "VIGIE_SOURCE"},
        "ce_subject": text | {"description": "the page's URL"},
        "ce_time": text | {"format": "date-time", "description": "when the page was fetched, else when it came in"},
        "content-type": {"type": "string", "const": "application/json"},
    }
    trace: Document = {
        name: {"type": "string", "description": "copied from the raw event"} for name in ("traceparent", "tracestate")
    }
    return {"type": "object", "properties": written | trace, "required": list(written)}


def dead_letter_schema() -> Document:
    """Schema of the headers that a dead letter carries beside those of the original."""
    told: Document = {name: {"type": "string"} for name in header_names()}
    told["vigie.reason"] = {"type": "string", "enum": [reason.value for reason in Reason]}
    attempt = {"vigie.attempt": {"type": "string", "description": "how often it was replayed"}}
    return {"type": "object", "properties": told | attempt, "required": list(told)}
