"""A field of a state has a value of a kind it does not take.

## What it does
Checks the values of a state machine: types and bounds of numbers, words such as the type of a state, times, ARNs,
lists of errors, and names of more than 80 characters. What `${…}` or a function of CloudFormation fills in is left alone.

## Why it matters
AWS refuses the whole definition. The deployment stops there, or the machine goes on with the definition it had.

## Bad
```json title="workflows/order.asl.json"
{
  "StartAt": "Rest",
  "States": {
    "Rest": {"Type": "Wait", "Seconds": "30", "Next": "Done"},  // <-
    "Done": {"Type": "Succeed"}
  }
}
```

## Good
```json title="workflows/order.asl.json"
{
  "StartAt": "Rest",
  "States": {
    "Rest": {"Type": "Wait", "Seconds": 30, "Next": "Done"},
    "Done": {"Type": "Succeed"}
  }
}
```

## Fix
Writes a quoted number or truth value without quotes, and the nearest word there is. Unsafe: it takes effect from then
on.

## References
- [Step Functions: workflow states](https://docs.aws.amazon.com/step-functions/latest/dg/workflow-states.html)
- [States Language](https://states-language.net/spec.html)

## Equivalent rules
- `asl-validator:SCHEMA_VALIDATION_FAILED`
- `statelint:problem`
"""

from collections.abc import Iterator

from rollsafe.artefacts.step_functions import Fault, FaultKind, StateMachine
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.rules.state_machines import REFUSED, of_kind, place
from rollsafe.text import nearest

_LONGEST = 40
_WITHIN = 100
"""Numbers up to here are within the bounds of every field."""


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(machine: StateMachine) -> Iterator[Finding]:
    """Yield a finding for each value that its field does not take."""
    for fault in of_kind(machine, FaultKind.VALUE):
        is_name = fault.state is not None and fault.where is fault.state.key
        name = "the name" if is_name else f"`{fault.key}`"
        yield Finding(
            fault.where,
            f"{name} of {place(machine, fault)} takes {fault.told}, and {_told(fault)} stands there"
            if not is_name
            else f"the name of a state has {len(fault.key)} characters, where 80 are the most",
            fixes=_fixes(fault),
            equivalents=fault.peers,
            detail=REFUSED,
        )


def _told(fault: Fault) -> str:
    node = fault.where
    if isinstance(node, Scalar):
        text = " ".join(node.text.split())[:_LONGEST]
        return f"the text `{text}`" if not node.plain and text else f"`{text}`" if text else "an empty text"
    return "something else"


def _fixes(fault: Fault) -> tuple[Fix, ...]:
    node = fault.where
    if not isinstance(node, Scalar) or node.block:
        return ()
    close = nearest(node.text, fault.words)
    if close is not None:
        return (Fix(f"Write `{close}`", Safety.UNSAFE, edits=(set_value(node, close),)),)
    if node.plain or not _is_plain(node.text, fault.told):
        return ()
    edit = Edit(Span.of(node), node.text)
    return (Fix(f"Write `{node.text}` without quotes", Safety.UNSAFE, edits=(edit,)),)


def _is_plain(text: str, told: str) -> bool:
    if told.startswith("`true`"):
        return text in ("true", "false")
    is_number = text.isascii() and text.isdigit() and (text == "0" or text[:1] != "0")
    return is_number and "number from" in told and 0 < int(text) <= _WITHIN
