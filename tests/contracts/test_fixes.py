"""Fixes of contracts in other writings than the examples of the rules show."""

import pytest

from rollsafe.rules import Rule
from tests.checking import ALL_RULES, fix, try_fixes

HEAD = "openapi: 3.0.3\ninfo: {title: Orders, version: 1.0.0}\n"


def rule_named(name: str) -> Rule:
    return next(rule for rule in ALL_RULES if rule.name == name)


def test_a_parameter_in_braces_gets_its_key_there() -> None:
    parameter = "{name: id, in: path, schema: {type: string}}"
    path = f"paths:\n  /orders/{{id}}:\n    get:\n      parameters: [{parameter}]\n"
    text = f'{HEAD}{path}      responses: {{"200": {{description: One}}}}\n'
    tried = try_fixes({"a.yaml": text}, rule_named("mismatched-path-parameter"))
    wanted = text.replace("{type: string}}", "{type: string}, required: true}")
    assert [(one.title, one.result["a.yaml"]) for one in tried] == [("Add `required: true`", wanted)]


@pytest.mark.parametrize(
    ("beside", "target"),
    [("description: Orders", "Nowhere"), ("properties: {a: {type: string}}", "Order")],
)
def test_what_stands_beside_a_reference_is_left_where_the_reference_may_be_wrong(
    beside: str, target: str
) -> None:
    schemas = (
        f"    A:\n      $ref: '#/components/schemas/{target}'\n      {beside}\n    Order: {{type: object}}\n"
    )
    text = f"{HEAD}paths: {{}}\ncomponents:\n  schemas:\n{schemas}"
    fixed, applied = fix({"a.yaml": text}, rule_named("ignored-reference-sibling"))
    assert not applied.fixed
    assert fixed["a.yaml"] == text
