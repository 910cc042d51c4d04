"""JSON Schemas that lie by themselves: which are compared with the base, and what is told of them."""

import json
from typing import Any

import pytest

from rollsafe.workspace.settings import Settings
from tests.checking import Seen, base_of, check
from tests.cli.conftest import Git, Repository

_RULE = "incompatible-json-schema"
_PATH = "events/order-placed.schema.json"
_BEFORE = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://shop.example.com/order-placed",
    "title": "OrderPlaced",
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string", "maxLength": 20},
        "state": {"enum": ["open", "paid"]},
        "part": {"$ref": "#/$defs/part"},
    },
    "$defs": {"part": {"type": "object", "properties": {"size": {"type": "integer"}, "next": {"$ref": "#"}}}},
}


def between(before: str, after: str, path: str = _PATH, level: Any = "regular", **more: str) -> list[Seen]:
    files, base = {path: after, **more}, base_of({path: before, **more})
    return [one for one in check(files, Settings(level=level), base) if one.rule == _RULE]


def changed(was: str, now: str) -> tuple[str, str]:
    before = json.dumps(_BEFORE, indent=2)
    assert was in before
    return before, before.replace(was, now)


@pytest.mark.parametrize(
    ("was", "now", "severity", "words"),
    [
        ('"maxLength": 20', '"maxLength": 10', "warning", ": what was written before is refused"),
        ('"maxLength": 20', '"maxLength": 30', "warning", ": readers with the old schema may refuse"),
        ('"type": "integer"', '"type": "string"', "error", ": neither revision takes what the other does"),
        ('    "id"\n', '    "id",\n    "state"\n', "warning", ": what was written before is refused"),
        ('    "id"\n', "", "warning", ": readers may look for it in vain"),
        ('"open",', '"open", "lost",', "warning", ": readers with the old schema may refuse"),
    ],
)
def test_a_change_is_told_for_whom_it_breaks(was: str, now: str, severity: str, words: str) -> None:
    (found,) = between(*changed(was, now))
    assert (found.severity, words in found.message) == (severity, True), found.message


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ('"title": "OrderPlaced"', '"title": "OrderPlaced", "description": "An order"'),
        ('"state": {', '"more": {}, "state": {'),
    ],
)
def test_what_leaves_nobody_out_is_silent(was: str, now: str) -> None:
    assert between(*changed(was, now)) == []


def test_another_id_announces_it() -> None:
    before, after = changed('"maxLength": 20', '"maxLength": 10')
    (found,) = between(before, after.replace("order-placed", "order-placed/2"))
    assert found.severity == "info"


@pytest.mark.parametrize(
    ("path", "level", "is_told"),
    [
        ("contracts/order.json", "regular", True),
        ("api/schemas/order.json", "regular", False),
        ("api/schemas/order.json", "pedantic", True),
        ("chart/values.schema.json", "pedantic", False),
        ("events/consumer-config.schema.json", "pedantic", False),
        ("src/order.schema.json", "pedantic", False),
        ("tests/events/order.schema.json", "pedantic", False),
    ],
)
def test_only_schemas_of_messages_are_compared(path: str, level: str, is_told: bool) -> None:
    found = between(*changed('"maxLength": 20', '"maxLength": 10'), path, level)
    assert bool(found) is is_told


def test_what_a_description_refers_to_is_told_there() -> None:
    document = (
        "asyncapi: 2.6.0\ninfo: {title: Orders, version: 1.0.0}\nchannels:\n  placed:\n    subscribe:\n"
        "      message: {payload: {$ref: events/order-placed.schema.json}}\n"
    )
    before, after = changed('"maxLength": 20', '"maxLength": 30')
    files = {_PATH: after, "asyncapi.yaml": document}
    found = check(files, base=base_of({_PATH: before, "asyncapi.yaml": document}))
    told = [(one.path, one.rule) for one in found if one.rule in (_RULE, "widened-response-schema")]
    assert told == [("asyncapi.yaml", "widened-response-schema")]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"$ref": "#"}'])
def test_hostile_files_come_to_an_end(text: str) -> None:
    good = json.dumps(_BEFORE)
    assert between(good, text) == between(text, good) == []


@pytest.fixture
def committed(repository: Repository, git: Git) -> Repository:
    repository.write(_PATH, json.dumps(_BEFORE, indent=2))
    repository.write("src/mail.py", "from events import OrderPlaced\n")
    git("add", "-A")
    git("commit", "-q", "-m", "Events")
    return repository


def test_the_command_says_who_names_it_and_who_goes_first(committed: Repository) -> None:
    _, after = changed('"maxLength": 20', '"maxLength": 10')
    committed.write(_PATH, after)
    options = ("check", "--base", "HEAD", f"--select={_RULE}")
    found: list[Any] = committed.run(*options, "--format", "json", ".").json["findings"]
    assert [(one["path"], one["message"]) for one in found[0]["related"]] == [
        ("src/mail.py", "the code names `OrderPlaced` here")
    ]
    shown = " ".join("\n".join(committed.run(*options, "--format", "full", ".").lines).split())
    assert "deploy those who write it first, and those who read it once nothing older is left" in shown
