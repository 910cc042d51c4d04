"""A Task of a state machine may wait for ever.

## What it does
Reports Task states without `TimeoutSeconds` (or its path form) in a machine without a time limit of its own.
Tasks that call AWS services directly and answer at once are left alone; those that wait for a token, an
activity or a job are not.

## Why it matters
A Task without a limit waits up to a year for an answer that was lost. The execution counts as running, no
alarm rings, and whatever it was to do for the customer does not happen.

## Bad
```json title="workflows/charge.asl.json"
{
  "StartAt": "Charge",
  "States": {
    "Charge": {  // <-
      "Type": "Task",
      "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
      "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}],
      "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Failed"}],
      "End": true
    },
    "Failed": {"Type": "Fail", "Error": "ChargeFailed"}
  }
}
```

## Good
```json title="workflows/charge.asl.json"
{
  "StartAt": "Charge",
  "States": {
    "Charge": {
      "Type": "Task",
      "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
      "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}],
      "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Failed"}],
      "End": true,
      "TimeoutSeconds": 300
    },
    "Failed": {"Type": "Fail", "Error": "ChargeFailed"}
  }
}
```

## Fix
Adds a limit of five minutes. Manual: how long the work may take is for the author to say.

## References
- [Step Functions: timeouts](https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.step_functions import State
from rollsafe.formats.yaml_edit import add_entry
from rollsafe.rules import Finding, Fix, Safety, Severity, rule


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.MANUAL)
def check(state: State) -> Iterator[Finding]:
    """Yield a finding for a Task that nothing bounds."""
    if not state.is_task or state.has_timeout or state.machine.timeout_seconds is not None:
        return
    if not _can_wait(state):
        return
    edit = add_entry(state.file.text, state.node, "TimeoutSeconds", "300")
    yield Finding(
        state.key,
        f"Task `{state.name}` has no time limit and can wait for an answer for a year",
        fixes=(Fix("Add a time limit of five minutes (adjust)", Safety.MANUAL, edits=(edit,)),),
        detail=f"when the answer to `{state.name}` is lost, the execution hangs there and counts as running",
    )


def _can_wait(state: State) -> bool:
    """Say whether the answer can be lost: a worker, a token, a job or somebody's own code."""
    integration = state.integration
    if integration is None:
        return state.is_activity
    return integration.pattern is not None or integration.service in ("lambda", "http", "apigateway")
