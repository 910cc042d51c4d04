"""Interfaces that break one side: the order of the plan follows from who is broken."""

from collections.abc import Callable
from typing import Any

from tests.interface_repository import FILES, ORDER_PLACED, ORDERS_API, ORDERS_EVENTS
from tests.plans.conftest import Json
from tests.plans.repositories import Change
from tests.plans.walking import titles

Planned = Callable[[Change], Json]

_NARROWER = {"services/orders/openapi.yaml": ORDERS_API.partition("  /orders/{id}/parts")[0]}
_BILLING = {"services/billing/src/client.ts": "export const parts = () => [];\n"}
_MAILER = {"services/mailer/Handler.java": "class Handler { void on(OrderPlaced e) {} }\n"}


def claims(plan: Json) -> list[Any]:
    return [one for one in plan["strategy"] if "deploy" in one["text"]]


def test_who_still_calls_what_is_gone_goes_first(planned: Planned) -> None:
    plan = planned(Change(FILES, _NARROWER))
    (claim,) = claims(plan)
    gone = "`GET /orders/{id}/parts` is gone, and nothing announced it"
    order = "deploy those who use it first (`billing`, `mailer`), then `orders`"
    assert claim["text"] == f"{gone}: {order}"
    places = [(one["path"], one["line"]) for one in claim["evidence"]]
    assert places == [
        ("services/orders/openapi.yaml", 3),
        ("services/billing/src/client.ts", 1),
        ("compose.yaml", 7),
    ]
    (risk,) = [one for one in plan["risks"] if "is gone" in one["name"]]
    assert risk["name"] == f"what is new may break `billing`, `mailer`: {gone}"
    assert not plan["releases"], "nothing of the other side is brought out"
    assert not any("openapi" in one["text"] for one in plan["aside"])


def looks(plan: Json) -> list[str]:
    return [one for one in titles(plan) if one.startswith("look at")]


def test_users_are_brought_out_before_what_breaks_them(planned: Planned) -> None:
    plan = planned(Change(FILES, {**_NARROWER, **_MAILER}))
    assert looks(plan) == ["look at `mailer`", "look at `orders`"]
    (told,) = [one["text"] for one in plan["strategy"] if "in this order" in one["text"]]
    assert told == (
        "`mailer` calls `orders`, and an interface breaks its users; so `mailer`, `orders` in this order"
    )
    assert [one["name"] for one in plan["releases"]] == ["users of an interface", "the interface"]


def test_else_what_is_called_comes_first(planned: Planned) -> None:
    plan = planned(Change(FILES, {"services/orders/routes.py": "\n", **_MAILER}))
    assert looks(plan) == ["look at `orders`", "look at `mailer`"]
    assert not plan["releases"]


def test_another_type_has_no_order(planned: Planned) -> None:
    after = {"services/orders/asyncapi.yaml": ORDERS_EVENTS.replace("integer", "string")}
    (claim,) = claims(planned(Change(FILES, after)))
    assert "no order of deployment is safe" in claim["text"]


def test_readers_of_a_record_go_first(planned: Planned) -> None:
    after = {
        "events/order_placed.avsc": ORDER_PLACED.replace(',\n    {"name": "note", "type": "string"}', "")
    }
    (claim,) = claims(planned(Change(FILES, after)))
    assert claim["text"].endswith("deploy those who read it first (`mailer`), then those who write it")


def test_writers_of_a_schema_that_takes_less_go_first(planned: Planned) -> None:
    path, schema = (
        "events/parcel-sent.schema.json",
        '{"title": "ParcelSent", "type": "string", "maxLength": %s}',
    )
    plan = planned(Change({**FILES, path: schema % 20}, {path: schema % 10}))
    (claim,) = claims(plan)
    assert claim["text"].endswith(
        "deploy those who write it first, and those who read it once nothing older is left"
    )


def test_what_breaks_nobody_is_not_told(planned: Planned) -> None:
    after = {"services/orders/openapi.yaml": ORDERS_API.replace("version: 1.0.0", "version: 1.1.0")}
    assert not claims(planned(Change(FILES, {**after, **_BILLING})))
