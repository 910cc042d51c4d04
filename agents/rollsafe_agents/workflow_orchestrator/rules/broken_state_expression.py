"""A JSONata expression of a state cannot be read.

## What it does
Reads every `{% … %}` of a state whose query language is JSONata, as JSONata itself does, and reports what cannot be
read and what lacks one of its ends.

## Why it matters
AWS refuses the whole definition. The deployment stops there, or the machine goes on with the definition it had.

## Bad
```json title="workflows/order.asl.json"
{
  "QueryLanguage": "JSONata",
  "StartAt": "Take",
  "States": {
    "Take": {
      "Type": "Pass",
      "Output": {"sum": "{% $sum($states.input.items.price %}"},  // <-
      "Next": "Done"
    },
    "Done": {"Type": "Succeed"}
  }
}
```

## Good
```json title="workflows/order.asl.json"
{
  "QueryLanguage": "JSONata",
  "StartAt": "Take",
  "States": {
    "Take": {
      "Type": "Pass",
      "Output": {"sum": "{% $sum($states.input.items.price) %}"},
      "Next": "Done"
    },
    "Done": {"Type": "Succeed"}
  }
}
```

## Fix
None: what is meant only you know.

## References
- [Step Functions: JSONata](https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html)
- [JSONata](https://docs.jsonata.org/overview)

## Equivalent rules
- `asl-validator:SCHEMA_VALIDATION_FAILED`
"""

from collections.abc import Iterator

from rollsafe.artefacts.step_functions import FaultKind, StateMachine
from rollsafe.rules import Finding, Severity, rule
from rollsafe.rules.state_machines import REFUSED, of_kind, place


@rule(severity=Severity.ERROR, since="0.1.0")
def check(machine: StateMachine) -> Iterator[Finding]:
    """Yield a finding for each expression that cannot be read."""
    for fault in of_kind(machine, FaultKind.JSONATA):
        yield Finding(
            fault.where,
            f"an expression in `{fault.key}` of {place(machine, fault)} cannot be read: {fault.told}",
            equivalents=fault.peers,
            detail=REFUSED,
        )
