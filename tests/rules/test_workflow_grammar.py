"""Workflows and actions held against GitHub's grammar: what is told, and what is left alone."""

import pytest

from rollsafe.workspace.settings import Settings
from tests.checking import check, open_project

HEAD = """\
name: check
on:
  {on}
permissions:
  contents: read
jobs:
  build:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    outputs:
      image: app
    steps:
      - run: make
  test:
    needs: build
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    strategy:
      matrix:
        os: [linux, windows]
    steps:
      - id: first
        run: make test
      - run: make {step}
"""
NAMES = {
    *("unknown-workflow-key", "missing-workflow-key", "wrong-workflow-value", "duplicate-workflow-key"),
    *("broken-expression", "unknown-context-name", "misplaced-context", "wrong-function-call"),
    *("mistyped-expression", "condition-always-true", "unreadable-workflow", "mismatched-workflow-call"),
}


def told(step: str, on: str = "pull_request:", **others: str) -> list[str]:
    """Return the rules of this family that speak of a workflow whose last step goes on with `step`."""
    files = {".github/workflows/check.yml": HEAD.format(step=step, on=on), **others}
    return [one.rule for one in check(files, Settings(level="auditor")) if one.rule in NAMES]


@pytest.mark.parametrize(
    "expression",
    [
        "needs.build.outputs.image",
        "needs.build.result == 'success'",
        "steps.first.outputs.anything",
        "steps.first.outcome",
        "matrix.os == 'linux' && github.ref || vars.WHATEVER",
        "contains(github.event.pull_request.labels.*.name, 'deploy')",
        "fromJSON('[1, 2]')[0]",
        "toJSON(github.event)",
        "format('{0} {{1}}', github.sha)",
        "secrets.ANY_NAME != ''",
        "join(fromJSON(needs.build.outputs.image), ', ')",
    ],
)
def test_what_there_is_may_be_read(expression: str) -> None:
    assert told(f"all\n        env:\n          X: ${{{{ {expression} }}}}") == []


@pytest.mark.parametrize(
    ("expression", "rule"),
    [
        ("needs.test.result", "unknown-context-name"),
        ("needs.build.outputs.imag", "unknown-context-name"),
        ("steps.second.outcome", "unknown-context-name"),
        ("matrix.arch", "unknown-context-name"),
        ("githb.sha", "unknown-context-name"),
        ("inputs.tag", "unknown-context-name"),
        ("format('{0} {1}', github.sha)", "wrong-function-call"),
        ("fromJSON('[1,')", "wrong-function-call"),
        ("startsWith(github.ref)", "wrong-function-call"),
        ("always()", "misplaced-context"),
        ("github.sha.name", "mistyped-expression"),
        ("github.event == 'push'", "mistyped-expression"),
        ("matrix", "mistyped-expression"),
        ("github.event.pull_request.labels.*.name", "mistyped-expression"),
        ("github.ref == ", "broken-expression"),
    ],
)
def test_what_there_is_not_is_told(expression: str, rule: str) -> None:
    assert told(f"all\n        env:\n          X: ${{{{ {expression} }}}}") == [rule]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("workflow_dispatch: {inputs: {tag: {type: string}}}", ["unknown-context-name"]),
        ("workflow_call: {inputs: {tag: {type: string}}}", []),
    ],
)
def test_the_event_of_a_called_workflow_is_its_callers(on: str, expected: list[str]) -> None:
    assert told("all\n        env:\n          X: ${{ github.event.inputs.stage }}", on) == expected


def test_a_file_that_is_no_yaml_is_told_once() -> None:
    assert told("all\n        env: [") == ["unreadable-workflow"]


@pytest.mark.parametrize(
    "typed", ["all\n        env: [", "all\n      - name: 'x", "all\n  deploy", "all\n    if", "all\ndep"]
)
def test_what_is_half_typed_in_one_job_costs_nothing_of_another(typed: str) -> None:
    text = HEAD.format(step=typed, on="push:").replace("image: app", "image: ${{ githb.sha }}")
    told = [one.rule for one in check({".github/workflows/check.yml": text}) if one.rule in NAMES]
    assert told == ["unknown-context-name", "unreadable-workflow"]


def test_what_is_left_open_in_one_job_and_ends_in_another_is_told_where_it_begins() -> None:
    left = HEAD.format(step='all\n  after:\n    steps:\n      - run: "echo"', on="push:")
    text = left.replace("      - run: make\n", '      - run: "make\n')
    findings = open_project({".github/workflows/check.yml": text}).engine.all_findings()
    [found] = [one for one in findings if one.rule.name == "unreadable-workflow"]
    assert found.file.line_number(found.span) > text[: text.index("  after:")].count("\n")
    assert ['"make' in found.file.slice(one.where) for one in found.related] == [True]


@pytest.mark.parametrize("inner", ["(" * 10_000, "!" * 10_000, "a." * 10_000, "x[" * 10_000, "f(" * 10_000])
def test_deep_expressions_are_refused(inner: str) -> None:
    assert set(told(f"all\n        env:\n          X: ${{{{ {inner} }}}}")) == {"broken-expression"}


def test_steps_of_an_action_see_no_secrets() -> None:
    action = """\
name: build
description: builds
runs:
  using: composite
  steps:
    - run: echo "$TOKEN"
      shell: bash
      env:
        TOKEN: ${{ secrets.TOKEN }}
"""
    (only,) = (
        one for one in check({"build/action.yml": action}, Settings(level="auditor")) if one.rule in NAMES
    )
    assert (only.rule, only.line) == ("misplaced-context", 9)
