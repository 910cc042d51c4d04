"""Two states of a machine have one name.

## What it does
Compares the names of all states of a machine, also of those in branches and item processors.

## Why it matters
AWS refuses the whole definition. The deployment stops there, or the machine goes on with the definition it had. Of two states of one name in the same place a reader of JSON keeps the second, and the first is never run.

## Bad
```json title="workflows/order.asl.json"
{
  "StartAt": "Both",
  "States": {
    "Both": {
      "Type": "Parallel",
      "Branches": [
        {"StartAt": "Take", "States": {"Take": {"Type": "Pass", "End": true}}},
        {"StartAt": "Take", "States": {"Take": {"Type": "Pass", "End": true}}}  // <-
      ],
      "End": true
    }
  }
}
```

## Good
```json title="workflows/order.asl.json"
{
  "StartAt": "Both",
  "States": {
    "Both": {
      "Type": "Parallel",
      "Branches": [
        {"StartAt": "Take", "States": {"Take": {"Type": "Pass", "End": true}}},
        {"StartAt": "Take two", "States": {"Take two": {"Type": "Pass", "End": true}}}
      ],
      "End": true
    }
  }
}
```

## Fix
None: another name is for you to find, and all that lead to the state have to know it.

## References
- [Step Functions: workflow states](https://docs.aws.amazon.com/step-functions/latest/dg/workflow-states.html)
- [States Language](https://states-language.net/spec.html)

## Equivalent rules
- `asl-validator:DUPLICATE_STATE_NAMES`
- `statelint:problem`
"""

from collections.abc import Iterator

from rollsafe.artefacts.step_functions import FaultKind, StateMachine
from rollsafe.rules import Finding, Severity, rule
from rollsafe.rules.state_machines import REFUSED, of_kind


@rule(severity=Severity.ERROR, since="0.1.0")
def check(machine: StateMachine) -> Iterator[Finding]:
    """Yield a finding for each state whose name another one has before it."""
    for fault in of_kind(machine, FaultKind.NAME_AGAIN):
        where = f" {fault.told}" if fault.told else ""
        yield Finding(
            fault.where,
            f"another state{where} is called `{fault.key}`, too",
            equivalents=fault.peers,
            detail=REFUSED,
        )
