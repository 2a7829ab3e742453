"""What may change in a schema: each rule by an example, and the whole against what a validator says of written events."""

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from agents.cli import app
from agents.contracts import compare, schema

TEXT, NUMBER, WHOLE = {"type": "string"}, {"type": "number"}, {"type": "integer"}


def struct(required: list[str] | None = None, **properties: dict) -> dict:
    return {"type": "object", "properties": properties, "required": required or []}


def directions(old: dict, new: dict) -> set[str]:
    return {finding.direction for finding in compare(old, new)}


OPTIONAL = struct(a=TEXT)
MAP = {"type": "object", "additionalProperties": TEXT}
TREE = {
    "$ref": "#/$defs/node",
    "$defs": {"node": struct(["name"], name=TEXT, below={"type": "array", "items": {"$ref": "#/$defs/node"}})},
}
OTHER_TREE = json.loads(json.dumps(TREE).replace('"name": {"type": "string"}', '"name": {"type": "integer"}'))


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (OPTIONAL, struct(a=TEXT, b=WHOLE), set()),
        (OPTIONAL, OPTIONAL | {"title": "told otherwise", "description": "at length"}, set()),
        (OPTIONAL, struct(), {"note"}),
        (struct(a=TEXT | {"default": ""}), struct(a=TEXT | {"default": "?"}), {"note"}),
        (OPTIONAL, struct(["b"], a=TEXT, b=WHOLE), {"backward"}),
        (OPTIONAL, struct(["a"], a=TEXT), {"backward"}),
        (struct(["a"], a=TEXT), OPTIONAL, {"forward"}),
        (struct(["a"], a=TEXT), struct(), {"forward", "note"}),
        (OPTIONAL, struct(a=WHOLE), {"backward", "forward"}),
        (struct(a=NUMBER), struct(a=WHOLE), {"backward"}),
        (struct(a=WHOLE), struct(a=NUMBER), {"forward"}),
        (OPTIONAL, struct(a={"anyOf": [TEXT, {"type": "null"}]}), {"forward"}),
        (struct(a={"type": ["string", "null"]}), struct(a={"anyOf": [{"type": "null"}, TEXT]}), set()),
        (struct(a={"enum": ["x", "y"]}), struct(a={"enum": ["y", "x"]}), set()),
        (struct(a={"enum": ["x"]}), struct(a={"enum": ["x", "y"]}), {"forward"}),
        (OPTIONAL, struct(a={"enum": ["x"]}), {"backward"}),
        (struct(a={"enum": [True]}), struct(a={"enum": [1]}), {"backward", "forward"}),
        (struct(a={"const": "x"}), struct(a={"enum": ["x"]}), set()),
        (OPTIONAL, struct(a=TEXT | {"maxLength": 5}), {"backward"}),
        (struct(a=WHOLE | {"minimum": 0}), struct(a=WHOLE | {"minimum": 1}), {"backward"}),
        (OPTIONAL, struct(a=TEXT | {"format": "date-time"}), {"backward"}),
        (OPTIONAL, OPTIONAL | {"additionalProperties": False}, set()),
        (struct(a=TEXT, b=TEXT), struct(a=TEXT) | {"additionalProperties": False}, {"backward", "note"}),
        (MAP, MAP | {"additionalProperties": WHOLE}, {"backward", "forward"}),
        (MAP, struct(a=WHOLE), {"backward", "forward"}),
        ({"type": "array", "items": TEXT}, {"type": "array", "items": {}}, {"forward"}),
        ({}, True, set()),
        ({}, OPTIONAL, {"backward"}),
        (OPTIONAL, OPTIONAL | {"minProperties": 1}, {"backward"}),
        (OPTIONAL, OPTIONAL | {"if": {"required": ["a"]}}, {"backward"}),
        (TREE, TREE, set()),
        (TREE, OTHER_TREE, {"backward", "forward"}),
    ],
)  # fmt: skip
def test_a_change_and_whom_it_breaks(old: dict, new: dict, found: set[str]):
    assert directions(old, new) == found


def test_a_fault_under_one_alternative_counts_under_the_next():
    """Both alternatives hold the same pair of structs, which does not fit."""
    node = {"$ref": "#/$defs/node"}
    either = {"anyOf": [struct(["a"], a=node, b=TEXT), struct(["a"], a=node, b=WHOLE)]}
    assert directions(either | {"$defs": {"node": struct(x=TEXT)}}, either | {"$defs": {"node": struct(x=WHOLE)}}) >= {
        "backward",
        "forward",
    }


