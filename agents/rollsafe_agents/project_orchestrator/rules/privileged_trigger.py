"""A workflow runs with the rights of the repository when strangers start it.

## What it does
Reports the events `pull_request_target`, `workflow_run` and `issue_comment`. A workflow whose only step is
`actions/labeler` is left out.

## Why it matters
These events run the workflow of the main branch with its secrets and a token that may write, for what somebody
outside of the project did. One step that touches the stranger's code or text hands all of that over.

## Bad
```yaml title=".github/workflows/test.yml"
name: test
on:
  pull_request_target:  # <-
    types: [opened]
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: ./tools/greet
```

## Good
```yaml title=".github/workflows/test.yml"
name: test
on:
  pull_request:
    types: [opened]
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    steps:
      - run: ./tools/greet
```

## Fix
Starts the workflow by `pull_request` in place of `pull_request_target`. Unsafe: pull requests of forks then have no
secrets and may not write. For the other events there is no automatic fix.

## References
- [GitHub: preventing pwn requests](https://securitylab.github.com/resources/github-actions-preventing-pwn-requests/)

## Equivalent rules
- `zizmor:dangerous-triggers`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.github_workflow import Trigger, Workflow
from rollsafe.rules import Confidence, Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.rules.action_steps import action_of

_TARGET: Final = "pull_request_target"
_WHO: Final = {
    _TARGET: "a pull request of a fork",
    "workflow_run": "another workflow, which may have run code of a fork,",
    "issue_comment": "a comment of anybody",
}


@rule(severity=Severity.WARNING, level=Level.PEDANTIC, since="0.1.0", fix=Safety.UNSAFE)
def check(workflow: Workflow) -> Iterator[Finding]:
    """Yield a finding for each event by which strangers start the workflow with its rights."""
    for name, who in _WHO.items():
        trigger = workflow.triggers.get(name)
        if trigger is None or (name == _TARGET and _only_labels(workflow)):
            continue
        yield Finding(
            trigger.key,
            f"by `{name}`, {who} starts this workflow with the repository's secrets and rights",
            fixes=tuple(_fixes(workflow, trigger)),
            confidence=Confidence.MEDIUM,
        )


def _only_labels(workflow: Workflow) -> bool:
    if len(workflow.jobs) != 1 or len(workflow.jobs[0].steps) != 1:
        return False
    return action_of(workflow.jobs[0].steps[0]) == "actions/labeler"


def _fixes(workflow: Workflow, trigger: Trigger) -> Iterator[Fix]:
    if trigger.name == _TARGET and "pull_request" not in workflow.triggers and trigger.key.plain:
        edit = Edit(Span.of(trigger.key), "pull_request")
        yield Fix("Start it by `pull_request`", Safety.UNSAFE, edits=(edit,))
