"""No way leads to a state.

## What it does
Follows `StartAt`, `Next`, `Default`, choice rules and catchers, and reports the states they never come to. A target that
is misspelt counts as the state with the nearest name.

## Why it matters
AWS refuses some of these definitions and takes others. What the state was to do is never done: the refund is not paid,
the lock is not given back, and nobody is told.

## Bad
```json title="workflows/order.asl.json"
{
  "StartAt": "Take",
  "States": {
    "Take": {"Type": "Pass", "Next": "Done"},
    "Undo": {"Type": "Pass", "Next": "Done"},  // <-
    "Done": {"Type": "Succeed"}
  }
}
```

## Good
```json title="workflows/order.asl.json"
{
  "StartAt": "Take",
  "States": {
    "Take": {"Type": "Pass", "Next": "Done"},
    "Done": {"Type": "Succeed"}
  }
}
```

## Fix
Removes the state. Unsafe: the way that is missing may be the mistake.

## References
- [Step Functions: workflow states](https://docs.aws.amazon.com/step-functions/latest/dg/workflow-states.html)
- [States Language](https://states-language.net/spec.html)

## Equivalent rules
- `asl-validator:MISSING_TRANSITION_TARGET`
- `statelint:problem`
"""

from collections.abc import Iterator

from rollsafe.artefacts.step_functions import Fault, FaultKind, StateMachine
from rollsafe.formats.yaml_removal import remove_entry
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.rules.state_machines import of_kind


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(machine: StateMachine) -> Iterator[Finding]:
    """Yield a finding for each state that no execution comes to."""
    for fault in of_kind(machine, FaultKind.UNREACHABLE):
        yield Finding(
            fault.where,
            f"nothing leads to state `{fault.key}`",
            fixes=_fixes(machine, fault),
            equivalents=fault.peers,
            detail=f"what `{fault.key}` does is never done",
        )


def _fixes(machine: StateMachine, fault: Fault) -> tuple[Fix, ...]:
    state = fault.state
    states = state.scope.node.map_at("States") if state is not None else None
    others = {target.target for one in (state.scope.states if state else ()) for target in one.transitions}
    if states is None or len(states.entries) < 2 or fault.key in others:
        return ()
    edit = remove_entry(machine.file.text, states, fault.key)
    return (Fix(f"Remove `{fault.key}`", Safety.UNSAFE, edits=(edit,)),) if edit is not None else ()
