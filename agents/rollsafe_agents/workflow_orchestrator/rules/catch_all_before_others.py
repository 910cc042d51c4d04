"""A retrier or catcher of all errors hides those after it.

## What it does
Reports `States.ALL` in `Retry` or `Catch` where it is not alone, or not in the last item.

## Why it matters
AWS refuses the whole definition. The deployment stops there, or the machine goes on with the definition it had. The items behind it are never tried.

## Bad
```json title="workflows/order.asl.json"
{
  "StartAt": "Both",
  "States": {
    "Both": {
      "Type": "Parallel",
      "Branches": [{"StartAt": "Take", "States": {"Take": {"Type": "Pass", "End": true}}}],
      "Catch": [
        {"ErrorEquals": ["States.ALL"], "Next": "Failed"},  // <-
        {"ErrorEquals": ["States.Timeout"], "Next": "Late"}
      ],
      "End": true
    },
    "Late": {"Type": "Fail"},
    "Failed": {"Type": "Fail"}
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
      "Branches": [{"StartAt": "Take", "States": {"Take": {"Type": "Pass", "End": true}}}],
      "Catch": [
        {"ErrorEquals": ["States.Timeout"], "Next": "Late"},
        {"ErrorEquals": ["States.ALL"], "Next": "Failed"}
      ],
      "End": true
    },
    "Late": {"Type": "Fail"},
    "Failed": {"Type": "Fail"}
  }
}
```

## Fix
Moves the item to the end where it is alone in its list. Unsafe: errors that it took go elsewhere from then on.

## References
- [Step Functions: errors](https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html)
- [States Language](https://states-language.net/spec.html)

## Equivalent rules
- `statelint:problem`
"""

from collections.abc import Iterator

from rollsafe.artefacts.step_functions import Fault, FaultKind, StateMachine
from rollsafe.formats.nodes import Node
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.rules.state_machines import REFUSED, of_kind


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(machine: StateMachine) -> Iterator[Finding]:
    """Yield a finding for each `States.ALL` that is not the last word."""
    for fault in of_kind(machine, FaultKind.CATCH_ALL):
        name = fault.state.name if fault.state is not None else ""
        yield Finding(
            fault.where,
            f"`States.ALL` in `{fault.key}` of `{name}` {fault.told}",
            fixes=_fixes(machine, fault),
            equivalents=fault.peers,
            detail=REFUSED,
        )


def _fixes(machine: StateMachine, fault: Fault) -> tuple[Fix, ...]:
    items = fault.state.node.items_at(fault.key) if fault.state is not None else []
    last = items[-1] if items else None
    held = next((item for item in items if item.start <= fault.where.start < item.end), None)
    is_alone = held is not None and len(held.items_at("ErrorEquals")) == 1
    if held is None or last is None or held is last or not is_alone or _has_all(last):
        return ()
    text = machine.file.text
    one, other = text[held.start : held.end], text[last.start : last.end]
    if _is_bound(one) or _is_bound(other):
        return ()
    edits = (Edit(Span.of(held), other), Edit(Span.of(last), one))
    return (Fix("Try it last", Safety.UNSAFE, edits=edits),)


def _has_all(item: Node) -> bool:
    return "States.ALL" in [node.text_at() for node in item.items_at("ErrorEquals")]


def _is_bound(text: str) -> bool:
    """Say whether a text means something else in another place."""
    return "&" in text or "*" in text or "#" in text or "//" in text
