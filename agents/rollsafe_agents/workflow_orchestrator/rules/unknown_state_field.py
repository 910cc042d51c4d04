"""A state has a field that its type does not have.

## What it does
Compares the fields of a state machine, its states, retriers, catchers and choice rules with the States Language, for
the type of the state and for JSONPath or JSONata.

## Why it matters
AWS refuses the whole definition. The deployment stops there, or the machine goes on with the definition it had.

## Bad
```json title="workflows/order.asl.json"
{
  "StartAt": "Take",
  "States": {
    "Take": {
      "Type": "Pass",
      "InptPath": "$.order",  // <-
      "Next": "Done"
    },
    "Done": {"Type": "Succeed"}
  }
}
```

## Good
```json title="workflows/order.asl.json"
{
  "StartAt": "Take",
  "States": {
    "Take": {
      "Type": "Pass",
      "InputPath": "$.order",
      "Next": "Done"
    },
    "Done": {"Type": "Succeed"}
  }
}
```

## Fix
Writes the nearest field there is, else removes the field. Unsafe: what the field says takes effect from then on, or
is gone.

## References
- [Step Functions: workflow states](https://docs.aws.amazon.com/step-functions/latest/dg/workflow-states.html)
- [States Language](https://states-language.net/spec.html)

## Equivalent rules
- `asl-validator:SCHEMA_VALIDATION_FAILED`
- `statelint:problem`
"""

from collections.abc import Iterator

from rollsafe.artefacts.step_functions import FaultKind, StateMachine
from rollsafe.rules import Finding, Safety, Severity, rule
from rollsafe.rules.state_machines import REFUSED, of_kind, place, removal_fix, rename_fix
from rollsafe.text import nearest


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(machine: StateMachine) -> Iterator[Finding]:
    """Yield a finding for each field that has no meaning where it stands."""
    for fault in of_kind(machine, FaultKind.UNKNOWN):
        close = nearest(fault.key, fault.words)
        hint = f"; the nearest is `{close}`" if close is not None else ""
        hint = f"; {fault.told}" if fault.told else hint
        yield Finding(
            fault.where,
            f"{place(machine, fault)} has no field `{fault.key}`{hint}",
            fixes=rename_fix(machine, fault) or removal_fix(machine, fault),
            equivalents=fault.peers,
            detail=REFUSED,
        )
