"""A step uses an action of this repository that cannot run as it is declared.

## What it does
Reports the first step of a workflow that uses an `action.yml` of the same repository which GitHub does not accept: an unknown
runtime, keys that its kind of action does not have, required ones that are missing, files that are not there. Other rules
tell the same in `action.yml`, where it is mended, so that it is told here at level `auditor` only.

## Why it matters
The job fails at this step. The fault is in another file, where nobody looks who reads the workflow.

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
      - uses: actions/checkout@8e8c483db84b4bee98b60c0593521ed34d9990e8
      - uses: ./.github/actions/greet  # <-
```
```yaml title=".github/actions/greet/action.yml"
name: greet
description: Says hello
runs:
  using: node24
  main: dist/index.js
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
      - uses: actions/checkout@8e8c483db84b4bee98b60c0593521ed34d9990e8
      - uses: ./.github/actions/greet
```
```yaml title=".github/actions/greet/action.yml"
name: greet
description: Says hello
runs:
  using: node24
  main: dist/index.js
```
```yaml title=".github/actions/greet/dist/index.js"
console.log("hello")
```

## Fix
None here: it is in the action's own file.

## References
- [GitHub: metadata of actions](https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax)

## Equivalent rules
- `actionlint:action`
"""

from collections.abc import Iterator

from rollsafe.artefacts.github_workflow import CompositeAction, Job, Step
from rollsafe.rules import Finding, Level, Related, Severity, rule
from rollsafe.workspace.called_actions import ActionFault, faults_of, local_action
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.ERROR, since="0.1.0", level=Level.AUDITOR)
def check(step: Step, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a step whose action has faults, at the first that uses it."""
    uses = step.uses
    if uses is None or not uses.is_local or step.owner.problems:
        return
    action = local_action(step, graph)
    if action is None or not isinstance(step.owner, Job):
        return
    if action.problems:
        yield Finding(uses, f"`{uses.name}` cannot be read", related=(_there(action, None),))
        return
    found = [one for one in faults_of(action, graph.has_file) if not (one.file and _may_be_made(step))]
    if not found or _was_told(step, step.owner):
        return
    first = next((one for one in found if one.stops), found[0])
    more = f", and {len(found) - 1} more" if len(found) > 1 else ""
    yield Finding(
        uses,
        f"the action `{uses.name}` {first.message}{more}",
        related=tuple(_there(action, one) for one in found[:20]),
        severity=None if first.stops else Severity.HINT,
    )


def _there(action: CompositeAction, fault: ActionFault | None) -> Related:
    if fault is None:
        return Related(action.file, action, "the action")
    return Related(action.file, fault.where, f"it {fault.message}")


def _may_be_made(step: Step) -> bool:
    """Say whether a script before the step may have made a file."""
    owner = step.owner
    return isinstance(owner, Job) and any(one.run is not None for one in owner.steps[: step.index])


def _was_told(step: Step, job: Job) -> bool:
    """Say whether an earlier step of the workflow uses the same action."""
    for other in job.workflow.jobs:
        for one in other.steps:
            if one is step:
                return False
            if one.uses_text == step.uses_text:
                return True
    return False
