"""A state leads to a state that is not there.

## What it does
Looks for the targets of `StartAt`, `Next`, `Default`, choice rules and catchers among the states of the same machine,
branch or item processor: nothing leads from one of these into another.

## Why it matters
AWS refuses the whole definition. The deployment stops there, or the machine goes on with the definition it had.

## Bad
```json title="workflows/order.asl.json"
{
  "StartAt": "Take",
  "States": {
    "Take": {"Type": "Pass", "Next": "Finishd"},  // <-
    "Finished": {"Type": "Succeed"}
  }
}
```

## Good
```json title="workflows/order.asl.json"
{
  "StartAt": "Take",
  "States": {
    "Take": {"Type": "Pass", "Next": "Finished"},
    "Finished": {"Type": "Succeed"}
  }
}
```

## Fix
Writes the nearest state there is. Unsafe: another one may be meant.

## References
- [Step Functions: workflow states](https://docs.aws.amazon.com/step-functions/latest/dg/workflow-states.html)
- [States Language](https://states-language.net/spec.html)

## Equivalent rules
- `asl-validator:MISSING_TRANSITION_TARGET`
- `asl-validator:BRANCH_OUTBOUND_TRANSITION_TARGET`
- `asl-validator:MAP_OUTBOUND_TRANSITION_TARGET`
- `statelint:problem`
"""

from collections.abc import Iterator

from rollsafe.artefacts.step_functions import Fault, FaultKind, StateMachine
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.rules.state_machines import REFUSED, of_kind, place
from rollsafe.text import nearest


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(machine: StateMachine) -> Iterator[Finding]:
    """Yield a finding for each way that leads nowhere."""
    for fault in of_kind(machine, FaultKind.TARGET):
        close = nearest(fault.key, fault.words)
        hint = f"; the nearest is `{close}`" if close is not None else ""
        yield Finding(
            fault.where,
            f"{place(machine, fault)} leads to `{fault.key}`, which {fault.told}{hint}",
            fixes=_fixes(fault, close),
            equivalents=fault.peers,
            detail=REFUSED,
        )


def _fixes(fault: Fault, close: str | None) -> tuple[Fix, ...]:
    if close is None or not isinstance(fault.where, Scalar):
        return ()
    return (Fix(f"Go to `{close}`", Safety.UNSAFE, edits=(set_value(fault.where, close),)),)
