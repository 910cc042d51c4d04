"""Avro schemas: what is refused, and what two revisions cannot read of each other."""

import json
from typing import Any

import avro.schema
import pytest
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from avro.errors import AvroException

from tests.checking import Seen, base_of, check, check_rule, open_project
from tests.contracts.avro_pairs import Schemas

_PATH = "events/order.avsc"
_CHANGED = "incompatible-avro-schema"
_STATE = {"type": "enum", "name": "State", "symbols": ["OPEN", "PAID"]}


def record(*fields: Any, **more: Any) -> Any:
    return {"type": "record", "name": "Order", "namespace": "shop", "fields": list(fields), **more}


def field(name: str, kind: Any, **more: Any) -> Any:
    return {"name": name, "type": kind, **more}


def written(schema: Any) -> str:
    return json.dumps(schema, indent=2)


def between(before: Any, after: Any) -> list[Seen]:
    found = check({_PATH: written(after)}, base=base_of({_PATH: written(before)}))
    return [one for one in found if one.rule == _CHANGED]


def can_read(reader: Any, writer: Any) -> bool:
    checker = ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call]
    found = checker.get_compatibility(reader, writer)
    return found.compatibility is SchemaCompatibilityType.compatible


@pytest.mark.parametrize("seed", range(4))
def test_two_revisions_are_judged_as_apache_avro_does(seed: int) -> None:
    schemas, judged = Schemas(seed), 0
    for _ in range(60):
        old, new = schemas.pair()
        try:
            was, now = avro.schema.parse(json.dumps(old)), avro.schema.parse(json.dumps(new))
        except AvroException:
            continue
        told = between(old, new)
        is_backward = not any(one.severity == "error" for one in told)
        is_forward = not any("what was written before" not in one.message for one in told)
        assert (is_backward, is_forward) == (can_read(now, was), can_read(was, now)), (old, new)
        judged += 1
    assert judged > 40


@pytest.mark.parametrize(
    ("was", "now", "severity", "words"),
    [
        (field("a", "int"), field("a", "string"), "error", "is `string` instead of `int`: neither revision"),
        (
            field("a", "int"),
            field("a", "long"),
            "warning",
            "is `long` instead of `int`: readers",
        ),
        (
            field("a", "long"),
            field("a", "int"),
            "error",
            "is `int` instead of `long`: what was",
        ),
        (field("a", "int"), field("a", ["null", "int"]), "warning", "`a` of `Order` may be `null` now"),
        (field("a", ["null", "int"]), field("a", "int"), "error", "`a` of `Order` may be `null` no longer"),
        (
            field("a", {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}),
            field("a", {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 4}),
            "error",
            "is `decimal(9, 4)` instead of `decimal(9, 2)`: each side reads",
        ),
        (
            field("a", {"type": "long", "logicalType": "timestamp-millis"}),
            field("a", {"type": "long", "logicalType": "timestamp-micros"}),
            "error",
            "is `timestamp-micros` instead of `timestamp-millis`",
        ),
        (
            field("a", _STATE),
            field("a", {**_STATE, "symbols": ["OPEN"]}),
            "error",
            "the enum `State` has `PAID` no longer",
        ),
        (
            field("a", _STATE),
            field("a", {**_STATE, "symbols": ["OPEN", "PAID", "LOST"]}),
            "warning",
            "the enum `State` has `LOST` now, and had no default",
        ),
    ],
)
def test_a_change_is_told(was: Any, now: Any, severity: str, words: str) -> None:
    (found,) = between(record(was), record(now))
    assert (found.severity, words in found.message) == (severity, True), found.message


def test_a_field_that_is_gone_keeps_out_old_readers_only() -> None:
    (found,) = between(record(field("a", "int"), field("b", "int")), record(field("a", "int")))
    assert (found.severity, found.line) == ("warning", 3)
    assert found.message.startswith("`b` of `Order` is gone, and had no default: readers with the old schema")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (record(field("a", "int")), record(field("a", "int"), field("b", "int", default=0))),
        (record(field("a", "int", default=1)), record()),
        (record(field("a", "string")), record(field("a", "bytes"))),
        (record(field("a", "int")), record(field("a", "int", doc="how many"))),
        (record(field("a", "shop.Else")), record(field("a", "shop.Other"))),
        (
            record(field("a", {**_STATE, "default": "OPEN"})),
            record(field("a", {**_STATE, "default": "PAID"})),
        ),
    ],
)
def test_what_both_sides_read_is_silent(before: Any, after: Any) -> None:
    assert between(before, after) == []


