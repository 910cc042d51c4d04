"""A state lacks a field that its type has to have.

## What it does
Reports states without `Type`, without `Next` or `End`, a Task without `Resource`, a Wait without a duration, a choice
rule without a test or a target, retriers and catchers without `ErrorEquals`, and machines without `StartAt`.

## Why it matters
AWS refuses the whole definition. The deployment stops there, or the machine goes on with the definition it had.

## Bad
```json title="workflows/order.asl.json"
{
  "StartAt": "Take",
  "States": {
    "Take": {
      "Type": "Pass",  // <-
      "Result": {"is": "taken"}
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
      "Result": {"is": "taken"},
      "Next": "Done"
    },
    "Done": {"Type": "Succeed"}
  }
}
```

## Fix
Ends the execution after a state that says neither, where it is the last one; goes on to the state written below it
elsewhere. Unsafe: another state may be meant. Other fields only you know.

## References
- [Step Functions: workflow states](https://docs.aws.amazon.com/step-functions/latest/dg/workflow-states.html)
- [States Language](https://states-language.net/spec.html)

## Equivalent rules
- `asl-validator:SCHEMA_VALIDATION_FAILED`
- `statelint:problem`
- `asl-validator:TERMINAL_STATE_WITH_NEXT`
- `asl-validator:WAIT_DURATION`
- `asl-validator:MAP_ITEM_PROCESSOR`
"""

from collections.abc import Iterator

from rollsafe.artefacts.step_functions import Fault, FaultKind, StateMachine
from rollsafe.formats.yaml_edit import add_entry
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.rules.state_machines import REFUSED, of_kind, place


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(machine: StateMachine) -> Iterator[Finding]:
    """Yield a finding for each field that has to be there."""
    for fault in of_kind(machine, FaultKind.MISSING):
        yield Finding(
            fault.where,
            f"{place(machine, fault)} has no {_named(fault)}",
            fixes=_fixes(machine, fault),
            equivalents=fault.peers,
            detail=REFUSED,
        )


def _named(fault: Fault) -> str:
    words = [f"`{word}`" for word in fault.key.split(" or ")]
    named = " or ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else words[0]
    is_inside = fault.state is not None and fault.holder is not fault.state.node
    return f"{named} in a part of it" if is_inside else named


def _fixes(machine: StateMachine, fault: Fault) -> tuple[Fix, ...]:
    state = fault.state
    if state is None or fault.holder is not state.node or "End" not in fault.key.split(" or "):
        return ()
    # A field nobody knows may be the one that is missing.
    if any(other.holder is state.node for other in of_kind(machine, FaultKind.UNKNOWN)):
        return ()
    following = next((one for one in state.scope.states if one.start > state.start), None)
    key, value = ("End", "true") if following is None else ("Next", _quoted(following.name))
    title = "End the execution here" if following is None else f"Go on to `{following.name}`"
    edit = add_entry(machine.file.text, state.node, key, value)
    return (Fix(title, Safety.UNSAFE, edits=(edit,)),)


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
