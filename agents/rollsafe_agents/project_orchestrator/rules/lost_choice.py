"""An expression that chooses between two values never chooses the first.

## What it does
Reports `condition && value || other` where the value counts as false: `''`, `0`, `false` or `null`.

## Why it matters
GitHub has no `? :`. With a value that counts as false, `&&` is false also when the condition holds, and the result is
always the other value.

## Bad
```yaml title=".github/workflows/test.yml"
name: test
on: pull_request
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make test
        env:
          SUFFIX: ${{ github.event_name == 'push' && '' || '-draft' }}  # <-
```

## Good
```yaml title=".github/workflows/test.yml"
name: test
on: pull_request
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make test
        env:
          SUFFIX: ${{ github.event_name != 'push' && '-draft' || '' }}
```

## Fix
Turns the condition round and swaps the values, where the condition is one comparison. Unsafe: the first value is chosen
from then on.

## References
- [GitHub: operators](https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#operators)

## Equivalent rules
- `zizmor:unsound-ternary`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.expressions import (
    UNKNOWN,
    Comparison,
    Expr,
    Logical,
    constant_value,
    truth,
    walk,
)
from rollsafe.artefacts.github_workflow import CompositeAction, Job, Step, Workflow
from rollsafe.artefacts.github_workflow.written import Written
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, rule

_TURNED: Final = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(part: Workflow | CompositeAction | Job | Step) -> Iterator[Finding]:
    """Yield a finding for each value that is never chosen."""
    for written in part.own_expressions:
        for node in walk(written.expression.root):
            if isinstance(node, Logical) and node.operator == "||" and constant_value(node) is UNKNOWN:
                for choice in node.operands[:-1]:
                    yield from _of_choice(written, node, choice)


def _of_choice(written: Written, whole: Logical, choice: Expr) -> Iterator[Finding]:
    if not isinstance(choice, Logical) or choice.operator != "&&":
        return
    value = choice.operands[-1]
    if constant_value(choice) is not UNKNOWN or truth(constant_value(value)) is not False:
        return
    yield Finding(
        written.place_of(value),
        f"`{written.text_of(value)}` counts as false, so what stands behind `||` is chosen whatever holds",
        fixes=tuple(_fixes(written, whole, choice)),
    )


def _fixes(written: Written, whole: Logical, choice: Logical) -> Iterator[Fix]:
    if len(whole.operands) != 2 or len(choice.operands) != 2:
        return
    condition, value = choice.operands
    other = whole.operands[1]
    if (
        not isinstance(condition, Comparison)
        or isinstance(other, Logical)
        or written.scalar.text.count("\n") > 1
    ):
        return
    left, right = written.text_of(condition.left), written.text_of(condition.right)
    turned = f"{left} {_TURNED[condition.operator]} {right}"
    text = f"{turned} && {written.text_of(other)} || {written.text_of(value)}"
    yield Fix("Turn the condition round", Safety.UNSAFE, edits=(Edit(written.place_of(whole), text),))
