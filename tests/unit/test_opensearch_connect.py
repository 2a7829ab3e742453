"""examples/opensearch-connect.json: keys and values that the connector and Kafka Connect know, and what vigie's events need."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from agents.topics import Topic
from pipeline.events import Alert, Article, Comment

ROOT = Path(__file__).parents[2]
KNOWN = orjson.loads((ROOT / "tests/data/opensearch-connect.json").read_bytes())
CONFIG: dict[str, str] = orjson.loads((ROOT / "examples/opensearch-connect.json").read_bytes())["config"]


def fits(value: str, known: Any) -> bool:
    if isinstance(known, list):
        return value in known
    return {"int": value.isdecimal(), "boolean": value in {"true", "false"}}.get(known, bool(value))


def known(config: dict[str, str]) -> dict[str, Any]:
    """What each key may be, those of the transforms that the configuration names included."""
    found = dict(KNOWN["keys"])
    for name in config["transforms"].split(","):
        kind = config[f"transforms.{name}.type"]
        found[f"transforms.{name}.type"] = list(KNOWN["transforms"])
        found |= {f"transforms.{name}.{key}": each for key, each in KNOWN["transforms"][kind].items()}
    return found | {f"consumer.override.{key}": each for key, each in KNOWN["consumer"].items()}


def faults(config: dict[str, str]) -> list[str]:
    allowed = known(config)
    wrong = [key for key, value in config.items() if key not in allowed or not fits(value, allowed[key])]
    return wrong + [key for key in KNOWN["required"][1:] if key not in config]


def test_every_key_and_value_is_known():
    assert faults(CONFIG) == []
    assert all(isinstance(value, str) for value in CONFIG.values()), "Kafka Connect takes texts alone"


@pytest.mark.parametrize(
    ("key", "value"),
    [("index.write.methods", "insert"), ("index.write.method", "replace"), ("max.retries", "many"), ("schema.ignore", "yes")],
)
def test_what_is_not_known_is_found(key: str, value: str):
    assert faults(CONFIG | {key: value}) == [key]


def test_it_reads_what_is_final_and_knows_a_document_by_its_id():
    """The key of a record is its article's id, which the comments of a page share: the event's own id takes its place."""
    assert CONFIG["consumer.override.isolation.level"] == "read_committed"
    assert set(CONFIG["topics"].split(",")) == {Topic.ARTICLES, Topic.COMMENTS, Topic.ALERTS}
    types = [CONFIG[f"transforms.{name}.type"].rpartition(".")[2] for name in CONFIG["transforms"].split(",")]
    assert types == ["ValueToKey", "ExtractField$Key"]
    assert CONFIG["transforms.key.fields"] == CONFIG["transforms.id.field"] == "id"
    assert all("id" in event.__struct_fields__ for event in (Article, Comment, Alert))
    assert CONFIG["key.ignore"] == "false"
    assert CONFIG["behavior.on.version.conflict"] == "ignore", "what is read again after a stop has versions that are there"
    assert CONFIG["errors.log.include.messages"] == "false", "readers' words belong in no log"
