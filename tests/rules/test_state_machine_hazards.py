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


@pytest.mark.parametrize(
    ("retry", "limit", "is_told"),
    [
        ({"IntervalSeconds": 30, "MaxAttempts": 4, "BackoffRate": 2}, 450, True),
        ({"IntervalSeconds": 30, "MaxAttempts": 4, "BackoffRate": 2}, 451, False),
        ({"IntervalSeconds": 30, "MaxAttempts": 4, "MaxDelaySeconds": 30}, 121, False),
        ({"IntervalSeconds": 30, "MaxAttempts": 4, "JitterStrategy": "FULL"}, 60, False),
        ({}, 7, True),
        ({"MaxAttempts": 0}, 1, False),
        ({"IntervalSeconds": 99999999, "MaxAttempts": 99999999, "BackoffRate": 9e99}, 60, True),
    ],
)
def test_waits_between_attempts_are_added_up(retry: dict[str, object], limit: int, is_told: bool) -> None:
    states: dict[str, object] = {
        "Do": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Retry": [{"ErrorEquals": ["States.ALL"], **retry}],
            "End": True,
        }
    }
    assert bool(found("retries-outlast-timeout", states, TimeoutSeconds=limit)) is is_told


@pytest.mark.parametrize(
    ("sent", "is_told"),
    [
        ({"QueueUrl": "https://sqs/1/orders.fifo", "MessageBody": "x"}, True),
        ({"QueueUrl": "https://sqs/1/orders.fifo", "MessageGroupId.$": "$.id"}, False),
        ({"QueueUrl": "https://sqs/1/orders", "MessageBody": "x"}, False),
        ({"QueueUrl.$": "$.queue.fifo", "MessageBody": "x"}, False),
    ],
)
def test_fifo_queues_need_a_group(sent: dict[str, object], is_told: bool) -> None:
    resource = "arn:aws:states:::sqs:sendMessage"
    states: dict[str, object] = {
        "Do": {"Type": "Task", "Resource": resource, "Parameters": sent, "End": True}
    }
    assert bool(found("fifo-message-without-group", states)) is is_told


@pytest.mark.parametrize(
    ("expression", "more", "errors", "is_told"),
    [
        ("ADD visits :one", {}, ["States.ALL"], True),
        ("SET #n = if_not_exists(#n, :zero) + :one", {}, ["States.Timeout"], True),
        ("SET log = list_append(log, :line)", {}, ["States.TaskFailed"], True),
        ("SET paid = :yes", {}, ["States.ALL"], False),
        ("ADD visits :one", {"ConditionExpression": "seen <> :id"}, ["States.ALL"], False),
        ("ADD visits :one", {}, ["DynamoDB.ThrottlingException"], False),
    ],
)
def test_counting_twice(expression: str, more: dict[str, object], errors: list[str], is_told: bool) -> None:
    states: dict[str, object] = {
        "Do": {
            "Type": "Task",
            "Resource": "arn:aws:states:::dynamodb:updateItem",
            "Parameters": {"TableName": "t", "UpdateExpression": expression, **more},
            "Retry": [{"ErrorEquals": errors}],
            "End": True,
        }
    }
    assert bool(found("repeated-increment", states)) is is_told
