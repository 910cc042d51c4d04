"""A condition is always the same.

## What it does
Reports an `if:` whose value follows from what is written in it: `true`, `false`, or a comparison of constants.

## Why it matters
A job or step that never runs looks as if it did something; what it was there for is not done. One that always runs needs no
condition, and who reads it looks for the reason.

## Bad
```yaml title=".github/workflows/check.yml"
name: check
on:
  pull_request:
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make test
        if: ${{ true }}  # <-
```

## Good
```yaml title=".github/workflows/check.yml"
name: check
on:
  pull_request:
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: make test
```

## Fix
Removes a condition that always holds.

## References
- [GitHub: expressions](https://docs.github.com/en/actions/reference/workflows-and-actions/expressions)

## Equivalent rules
- `actionlint:if-cond`
"""

from collections.abc import Iterator

from rollsafe.artefacts.expressions import UNKNOWN, constant_value, read_condition, truth
from rollsafe.artefacts.github_workflow import Job, Step
from rollsafe.formats.nodes import Mapping, Scalar
from rollsafe.formats.yaml_removal import remove_entry
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule


@rule(severity=Severity.HINT, since="0.1.0", level=Level.PEDANTIC, fix=Safety.SAFE)
def check(part: Job | Step) -> Iterator[Finding]:
    """Yield a finding for a condition that nothing can change."""
    problems = part.problems if isinstance(part, Job) else part.owner.problems
    if problems:
        return
    if "if" in part.fields:
        yield from _of(part, part.node, _named(part))
    snapshot = part.node.map_at("snapshot") if isinstance(part, Job) and "snapshot" in part.fields else None
    if snapshot is not None:
        yield from _of(part, snapshot, f"the snapshot of {_named(part)}")


def _of(part: Job | Step, holder: Mapping, name: str) -> Iterator[Finding]:
    scalar = holder.at("if")
    if not isinstance(scalar, Scalar) or not scalar.text.strip():
        return
    if read_condition(scalar.text).padded:
        return  # text around it makes it hold always, which has a rule of its own
    condition = read_condition(scalar.text.strip())
    value = UNKNOWN if condition.problems or condition.padded else constant_value(condition.root)
    if value is UNKNOWN:
        return
    told = f"the condition of {name} {'always' if truth(value) else 'never'} holds"
    yield Finding(scalar, told, fixes=_fixes(part, holder) if truth(value) else ())


def _named(part: Job | Step) -> str:
    if isinstance(part, Job):
        return f"job `{part.id}`"
    return f"step `{part.label[:60]}`" if part.label else f"step {part.index + 1}"


def _fixes(part: Job | Step, holder: Mapping) -> tuple[Fix, ...]:
    edit = remove_entry(part.file.text, holder, "if")
    return () if edit is None else (Fix("Remove the condition", Safety.SAFE, edits=(edit,)),)
