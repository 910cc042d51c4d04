"""A state machine has no state to end with.

## What it does
Reports machines, branches and item processors in which no state is `Succeed` or `Fail` or has `"End": true`.

## Why it matters
AWS refuses the whole definition. Where such a machine runs, an execution goes in circles until its history is full,
after 25 000 events, and fails there.

## Bad
```json title="workflows/order.asl.json"
{
  "StartAt": "Ask",
  "States": {  // <-
    "Ask": {"Type": "Pass", "Next": "Rest"},
    "Rest": {"Type": "Wait", "Seconds": 60, "Next": "Ask"}
  }
}
```

## Good
```json title="workflows/order.asl.json"
{
  "StartAt": "Ask",
  "States": {
    "Ask": {"Type": "Pass", "Next": "Rest"},
    "Rest": {"Type": "Wait", "Seconds": 60, "Next": "Done"},
    "Done": {"Type": "Succeed"}
  }
}
```

## Fix
None: where it ends only you know.

## References
- [Step Functions: workflow states](https://docs.aws.amazon.com/step-functions/latest/dg/workflow-states.html)
- [States Language](https://states-language.net/spec.html)

## Equivalent rules
- `asl-validator:MISSING_TERMINAL_STATE`
- `statelint:problem`
"""

from collections.abc import Iterator

from rollsafe.artefacts.step_functions import FaultKind, StateMachine
from rollsafe.rules import Finding, Severity, rule
from rollsafe.rules.state_machines import of_kind, place


@rule(severity=Severity.ERROR, since="0.1.0")
def check(machine: StateMachine) -> Iterator[Finding]:
    """Yield a finding for each scope of states that nothing ends."""
    for fault in of_kind(machine, FaultKind.ENDLESS):
        yield Finding(
            fault.where,
            f"no state of {place(machine, fault)} ends it: none is `Succeed` or `Fail` or has `End`",
            equivalents=fault.peers,
        )
