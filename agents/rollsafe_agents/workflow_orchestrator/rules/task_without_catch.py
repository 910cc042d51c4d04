"""A Task's failure leads nowhere: no state handles what is left undone.

## What it does
Reports Task states without a `Catch` in a state machine that has a state for failures: another Task catches,
or a Fail state exists.

## Why it matters
The machine knows how to fail properly (undo, tell somebody), but not from this state. When it fails, the
execution stops where it is: money is taken and nothing is shipped, and the failure path that exists is not
taken.

## Bad
```json title="workflows/order.asl.json"
{
  "StartAt": "Reserve",
  "TimeoutSeconds": 600,
  "States": {
    "Reserve": {
      "Type": "Task",
      "Resource": "arn:aws:states:::lambda:invoke",
      "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}],
      "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Failed"}],
      "Next": "Charge"
    },
    "Charge": {  // <-
      "Type": "Task",
      "Resource": "arn:aws:states:::lambda:invoke",
      "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}],
      "End": true
    },
    "Failed": {"Type": "Fail", "Error": "OrderFailed"}
  }
}
```

## Good
```json title="workflows/order.asl.json"
{
  "StartAt": "Reserve",
  "TimeoutSeconds": 600,
  "States": {
    "Reserve": {
      "Type": "Task",
      "Resource": "arn:aws:states:::lambda:invoke",
      "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}],
      "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Failed"}],
      "Next": "Charge"
    },
    "Charge": {
      "Type": "Task",
      "Resource": "arn:aws:states:::lambda:invoke",
      "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}],
      "End": true,
      "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Failed"}]
    },
    "Failed": {"Type": "Fail", "Error": "OrderFailed"}
  }
}
```

## Fix
Catches every error and goes to the state the other Tasks go to. Unsafe: the execution takes another path
when the Task fails.

## References
- [Step Functions: fallback states](https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-fallback-states)

## Equivalent rules
None known.
"""

from collections import Counter
from collections.abc import Iterator

from rollsafe.artefacts.step_functions import State
from rollsafe.formats.yaml_edit import add_entry
from rollsafe.rules import Finding, Fix, Safety, Severity, rule


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(state: State) -> Iterator[Finding]:
    """Yield a finding for a Task that does not use the machine's failure path."""
    if not state.is_task or state.catch or state.node.at("Catch") is not None:
        return
    target = _failure_state(state)
    if target is None or target == state.name or _is_behind(state, target):
        return
    flow = f'[{{"ErrorEquals": ["States.ALL"], "Next": "{target}"}}]'
    block = f"- ErrorEquals: [States.ALL]\n  Next: {target}"
    edit = add_entry(state.file.text, state.node, "Catch", flow if state.node.flow else block)
    yield Finding(
        state.key,
        f"a failure of Task `{state.name}` does not reach `{target}`",
        fixes=(Fix(f"Catch errors and go to `{target}`", Safety.UNSAFE, edits=(edit,)),),
        detail=f"when `{state.name}` fails, the execution stops there and `{target}` is never entered",
    )


def _failure_state(state: State) -> str | None:
    """Return where the machine goes on failure: the usual target of a Catch, else its Fail state."""
    siblings = state.scope.states
    targets = Counter(catcher.next for other in siblings for catcher in other.catch if catcher.next)
    if targets:
        return max(sorted(targets), key=lambda name: targets[name])
    failing = [other.name for other in siblings if other.type == "Fail"]
    return failing[0] if len(failing) == 1 else None


def _is_behind(state: State, target: str) -> bool:
    """Say whether the state itself is part of the failure path, reached from `target`."""
    seen: set[str] = set()
    pending = [target]
    while pending:
        name = pending.pop()
        if name in seen or name not in state.scope.by_name:
            continue
        seen.add(name)
        pending += [transition.target for transition in state.scope.by_name[name].transitions]
    return state.name in seen
