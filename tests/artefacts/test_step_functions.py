"""State machines: their states at every depth, where they lead, what they call."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsafe.artefacts.source import SourceFile
from rollsafe.artefacts.step_functions import State, StateMachine, recognise
from rollsafe.formats.yaml import read_yaml
from tests.artefacts.kubernetes_files import ask_everything

ORDER = {
    "Comment": "order",
    "StartAt": "Charge",
    "TimeoutSeconds": 600,
    "States": {
        "Charge": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
            "Parameters": {"FunctionName": "arn:aws:lambda:eu-west-1:1:function:charge:live"},
            "TimeoutSeconds": 30,
            "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 3, "BackoffRate": 2.0}],
            "Catch": [
                {"ErrorEquals": ["Declined"], "Next": "Refuse", "ResultPath": "$.error"},
                {"ErrorEquals": ["States.ALL"], "Next": "Undo"},
            ],
            "Next": "Big?",
        },
        "Big?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.n", "NumericGreaterThan": 9, "Next": "Ship"}],
            "Default": "Mail",
        },
        "Ship": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "Pack", "States": {"Pack": {"Type": "Pass", "End": True}}},
                {"StartAt": "Label", "States": {"Label": {"Type": "Pass", "End": True}}},
            ],
            "Next": "Mail",
        },
        "Mail": {
            "Type": "Map",
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED"},
                "StartAt": "Send",
                "States": {"Send": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "End": True}},
            },
            "End": True,
        },
        "Undo": {"Type": "Task", "Resource": "arn:aws:states:eu-west-1:1:activity:undo", "End": True},
        "Refuse": {"Type": "Fail"},
        "Forgotten": {"Type": "Wait", "Seconds": 1, "Next": "Nowhere"},
    },
}  # fmt: skip


def machine(definition: object, path: str = "flows/order.asl.json") -> StateMachine:
    text = definition if isinstance(definition, str) else json.dumps(definition, indent=1)
    file = SourceFile(path, text)
    seen = recognise(file, read_yaml(text))
    assert seen is not None
    found = seen.elements[0]
    assert isinstance(found, StateMachine)
    return found


def state(definition: dict[str, object]) -> State:
    """Return the only state of a machine."""
    (found,) = machine({"StartAt": "S", "States": {"S": definition}}).states
    return found


def test_machine_and_states() -> None:
    order = machine(ORDER)
    assert (order.name, order.start_at, order.comment, order.timeout_seconds) == (
        "order", "Charge", "order", 600,
    )  # fmt: skip
    assert [found.name for found in order.states] == [
        "Charge", "Big?", "Ship", "Mail", "Undo", "Refuse", "Forgotten", "Pack", "Label", "Send",
    ]  # fmt: skip
    assert order.query_language == "JSONPath"
    assert order.file.slice(order.title_node) == '"StartAt"'
    for found in order.states:
        assert order.file.slice(found.key) == f'"{found.name}"'
        assert order.file.slice(found).endswith("}")


def test_where_states_lead() -> None:
    charge, big, *_ = machine(ORDER).states
    assert [(t.kind, t.target) for t in charge.transitions] == [
        ("next", "Big?"), ("catch", "Refuse"), ("catch", "Undo"),
    ]  # fmt: skip
    assert [(t.kind, t.target) for t in big.transitions] == [("default", "Mail"), ("choice", "Ship")]
    assert charge.file.slice(charge.transitions[0].node) == '"Big?"'


def test_scopes_keep_nested_states_apart() -> None:
    order = machine(ORDER)
    assert set(order.scope.by_name) == set(ORDER["States"])  # type: ignore[call-overload]
    assert order.scope.reachable == {"Charge", "Big?", "Ship", "Mail", "Undo", "Refuse"}
    parents = [scope.parent.name for scope in order.scopes if scope.parent is not None]
    assert parents == ["Ship", "Ship", "Mail"]
    ship = order.scope.by_name["Ship"]
    assert [branch.start_at for branch in ship.branches] == ["Pack", "Label"]
    assert all(branch.reachable == {branch.start_at} for branch in ship.branches)


def test_error_handling() -> None:
    charge = machine(ORDER).scope.by_name["Charge"]
    (retrier,) = charge.retry
    assert (retrier.errors, retrier.max_attempts, retrier.interval_seconds, retrier.backoff_rate) == (
        ("States.ALL",), 3, None, "2.0",
    )  # fmt: skip
    declined, rest = charge.catch
    assert (declined.errors, declined.next, declined.result_path) == (("Declined",), "Refuse", "$.error")
    assert rest.result_path is None
    assert (charge.timeout_seconds, charge.has_timeout, charge.has_heartbeat) == (30, True, False)


@pytest.mark.parametrize(
    ("definition", "ends"),
    [
        ({"Type": "Pass", "End": True}, True),
        ({"Type": "Pass", "End": False}, False),
        ({"Type": "Succeed"}, True),
        ({"Type": "Fail"}, True),
        ({"Type": "Pass", "Next": "S"}, False),
    ],
)
def test_terminal_states(definition: dict[str, object], ends: bool) -> None:
    assert state(definition).ends is ends


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("arn:aws:states:::lambda:invoke", ("lambda", "invoke", None)),
        ("arn:aws-cn:states:::sqs:sendMessage.waitForTaskToken", ("sqs", "sendMessage", "waitForTaskToken")),
        ("arn:aws:states:::states:startExecution.sync:2", ("states", "startExecution", "sync")),
        ("arn:aws:states:::aws-sdk:dynamodb:updateItem", ("dynamodb", "updateItem", None)),
        ("arn:aws:lambda:eu-west-1:1:function:f", ("lambda", "", None)),
        ("arn:aws:states:eu-west-1:1:activity:a", None),
        ("${Function.Arn}", None),
        ("", None),
    ],
)  # fmt: skip
def test_integrations(resource: str, expected: tuple[str, str, str | None] | None) -> None:
    found = state({"Type": "Task", "Resource": resource, "End": True})
    assert found.integration == expected
    assert found.is_activity is (":activity:" in resource)
    assert found.waits_for_token is ("waitForTaskToken" in resource)
    assert found.calls_external


@pytest.mark.parametrize(
    ("definition", "name", "qualifier"),
    [
        ({"Resource": "arn:aws:lambda:eu:1:function:f"}, "f", None),
        ({"Resource": "arn:aws:lambda:eu:1:function:f:live"}, "f", "live"),
        ({"Resource": "arn:aws:lambda:eu:1:function:f:$LATEST"}, "f", "$LATEST"),
        ({"Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "g"}}, "g", None),
        ({"Resource": "arn:aws:states:::lambda:invoke", "Arguments": {"FunctionName": "g:3"}}, "g", "3"),
        ({"Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "${F}"}}, None, None),
    ],
)  # fmt: skip
def test_lambda_functions(definition: dict[str, object], name: str | None, qualifier: str | None) -> None:
    found = state({"Type": "Task", **definition, "End": True})
    assert found.function is not None
    assert (found.function.name, found.function.qualifier) == (name, qualifier)
    assert list(found.graph_keys()) == ([f"lambda:{name}"] if name else [])


def test_tasks_that_call_no_function() -> None:
    assert state({"Type": "Task", "Resource": "arn:aws:states:::sns:publish"}).function is None
    assert state({"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke"}).function is None
    assert not state({"Type": "Pass"}).calls_external


def test_maps() -> None:
    mail = machine(ORDER).scope.by_name["Mail"]
    assert mail.is_distributed
    assert [found.name for found in mail.branches[0].states] == ["Send"]
    assert not state({"Type": "Map", "Iterator": {"StartAt": "A", "States": {}}}).is_distributed


EMBEDDED = """\
Resources:
  Orders:
    Type: {type}
    Properties:
      LoggingConfiguration: {{Level: ALL}}
      {key}:
        StartAt: A
        States:
          A: {{Type: Succeed}}
