"""Breaks of interfaces against git: who is on the other side, and in which order both are deployed."""

from typing import Any

import pytest

from tests.cli.conftest import Git, Repository
from tests.interface_repository import FILES, ORDER_PLACED, ORDERS_API, ORDERS_EVENTS, SHOP_PROTO

_API = "services/orders/openapi.yaml"
_EVENTS = "services/orders/asyncapi.yaml"
_RECORD = "events/order_placed.avsc"
_PROTO = "services/orders/shop.proto"
_PROVIDER = ("compose.yaml", 2, "`orders` provides it")
_REACHES = ("compose.yaml", 7, "`mailer` reaches `orders` here")
_READS = ("services/mailer/asyncapi.yaml", 5, "`mailer` reads from it, as its description says here")
_NAMES = ("services/mailer/Handler.java", 1, "`mailer` names `OrderPlaced` here")


def told(repository: Repository, git: Git, path: str, text: str, rule: str) -> Any:
    for name, was in FILES.items():
        repository.write(name, was)
    git("add", "-A")
    git("commit", "-q", "-m", "Services")
    repository.write(path, text)
    options = ("check", "--base", "HEAD", f"--select={rule}")
    (found,) = repository.run(*options, "--format", "json", ".").json["findings"]
    shown = " ".join("\n".join(repository.run(*options, "--format", "full", ".").lines).split())
    related = [(one["path"], one["range"]["start"]["line"], one["message"]) for one in found["related"]]
    return related, shown


def test_callers_of_what_is_gone_go_first(repository: Repository, git: Git) -> None:
    after = ORDERS_API.partition("  /orders/{id}/parts")[0]
    related, shown = told(repository, git, _API, after, "removed-api-operation")
    named = "`GET /orders/{id}/parts` is still named here"
    assert ("services/billing/src/client.ts", 1, named) in related
    assert related[-2:] == [_REACHES, _PROVIDER]
    assert "deploy those who use it first (`billing`, `mailer`), then `orders`" in shown


def test_readers_of_a_wider_response_go_first(repository: Repository, git: Git) -> None:
    after = ORDERS_API.replace("[open]", "[open, lost]")
    _, shown = told(repository, git, _API, after, "widened-response-schema")
    assert "deploy those who use it first (`billing`, `mailer`), then `orders`" in shown


def test_no_order_helps_against_another_type(repository: Repository, git: Git) -> None:
    after = ORDERS_EVENTS.replace("integer", "string")
    related, shown = told(repository, git, _EVENTS, after, "widened-response-schema")
    assert related == [_READS, _PROVIDER]
    assert "no order of deployment is safe: offer both forms for a while" in shown


def test_those_who_read_stop_before_nothing_is_sent(repository: Repository, git: Git) -> None:
    after = ORDERS_EVENTS.partition("operations:")[0]
    related, shown = told(repository, git, _EVENTS, after, "removed-channel")
    assert _READS in related
    assert "deploy those who use it first (`mailer`), then `orders`" in shown


@pytest.mark.parametrize(
    ("was", "now", "words"),
    [
        (
            ',\n    {"name": "note", "type": "string"}',
            "",
            "deploy those who read it first (`mailer`), then those who write it",
        ),
        (
            '"long"',
            '"int"',
            "deploy those who write it first, and those who read it (`mailer`) once nothing older is left",
        ),
        ('"long"', '"string"', "no order of deployment is safe"),
    ],
)
def test_the_order_of_readers_and_writers_follows_from_who_cannot_read(
    repository: Repository, git: Git, was: str, now: str, words: str
) -> None:
    after = ORDER_PLACED.replace(was, now)
    related, shown = told(repository, git, _RECORD, after, "incompatible-avro-schema")
    assert related == [(_READS[0], 6, _READS[2]), _NAMES]
    assert words in shown


@pytest.mark.parametrize(
    ("was", "now", "rule", "words"),
    [
        (
            "rpc Look(PartList) returns (PartList);",
            "",
            "removed-proto-part",
            "first (`mailer`), then `orders`",
        ),
        ("returns (PartList)", "returns (stream PartList)", "changed-wire-format", "no order of deployment"),
    ],
)
def test_users_of_a_service_are_shown(
    repository: Repository, git: Git, was: str, now: str, rule: str, words: str
) -> None:
    related, shown = told(repository, git, _PROTO, SHOP_PROTO.replace(was, now), rule)
    assert related == [(_NAMES[0], 1, "`mailer` names `OrderLookup` here"), _REACHES, _PROVIDER]
    assert words in shown