def test_places_are_named():
    old = struct(pages={"type": "array", "items": struct(at=struct(n=WHOLE))})
    new = copy.deepcopy(old)
    new["properties"]["pages"]["items"]["properties"]["at"]["properties"]["n"] = TEXT
    assert {finding.path for finding in compare(old, new)} == {"$.pages[].at.n"}


# against a validator: what is judged compatible is valid

LEAVES = st.sampled_from([TEXT, WHOLE, NUMBER, {"type": "null"}, {"enum": ["x", "y"]}, {"enum": ["x", 1]}, WHOLE | {"minimum": 1}])
NAMES = ("a", "b")


def structs(inner: st.SearchStrategy) -> st.SearchStrategy:
    properties = st.dictionaries(st.sampled_from(NAMES), inner, max_size=2)
    return properties.flatmap(
        lambda found: st.sets(st.sampled_from(sorted(found) or ["a"]), max_size=2).map(
            lambda needed: struct(sorted(needed & found.keys()), **found)
        )
    )


SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        structs(inner),
        inner.map(lambda each: {"type": "array", "items": each}),
        st.tuples(inner, inner).map(lambda two: {"anyOf": [*two]}),
    ),
    max_leaves=4,
)


def written(by: dict) -> st.SearchStrategy:
    """What a writer with a schema writes: the fields that it declares, and no others."""
    if "anyOf" in by:
        return st.one_of([written(each) for each in by["anyOf"]])
    if "enum" in by:
        return st.sampled_from(by["enum"])
    kinds = {
        "string": st.sampled_from(["", "x", "zz"]), "null": st.none(), "number": st.sampled_from([0, 1, 0.5]),
        "integer": st.integers(by.get("minimum", -1), 3),
    }  # fmt: skip
    if by["type"] == "array":
        return st.lists(written(by["items"]), max_size=2)
    if by["type"] != "object":
        return kinds[by["type"]]
    needed = {name: written(each) for name, each in by["properties"].items() if name in by["required"]}
    return st.fixed_dictionaries(
        needed, optional={name: written(each) for name, each in by["properties"].items() if name not in needed}
    )


@settings(max_examples=300)
@given(st.data())
def test_no_reader_fails_where_none_was_said_to(data: st.DataObject):
    old, new = data.draw(SCHEMAS), data.draw(SCHEMAS)
    found = directions(old, new)
    if "backward" not in found:
        Draft202012Validator(new).validate(data.draw(written(old)))
    if "forward" not in found:
        Draft202012Validator(old).validate(data.draw(written(new)))


@given(SCHEMAS)
def test_a_schema_may_follow_itself(each: dict):
    assert compare(each, each) == []


# the command


def check(*arguments: str, given: bytes = b"") -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["schema", "check", *arguments], input=given)
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def files(tmp_path: Path) -> Path:
    new = schema("alert")
    (tmp_path / "now.json").write_text(json.dumps(new))
    new["properties"]["score"] = {"type": "number"}
    (tmp_path / "optional.json").write_text(json.dumps(new))
    new["required"].append("score")
    (tmp_path / "required.json").write_text(json.dumps(new))
    return tmp_path


def test_the_command_against_several_versions(files: Path):
    now, optional, required = (str(files / f"{name}.json") for name in ("now", "optional", "required"))
    assert check(now, optional) == (0, "FULL_TRANSITIVE against 1 earlier\n", "")
    code, said, _ = check(now, optional, required)
    assert (code, said.count("backward"), said.splitlines()[-1]) == (1, 2, "not FULL_TRANSITIVE")
    code, said, _ = check("--json", now, "-", given=Path(required).read_bytes())
    assert (code, [json.loads(line)["path"] for line in said.splitlines()]) == (1, ["$.score"])


@pytest.mark.parametrize(
    ("text", "words"), [("{", "is not JSON"), ("[]", "no JSON object"), ('{"$ref": "other.json#/x"}', "not in the same file")]
)
def test_the_command_says_what_is_wrong_with_a_file(files: Path, text: str, words: str):
    (files / "bad.json").write_text(text)
    code, _, said = check(str(files / "now.json"), str(files / "bad.json"))
    assert (code, words in said) == (1, True), said


def test_the_command_wants_two_files(files: Path):
    assert check(str(files / "now.json"))[0] == 2
    assert "No such file" in check(str(files / "now.json"), str(files / "absent.json"))[2]


def test_the_printed_schema_is_the_events():
    printed = CliRunner().invoke(app, ["schema", "--event", "alert"]).stdout
    assert json.loads(printed) == schema("alert")
    assert json.loads(CliRunner().invoke(app, ["schema"]).stdout)["asyncapi"] == "3.0.0"
