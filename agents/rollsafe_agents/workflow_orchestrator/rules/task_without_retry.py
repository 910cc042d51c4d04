"""A Task of a state machine gives up at the first transient error.

## What it does
Reports Task states that call something outside of the machine and have no `Retry`.

## Why it matters
Lambda throttling, a dropped connection and a service that restarts are everyday events. Without a retry each
of them fails the whole execution, in the middle of what it was doing.

## Bad
```json title="workflows/notify.asl.json"
{
  "StartAt": "Notify",
  "TimeoutSeconds": 600,
  "States": {
    "Notify": {  // <-
      "Type": "Task",
      "Resource": "arn:aws:states:::lambda:invoke",
      "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Failed"}],
      "End": true
    },
    "Failed": {"Type": "Fail", "Error": "NotifyFailed"}
  }
}
```

## Good
```json title="workflows/notify.asl.json"
{
  "StartAt": "Notify",
  "TimeoutSeconds": 600,
  "States": {
    "Notify": {
      "Type": "Task",
      "Resource": "arn:aws:states:::lambda:invoke",
      "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Failed"}],
      "End": true,
      "Retry": [{"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 2, "MaxAttempts": 3, "BackoffRate": 2}]
    },
    "Failed": {"Type": "Fail", "Error": "NotifyFailed"}
  }
}
```

## Fix
Adds three retries with a growing interval. Unsafe: what the Task does is done again, so it has to be
idempotent.

## References
- [Step Functions: error handling](https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.step_functions import State
from rollsafe.formats.yaml_edit import add_entry
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, rule

_FLOW: Final = (
    '[{"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 2, "MaxAttempts": 3, "BackoffRate": 2}]'
)
_BLOCK: Final = "- ErrorEquals: [States.TaskFailed]\n  IntervalSeconds: 2\n  MaxAttempts: 3\n  BackoffRate: 2"


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(state: State) -> Iterator[Finding]:
    """Yield a finding for a Task without retries."""
    if not state.is_task or state.retry or state.node.at("Retry") is not None:
        return
    if state.is_activity or state.waits_for_token:
        return
    yield Finding(
        state.key,
        f"Task `{state.name}` is not retried: one transient error fails the execution",
        fixes=(Fix("Retry three times with backoff", Safety.UNSAFE, edits=(_retry(state),)),),
        detail=f"a throttled call or a dropped connection in `{state.name}` ends the execution of "
        f"`{state.machine.name}`",
    )


def _retry(state: State) -> Edit:
    return add_entry(state.file.text, state.node, "Retry", _FLOW if state.node.flow else _BLOCK)
