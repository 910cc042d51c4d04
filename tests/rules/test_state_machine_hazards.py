"""What rules about state machines take for all there can be, and for what a handler reads."""

import json

import pytest

from tests.checking import check_rule


def found(rule: str, states: dict[str, object], **more: object) -> list[str]:
    machine = {"StartAt": next(iter(states)), "States": states, **more}
    return [one.message for one in check_rule(rule, {"flow.asl.json": json.dumps(machine, indent=1)})]


def choice(*rules: dict[str, object]) -> dict[str, object]:
    return {
        "Which": {"Type": "Choice", "Choices": [{**one, "Next": "Done"} for one in rules]},
        "Done": {"Type": "Succeed"},
    }


def says(operator: str, value: object, variable: str = "$.a") -> dict[str, object]:
    return {"Variable": variable, operator: value}


@pytest.mark.parametrize(
    ("rules", "is_told"),
    [
        ([says("StringEquals", "x"), says("StringEquals", "y")], True),
        ([says("BooleanEquals", True), says("BooleanEquals", False)], False),
        ([says("BooleanEquals", True), says("BooleanEquals", False, "$.b")], True),
        ([says("IsPresent", True), says("StringEquals", "x")], True),
        ([says("NumericLessThan", 5), says("NumericGreaterThanEquals", 5)], False),
        ([says("NumericLessThan", 5), says("NumericGreaterThanEquals", 6)], True),
        ([says("StringEquals", "x"), {"Not": says("StringEquals", "x")}], False),
        ([{"Condition": "{% $a = 1 %}"}, {"Condition": "{% $not($a = 1) %}"}], False),
        ([{"Condition": "{% $a = 1 %}"}, {"Condition": "{% true %}"}], False),
        ([{"And": [says("BooleanEquals", True)]}, says("BooleanEquals", False)], True),
    ],
)
def test_rules_that_leave_nothing_out_need_no_default(rules: list[dict[str, object]], is_told: bool) -> None:
    assert bool(found("choice-without-default", choice(*rules))) is is_told


def caught(handler: dict[str, object], **catch: object) -> dict[str, object]:
    resource = "arn:aws:states:::lambda:invoke"
    catcher = {"ErrorEquals": ["States.ALL"], "Next": "Undo", **catch}
    return {
        "Do": {"Type": "Task", "Resource": resource, "Catch": [catcher], "End": True},
        "Undo": {"Type": "Task", "Resource": resource, "End": True, **handler},
    }


@pytest.mark.parametrize(
    ("states", "is_told"),
    [
        (caught({"Parameters": {"id.$": "$.order.id"}}), True),
        (caught({"Parameters": {"id.$": "States.Format('{}-{}', $.Error, $.orderId)"}}), True),
        (caught({"InputPath": "$.order"}), True),
        (caught({"Parameters": {"id.$": "$.order.id"}}, ResultPath="$.error"), False),
        (caught({"Parameters": {"error.$": "$.Cause", "run.$": "$$.Execution.Id"}}), False),
        (caught({"Parameters": {"text": "$.order is what it says"}}), False),
        (caught({"Parameters": {"all.$": "$"}}), False),
        (caught({}), False),
    ],
)
def test_a_handler_gets_the_error_alone(states: dict[str, object], is_told: bool) -> None:
    assert bool(found("input-lost-to-error", states)) is is_told


def test_machines_in_jsonata_keep_their_input() -> None:
    states = caught({"Arguments": {"id": "{% $states.input.orderId %}"}})
    assert found("input-lost-to-error", states, QueryLanguage="JSONata") == []


@pytest.mark.parametrize(
    ("name", "seconds", "is_told"),
    [("Render", 3600, True), ("Render", 600, False), ("Approve", 86400, False)],
)
def test_people_send_no_heartbeat(name: str, seconds: int, is_told: bool) -> None:
    resource = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
    state = {"Type": "Task", "Resource": resource, "TimeoutSeconds": seconds, "End": True}
    assert bool(found("unnoticed-worker-loss", {name: state})) is is_told
