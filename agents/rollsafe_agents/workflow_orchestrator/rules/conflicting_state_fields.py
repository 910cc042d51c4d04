"""A state has two fields of which it may have one.

## What it does
Reports `Next` together with `End`, a value together with its path form (`TimeoutSeconds` and `TimeoutSecondsPath`),
two comparisons in one rule, and parameters that are given twice, plain and computed (`name` and `name.$`).

## Why it matters
AWS refuses the whole definition. The deployment stops there, or the machine goes on with the definition it had. Of a parameter that is given twice it is not told which one counts.

## Bad
```json title="workflows/order.asl.json"
{
  "StartAt": "Take",
  "States": {
    "Take": {
      "Type": "Pass",
      "Next": "Done",
      "End": true  // <-
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
      "Next": "Done"
    },
    "Done": {"Type": "Succeed"}
  }
}
```

## Fix
Removes the field that comes second. Unsafe: the first one may be the one to go.

## References
- [Step Functions: workflow states](https://docs.aws.amazon.com/step-functions/latest/dg/workflow-states.html)
- [States Language](https://states-language.net/spec.html)

## Equivalent rules
- `asl-validator:SCHEMA_VALIDATION_FAILED`
- `statelint:problem`
- `asl-validator:TERMINAL_STATE_WITH_NEXT`
- `asl-validator:DUPLICATE_FIELD_NAME`
- `asl-validator:FAIL_CAUSE_PROPERTY`
- `asl-validator:FAIL_ERROR_PROPERTY`
- `asl-validator:TASK_TIMEOUT`
- `asl-validator:TASK_HEARTBEAT`
- `asl-validator:WAIT_DURATION`
- `asl-validator:MAP_ITEM_PROCESSOR`
- `asl-validator:MAP_ITEM_SELECTOR`
- `asl-validator:MAP_TOLERATED_FAILURE`
- `asl-validator:MAP_MAX_CONCURRENCY`
- `asl-validator:MAP_ITEMS`
- `asl-validator:MAP_ITEMREADER_MAXITEM`
- `asl-validator:MAP_ITEM_BATCHER`
"""

from collections.abc import Iterator

from rollsafe.artefacts.step_functions import Fault, FaultKind, StateMachine
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.rules.state_machines import REFUSED, of_kind, place, removal_fix


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(machine: StateMachine) -> Iterator[Finding]:
    """Yield a finding for the second of two fields that exclude each other."""
    for fault in of_kind(machine, FaultKind.CLASH, FaultKind.FIELD_AGAIN):
        yield Finding(
            fault.where,
            _message(machine, fault),
            fixes=_fixes(machine, fault),
            equivalents=fault.peers,
            detail=REFUSED,
        )


def _fixes(machine: StateMachine, fault: Fault) -> tuple[Fix, ...]:
    state = fault.state
    if fault.key not in ("Next", "End") or state is None:
        return removal_fix(machine, fault)
    others = [one for one in state.scope.states if one is not state]
    # Something has to end the machine, and what this state leads to has to be led to.
    if fault.key == "End":
        is_free = any(one.ends for one in others)
    else:
        is_free = any(way.target == state.next for one in others for way in one.transitions)
    return removal_fix(machine, fault) if is_free else ()


def _message(machine: StateMachine, fault: Fault) -> str:
    where = place(machine, fault)
    if fault.kind is FaultKind.FIELD_AGAIN:
        return f"{where} gives `{fault.key}` twice, plain and computed"
    if fault.told.startswith("with"):
        return f"{where} has `{fault.key}` together {fault.told}, and only one of them may be there"
    return f"{where} mixes two kinds of rules: {fault.told}"
