"""What Step Functions refuses: which fields, paths and expressions count as wrong, and which do not."""

import json

import pytest

from rollsafe.artefacts.source import SourceFile
from rollsafe.artefacts.step_functions import FaultKind, StateMachine, recognise
from rollsafe.formats.yaml import read_yaml


def faults_in(text: str, path: str = "order.asl.json") -> list[tuple[FaultKind, str]]:
    file = SourceFile(path, text)
    view = recognise(file, read_yaml(file.text))
    assert view is not None
    machines = [one for one in view.elements if isinstance(one, StateMachine)]
    return [(fault.kind, fault.key) for machine in machines for fault in machine.faults]


def faults_of(state: dict[str, object], language: str = "JSONPath") -> list[tuple[FaultKind, str]]:
    states = {"One": state, "End": {"Type": "Succeed"}}
    return faults_in(json.dumps({"QueryLanguage": language, "StartAt": "One", "States": states}))


def passed(**fields: object) -> dict[str, object]:
    return {"Type": "Pass", "Next": "End", **fields}


@pytest.mark.parametrize(
    "expression",
    [
        "$", "$.a.b[0]", "$['a b'][1:3].c", "$..a", "$$", "$$.Execution.Id", "$name.a", "$.a[?(@.b > 1)].c",
        "$.a[*].b", "$.a[(@.length-1)]", "States.UUID()", "States.Array()", "$.items.length()",
        "States.Format('a {} \\'b', States.ArrayLength($.a), 1.5, true, null)", "States.MathAdd($.a, -1)",
    ],
)  # fmt: skip
def test_a_path_or_call_that_can_be_read(expression: str) -> None:
    assert faults_of(passed(Parameters={"a.$": expression})) == []


@pytest.mark.parametrize(
    "expression",
    [
        "a", ".a", "$.", "$.a[", "$.a['b]", "$$a", "$.a b", "States.Nothing()", "States.UUID",
        "States.UUID(1)",
        "States.Hash($.a)", "States.Format($.a", "States.MathAdd(1, 'a')", " $.a", "States.UUID() ",
    ],
)  # fmt: skip
def test_a_path_or_call_that_cannot_be_read(expression: str) -> None:
    assert faults_of(passed(Parameters={"a.$": expression})) == [(FaultKind.PATH, "a.$")]


@pytest.mark.parametrize("path", ["$.a[*]", "$.a[1:2]", "$..a", "$.a[-1]", "$.a[0,1]", "$.a[?(@.b)]"])
def test_a_result_goes_to_one_place(path: str) -> None:
    assert faults_of(passed(ResultPath=path)) == [(FaultKind.PATH, "ResultPath")]
    assert faults_of(passed(InputPath=path)) == []


@pytest.mark.parametrize(
    "expression",
    [
        "$states.input.a", "$sum(a.b[price > 3].(price * quantity))", "a ? b : c", "[1..5]",
        "{'a': b, \"c\": [d]}",
        "($x := 1; $x + 1)", "function($a, $b) { $a & $b }(1, 2)",
        "$map(a, function($v) { $v.b })",
        "a^(>b, c)",
        "$contains(a, /b+/i)",
        "a ~> $uppercase() ~> $trim", "`a b`.c", "-a * 2 /* told */", "**.a", "a[]",
        "()",
        "$f(?, 2)", "a ~> |b|{'c': 1}|", "a in [1, 2] and b != 'or'", "a.%.b", "a@$b.c#$i", "a ?: b ?? c",
    ],
)  # fmt: skip
def test_an_expression_that_can_be_read(expression: str) -> None:
    assert faults_of(passed(Output=f"{{% {expression} %}}"), "JSONata") == []


@pytest.mark.parametrize(
    "expression",
    [
        "420.", "$sum(a", "a b", "[1, 2", "{'a' 1}", "'a", "a +", "$.a[?(@.b < 1)]", "1 := 2", "`a",
        "function(a) { 1 }", "a)", "", "a[1", "a ? : b", "/a",
    ],
)  # fmt: skip
def test_an_expression_that_cannot_be_read(expression: str) -> None:
    assert faults_of(passed(Output=f"{{% {expression} %}}"), "JSONata") == [(FaultKind.JSONATA, "Output")]


@pytest.mark.parametrize("text", [" {% $a %}", "{% $a %} ", "{% $a", "$a %}"])
def test_an_expression_has_both_of_its_ends(text: str) -> None:
    assert faults_of(passed(Output={"a": [text]}), "JSONata") == [(FaultKind.JSONATA, "Output")]


def test_a_plain_text_is_no_condition() -> None:
    choice: dict[str, object] = {
        "Type": "Choice",
        "Choices": [{"Condition": "$a > 1", "Next": "End"}],
        "Default": "End",
    }
    assert faults_of(choice, "JSONata") == [(FaultKind.JSONATA, "Condition")]
    assert faults_of(passed(Output="done"), "JSONata") == []


def test_a_block_of_yaml_may_hold_an_expression() -> None:
    text = """\
QueryLanguage: JSONata
StartAt: One
States:
  One:
    Type: Pass
    Output: |
      {% $states.input.a %}
    End: true
"""
    assert faults_in(text, "order.asl.yaml") == []


@pytest.mark.parametrize(
    "resource",
    ["${Function}", "{{ arn }}", "LAMBDA_ARN", "arn:aws:states:::lambda:invoke.waitForTaskToken",
     "arn:aws-cn:lambda:cn-north-1:123456789012:function:charge:live"],
)  # fmt: skip
def test_a_resource_that_is_filled_in_or_known(resource: str) -> None:
    assert faults_of({"Type": "Task", "Resource": resource, "Next": "End"}) == []


def test_a_template_may_compute_anything() -> None:
    text = """\
Resources:
  Order:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition:
        StartAt: Take
        States:
          Take:
            Type: Task
            Resource: !GetAtt Take.Arn
            TimeoutSeconds: !Ref Limit
            Next: !If [Short, Done, Rest]
          Rest:
            Type: Wait
            Seconds: {"Ref": "Pause"}
            Next: Done
          Done:
            Type: Succeed
"""
    assert faults_in(text, "template.yaml") == []


@pytest.mark.parametrize(
    "text",
    [
        "StartAt: Take\nStates:\n  Take:\n    Type: Pass\n    Next:\n  Done:\n    Type: Succeed\n",
        "StartAt: Take\nStates:\n  Take:\n    Type: Pass\n    Nex\n    Next: Done\n  Done: {Type: Succeed}\n",
    ],
)
def test_a_field_that_is_being_typed_is_no_fault_of_its_own(text: str) -> None:
    assert faults_in(text, "order.asl.yaml") == []


def test_states_of_another_branch_are_no_targets() -> None:
    states = {"A": {"Type": "Pass", "Next": "End"}, "B": {"Type": "Succeed"}}
    branch = {"StartAt": "A", "States": states}
    found = faults_of({"Type": "Parallel", "Branches": [branch], "Next": "End"})
    assert found == [(FaultKind.TARGET, "End"), (FaultKind.UNREACHABLE, "B")]


def test_hostile_definitions_are_read() -> None:
    deep = "$" + "[" * 5_000
    many = "{% " + "(" * 5_000 + " %}"
    alternating = "States.Format(" * 3_000
    assert faults_of(passed(Parameters={"a.$": deep, "b.$": alternating}))
    faults_of(passed(Output=many), "JSONata")
    names = {f"S{n}": {"Type": "Pass", "Next": f"S{n + 1}"} for n in range(3_000)}
    assert faults_in(json.dumps({"StartAt": "S0", "States": names}))
