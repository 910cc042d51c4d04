"""State machines that a template holds as a text: places in it, and fixes that keep the text one."""

import json

import pytest

from rollsafe.formats.yaml import read_yaml
from tests.checking import ALL_RULES, check, check_rule, try_fixes

BLOCK = """\
Resources:
  Order:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      DefinitionString: {tag}
        {{
          "StartAt": "Charge",
          "TimeoutSeconds": ${{Timeout}},
          "States": {{
            "Charge": {{
              "Type": "Task",
              "Resource": "${{Charge.Arn}}",
              "HeartbeatSecond": 5,
              "Next": "Ship"
            }},
            "Ship": {{"Type": "Succeed"}},
            "Lost": {{"Type": "Succeed"}}
          }}
        }}
"""
MACHINE = {
    "StartAt": "Helo",
    "States": {"Hello": {"Type": "Task", "Resource": "${Function}", "End": True}},
}
RULES = {one.name: one for one in ALL_RULES}


def in_json(machine: object) -> str:
    properties = {"DefinitionString": json.dumps(machine, indent=2)}
    resource = {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
    return json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"Order": resource}}, indent=2)


def in_quotes(text: str) -> str:
    return (
        "Resources:\n  Order:\n    Type: AWS::StepFunctions::StateMachine\n    Properties:\n"
        f"      DefinitionString:\n        Fn::Sub:\n          - {text}\n          - {{X: y}}\n"
    )


@pytest.mark.parametrize("tag", ["|", "|-", ">", "!Sub |"])
def test_a_fault_is_where_it_is_written(tag: str) -> None:
    text = BLOCK.format(tag=tag)
    found = check_rule("unknown-state-field", {"template.yaml": text})
    assert [(one.line, one.message) for one in found] == [
        (13, "Task `Charge` has no field `HeartbeatSecond`; the nearest is `HeartbeatSeconds`")
    ]
    assert [one.line for one in check_rule("unreachable-state", {"template.yaml": text})] == [17]


@pytest.mark.parametrize("rule", ["unknown-state-field", "unreachable-state", "task-without-retry"])
def test_fixes_leave_a_block_a_block(rule: str) -> None:
    text = BLOCK.format(tag="!Sub |")
    tried = try_fixes({"template.yaml": text}, RULES[rule])
    assert tried
    for one in tried:
        fixed = one.result["template.yaml"]
        assert not read_yaml(fixed).problems
        changed = set(fixed.splitlines()) - set(text.splitlines())
        assert all(line.startswith(" " * 10) for line in changed)
        left = [found for found in one.after if found.rule.name == rule]
        assert len(left) < len([found for found in one.before if found.rule.name == rule])


@pytest.mark.parametrize("rule", ["unknown-next-state", "task-without-retry"])
def test_fixes_leave_a_string_of_json_a_string(rule: str) -> None:
    files = {"template.json": in_json(MACHINE)}
    tried = try_fixes(files, RULES[rule])
    assert tried
    for one in tried:
        template = json.loads(one.result["template.json"])
        definition = json.loads(template["Resources"]["Order"]["Properties"]["DefinitionString"])
        assert definition != MACHINE
        assert rule not in {found.rule.name for found in one.after}


def test_a_quoted_text_is_read_as_well() -> None:
    machine = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}}'
    found = check_rule("unknown-next-state", {"template.yaml": in_quotes(f"'{machine}'")})
    assert [(one.line, one.message) for one in found] == [(7, "Pass `A` leads to `B`, which is no state")]


JOINED = """\
Resources:
  Order:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      DefinitionString: !Join
        - "\\n"
        - - '{"StartAt": "Helo",'
          - '"States": {"Hello": {"Type": "Task", "Resource": "'
          - !GetAtt Function.Arn
          - "\\", \\"End\\": true}}}"
"""


def test_texts_that_are_joined_are_one() -> None:
    files = {"template.yaml": JOINED}
    found = check_rule("unknown-next-state", files)
    assert [(one.line, one.message) for one in found] == [
        (7, "state machine `Order` leads to `Helo`, which is no state; the nearest is `Hello`")
    ]
    (tried,) = try_fixes(files, RULES["unknown-next-state"])
    assert tried.result["template.yaml"] == JOINED.replace("Helo", "Hello")
    assert [one.line for one in check_rule("task-without-retry", files)] == [8]


@pytest.mark.parametrize(
    "text",
    [
        "'{\"StartAt\": '",
        '"{\\"StartAt\\": \\"\\\\u00e9\\", \\"States\\": {"',
        '"\\"StartAt\\" \\"States\\" \\x41 \\\\"',
        "${Definition} # StartAt States",
        "{\"StartAt\": \"A\", \"States\": [[[[[[[[[[",
    ],
)  # fmt: skip
def test_what_is_no_definition_is_left_alone(text: str) -> None:
    found = check({"template.yaml": in_quotes(text)})
    assert not [one for one in found if "state" in one.rule]


SAM = """\
Resources:
  Order:
    Type: AWS::Serverless::StateMachine
    Properties:
      {definition}
      DefinitionSubstitutions: {{Table: stock}}
"""
PASS = '{{"StartAt": "A", "States": {{"A": {{"Type": "Pass", "Result": "{0}", "End": true}}}}}}'


@pytest.mark.parametrize(
    ("definition", "count"),
    [
        ("Definition: " + PASS.format("${Tables}"), 1),
        ("Definition: " + PASS.format("${Table}"), 0),
        ("Definition: " + PASS.format("x").replace('"x"', '{"Fn::Sub": "${AWS}${Region}"}'), 0),
        ("Definition: " + PASS.format("x").replace('"x"', "!Sub '${Region}'"), 0),
        ("DefinitionString: '" + PASS.format("${Tables}") + "'", 1),
        ("DefinitionString: !Sub '" + PASS.format("${Tables}") + "'", 0),
        ("DefinitionUri: order.asl.json", 1),
        ("DefinitionUri: s3://bucket/order.asl.json", 0),
    ],
)
def test_what_a_template_fills_in(definition: str, count: int) -> None:
    files = {"template.yaml": SAM.format(definition=definition), "order.asl.json": PASS.format("${Other}")}
    assert len(check_rule("unset-definition-substitution", files)) == count
    assert check_rule("missing-definition-file", files) == []