"""


@pytest.mark.parametrize(
    ("type_", "key"),
    [
        ("AWS::Serverless::StateMachine", "Definition"),
        ("AWS::StepFunctions::StateMachine", "Definition"),
        ("AWS::StepFunctions::StateMachine", "DefinitionString"),
    ],
)
def test_machines_in_templates(type_: str, key: str) -> None:
    found = machine(EMBEDDED.format(type=type_, key=key), "template.yaml")
    assert (found.name, found.start_at) == ("Orders", "A")
    assert found.properties is not None
    assert found.properties.text_at("LoggingConfiguration", "Level") == "ALL"


def test_machines_of_the_serverless_plugin() -> None:
    found = machine(
        "stepFunctions:\n  stateMachines:\n    orders:\n      definition:\n"
        "        StartAt: A\n        States: {A: {Type: Succeed}}\n",
        "serverless.yml",
    )
    assert found.name == "orders"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.json", '{"StartAt": "A"}'),
        ("a.json", '{"States": {"A": {}}}'),
        ("a.json", '["StartAt", "States"]'),
        ("template.yaml", EMBEDDED.format(type="AWS::S3::Bucket", key="Definition")),
        ("a.asl.json", ""),
    ],
)
def test_other_files(path: str, text: str) -> None:
    assert recognise(SourceFile(path, text), read_yaml(text)) is None


def test_a_half_typed_definition_is_known_by_its_name() -> None:
    assert machine('{"States": {"A": {"Type": "Pass"}}}', "a.asl.json").start_at is None


def test_repeated_names_are_all_there() -> None:
    text = '{"StartAt": "A", "States": {"A": {"Type": "Pass"}, "A": {"Type": "Fail"}}}'
    found = machine(text)
    assert [one.type for one in found.states] == ["Pass", "Fail"]
    assert found.scope.by_name["A"].type == "Fail"


@pytest.mark.parametrize(
    "text",
    [
        "StartAt: A\nStates: &s {A: {Type: Map, Iterator: &m {StartAt: A, States: *s}}}\n",
        "StartAt: A\nStates: {A: &a {Type: Parallel, Branches: ["
        + "{StartAt: A, States: {A: *a}}, " * 50 + "]}}\n",
        "StartAt: A\nStates: {A: {Type: Parallel, Branches: ["
        + "{StartAt: B, States: {B: {Type: Map, Iterator: " * 30 + "{}" + "}}}" * 30 + "]}}\n",
    ],
)  # fmt: skip
def test_endless_definitions_end(text: str) -> None:
    began = time.process_time()
    found = machine(text, "a.asl.yaml")
    assert 1 <= len(list(found.states)) <= 20_000
    assert time.process_time() - began < 5


PIECES = st.sampled_from(
    ["StartAt: A\n", "States:\n", "  A:\n", "    Type: Task\n", "    Next: [B]\n", "    Retry: x\n",
     "    Catch: [1, {Next: [A]}]\n", "    Branches: [{States: {}}, 2]\n", "    Iterator: {States: [1]}\n",
     "    Resource: 'arn:aws:lambda::::::'\n", "    Parameters: {FunctionName: ':'}\n", "    ? [k]\n", "\0"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=20))
def test_half_typed_machines_are_read_without_errors(pieces: list[str]) -> None:
    text = "".join(pieces)
    seen = recognise(SourceFile("a.asl.yaml", text), read_yaml(text))
    for element in seen.elements if seen is not None else ():
        assert 0 <= element.start <= element.end <= len(text)
        assert ask_everything(element) > 5