def test_a_field_with_another_name_may_keep_the_old_one_as_an_alias() -> None:
    before, after = record(field("size", "int")), record(field("amount", "int"))
    project = open_project({_PATH: written(after)}, base=base_of({_PATH: written(before)}))
    (fix,) = [fix for one in project.engine.all_findings() if one.rule.name == _CHANGED for fix in one.fixes]
    assert fix.title == "Keep the name `size` as an alias"
    mended = record(field("amount", "int", aliases=["size"]))
    assert [one.severity for one in between(before, mended)] == ["warning"]


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        (record(name="Or-der"), "the record is called `Or-der`, which is no name in Avro"),
        (record(field("a", "int"), field("a", "int")), "has the field `a` twice"),
        ({"type": "record", "name": "Order"}, "the record `Order` has no `fields`"),
        (record({"name": "a"}), "the field `a` of `Order` has no `type`"),
        (record(field("a", {"type": "array"})), "the array has no `items`"),
        (record(field("a", {"type": "fixed", "name": "Key"})), "the fixed type `Key` has no `size` in bytes"),
        (record(field("a", {**_STATE, "symbols": ["a", "a"]})), "has the symbol `a` twice"),
        (record(field("a", ["int", "int"])), "the union has `int` twice"),
        (record(field("a", ["int", ["null"]])), "a union stands directly inside of a union"),
        (record(field("a", "strng")), "nothing defines the type `shop.strng`; the nearest is `string`"),
        (record(field("a", "integer")), "the nearest is `int`"),
        (record(field("a", {**_STATE, "default": "LOST"})), "is `LOST`, which is none of its symbols"),
    ],
)
def test_what_apache_avro_refuses_is_told(schema: Any, words: str) -> None:
    with pytest.raises(AvroException):
        avro.schema.parse(json.dumps(schema))
    (found,) = check_rule("invalid-avro-schema", {_PATH: written(schema)})
    assert (found.severity, words in found.message) == ("error", True), found.message


@pytest.mark.parametrize(
    ("kind", "default", "severities"),
    [
        ("int", "1", ["error"]),
        ("int", 1 << 31, ["error"]),
        ("long", 1 << 31, []),
        ("string", None, ["error"]),
        (["null", "int"], 1, ["warning"]),
        (["null", "int"], "x", ["error"]),
        (["int", "null"], None, ["warning"]),
        ({"type": "array", "items": "int"}, [1, "x"], ["error"]),
        ({"type": "map", "values": "int"}, {}, []),
        (record(field("b", "int"), name="Part"), {}, ["error"]),
        (record(field("b", "int"), name="Part"), {"b": 1}, []),
        ("shop.Unknown", 1, []),
        ("double", 1, []),
    ],
)
def test_a_default_is_of_its_type(kind: Any, default: Any, severities: list[str]) -> None:
    found = check_rule("invalid-avro-schema", {_PATH: written(record(field("a", kind, default=default)))})
    assert [one.severity for one in found] == severities


def test_a_field_of_no_name_is_told() -> None:
    """Java refuses it, Python does not look."""
    (found,) = check_rule("invalid-avro-schema", {_PATH: written(record(field("a-b", "int")))})
    assert found.message == "a field of `Order` is called `a-b`, which is no name in Avro"


def test_types_of_other_files_are_known() -> None:
    part = written({"type": "record", "name": "strin", "namespace": "shop", "fields": []})
    files = {_PATH: written(record(field("a", "strin"))), "events/part.avsc": part}
    assert check_rule("invalid-avro-schema", files) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"type": "record", "name": "{{ name }}"}',
        '{"type": "rec',
        "[" * 500,
        '{"type":' * 150,
    ],
)
def test_hostile_files_come_to_an_end(text: str) -> None:
    check({_PATH: text}, base=base_of({_PATH: written(record())}))
    check({_PATH: written(record())}, base=base_of({_PATH: text}))


_EVENTS = """\
asyncapi: 2.6.0
info: {title: Orders, version: 1.0.0}
channels:
  placed:
    subscribe:
      message:
        schemaFormat: application/vnd.apache.avro;version=1.9.0
        payload:
          type: record
          name: Placed
          fields:
            - {name: id, type: long}
            - {name: note, type: string}
"""
_THIRD = """\
asyncapi: 3.0.0
info: {title: Orders, version: 1.0.0}
channels:
  placed:
    address: placed
    messages:
      placed:
        payload:
          schemaFormat: application/vnd.apache.avro+yaml;version=1.9.0
          schema: {type: record, name: Placed, fields: [{name: id, type: long}]}
operations:
  take: {action: receive, channel: {$ref: "#/channels/placed"}}
"""


def told_of_events(before: str, after: str) -> list[tuple[str, str]]:
    path = "events.yaml"
    found = check({path: after}, base=base_of({path: before}))
    return [(one.rule, one.message) for one in found if one.rule.startswith(("narrowed", "widened"))]


@pytest.mark.parametrize(
    ("was", "now", "words"),
    [
        ("            - {name: note, type: string}\n", "", "`note` of `Placed` is gone, and had no default"),
        ("type: string", "type: [null, string]", "`note` of `Placed` may be `null` now"),
        ("type: long", "type: string", "`id` of `Placed` is `string` instead of `long`"),
    ],
)
def test_what_readers_of_a_payload_cannot_read_is_told(was: str, now: str, words: str) -> None:
    ((rule, message),) = told_of_events(_EVENTS, _EVENTS.replace(was, now))
    assert (rule, message) == ("widened-response-schema", f"{words} (the message of `placed`)")


@pytest.mark.parametrize(
    ("was", "now"),
    [("{name: note, type: string}", "{name: note, type: string}\n            - {name: more, type: int}"),
     ("type: string", "type: bytes")],
)  # fmt: skip
def test_what_readers_of_a_payload_read_is_silent(was: str, now: str) -> None:
    assert told_of_events(_EVENTS, _EVENTS.replace(was, now)) == []


def test_writers_are_broken_by_what_they_do_not_write() -> None:
    after = _THIRD.replace("type: long}", "type: long}, {name: note, type: string}")
    ((rule, message),) = told_of_events(_THIRD, after)
    assert rule == "narrowed-request-schema"
    assert message.startswith("`note` of `Placed` is new and has no default")
    assert told_of_events(after, _THIRD) == []
