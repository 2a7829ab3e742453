"""Every message of events.py: there and back through JSON, frozen, read tolerantly."""

import json
import types
import typing
from datetime import datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import events
from pipeline.codec import decode_alert, decode_article, decode_comment, decode_raw, decode_rule, encode

MESSAGES = [kind for kind in vars(events).values() if isinstance(kind, type) and issubclass(kind, events.Message)][1:]
OUTPUTS = {events.Article: decode_article, events.Comment: decode_comment, events.Alert: decode_alert}
SETTINGS = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=ZONES)  # noqa: DTZ001 - hypothesis adds the zones
LEAVES = {
    str: st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    int: st.integers(-(2**53), 2**53),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    datetime: TIMES,
    type(None): st.none(),
    msgspec.UnsetType: st.just(msgspec.UNSET),
    typing.Any: st.none() | st.integers(-9, 9),
}


def values(kind: typing.Any) -> st.SearchStrategy:
    """Values of a field's type."""
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        return values(parts[0])
    if origin is typing.Literal:
        return st.sampled_from(parts)
    if origin in (typing.Union, types.UnionType):
        return st.one_of([values(part) for part in parts])
    if origin is tuple:
        return st.lists(values(parts[0]), max_size=2).map(tuple)
    if origin is dict:
        return st.dictionaries(values(parts[0]), values(parts[1]), max_size=2)
    return LEAVES[kind] if kind in LEAVES else messages(kind)


def messages(kind: type[msgspec.Struct]) -> st.SearchStrategy:
    return st.builds(kind, **{field.name: values(field.type) for field in msgspec.structs.fields(kind)})


def everywhere(value: object) -> object:
    """The same JSON with a field that nobody knows in every object that is a struct."""
    if isinstance(value, list):
        return [everywhere(item) for item in value]
    if isinstance(value, dict):
        known = {name: part if name in ("models", "extra") else everywhere(part) for name, part in value.items()}
        return known | {"unheard_of": [{}, None, 1e99]}
    return value


@pytest.mark.parametrize("kind", MESSAGES)
@SETTINGS
@given(data=st.data())
def test_there_and_back(kind: type[msgspec.Struct], data: st.DataObject) -> None:
    message = data.draw(messages(kind))
    assert msgspec.json.decode(encode(message), type=kind) == message


@pytest.mark.parametrize("kind", OUTPUTS)
@SETTINGS
@given(data=st.data())
def test_readers_of_what_goes_out_ignore_what_they_do_not_know(kind: type[msgspec.Struct], data: st.DataObject) -> None:
    message = data.draw(messages(kind))
    read = OUTPUTS[kind]
    assert read(encode(message)) == message
    assert read(json.dumps(everywhere(json.loads(encode(message)))).encode()) == message


@SETTINGS
@given(raw=messages(events.RawArticle))
def test_a_raw_article_goes_back_in(raw: events.RawArticle) -> None:
    good = msgspec.structs.replace(raw, url="https://example.com/", content=raw.content + ".")
    assert decode_raw(encode(good)) == good


@SETTINGS
@given(rule=messages(events.WatchRule))
def test_a_rule_goes_back_in(rule: events.WatchRule) -> None:
    good = msgspec.structs.replace(rule, id=rule.id + "r", entities=(*rule.entities, "Q1"))
    assert decode_rule(encode(good)) == good


@pytest.mark.parametrize("kind", MESSAGES)
def test_frozen_and_documented(kind: type[msgspec.Struct]) -> None:
    assert kind.__struct_config__.frozen
    assert not kind.__struct_config__.forbid_unknown_fields
    assert kind.__doc__
    assert all(name == name.lower() for name in kind.__struct_fields__)


@pytest.mark.parametrize("kind", [events.Article, events.Comment, events.Alert])
@SETTINGS
@given(data=st.data())
def test_times_go_out_in_utc(kind: type[msgspec.Struct], data: st.DataObject) -> None:
    out = json.loads(encode(data.draw(messages(kind))))
    times = [out[name] for name in ("published_at", "fetched_at", "event_time") if out.get(name)]
    assert all(time.endswith("Z") for time in times)
