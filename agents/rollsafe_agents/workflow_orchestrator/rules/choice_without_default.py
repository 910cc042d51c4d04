"""A Choice of a state machine has no way for what none of its rules foresees.

## What it does
Reports Choice states without a `Default`, unless their rules leave nothing out: a field that is `true` or `false`, there or not, below a number or
not below it, a condition and its opposite.

## Why it matters
A status that nobody thought of ends the execution with `States.NoChoiceMatched`, which no `Catch` can catch, in the middle of what it
was doing. With a `Default` it fails by a name that says what happened, or goes to where failures are handled.

## Bad
```json title="workflows/order.asl.json"
{
  "StartAt": "Paid?",
  "States": {
    "Paid?": {  // <-
      "Type": "Choice",
      "Choices": [
        {"Variable": "$.status", "StringEquals": "paid", "Next": "Shipped"},
        {"Variable": "$.status", "StringEquals": "refused", "Next": "Refused"}
      ]
    },
    "Shipped": {"Type": "Succeed"},
    "Refused": {"Type": "Fail", "Error": "Refused"}
  }
}
```

## Good
```json title="workflows/order.asl.json"
{
  "StartAt": "Paid?",
  "States": {
    "Paid?": {
      "Type": "Choice",
      "Choices": [
        {"Variable": "$.status", "StringEquals": "paid", "Next": "Shipped"},
        {"Variable": "$.status", "StringEquals": "refused", "Next": "Refused"}
      ],
      "Default": "Unforeseen"
    },
    "Shipped": {"Type": "Succeed"},
    "Refused": {"Type": "Fail", "Error": "Refused"},
    "Unforeseen": {
      "Type": "Fail",
      "Error": "Unforeseen",
      "Cause": "no rule fits"
    }
  }
}
```

## Fix
Adds a state that fails by a name of its own, and leads there. Unsafe: whoever watches for `States.NoChoiceMatched` gets another name.

## References
- [Step Functions: Choice state](https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.step_functions import State
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.formats.yaml_edit import add_entry, stacked
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule

_NEW: Final = "Unforeseen"
_OPPOSITES: Final = {
    "NumericLessThan": "NumericGreaterThanEquals",
    "NumericLessThanEquals": "NumericGreaterThan",
    "StringLessThan": "StringGreaterThanEquals",
    "StringLessThanEquals": "StringGreaterThan",
    "TimestampLessThan": "TimestampGreaterThanEquals",
    "TimestampLessThanEquals": "TimestampGreaterThan",
}
_MORE: Final = {f"{one}Path": f"{other}Path" for one, other in _OPPOSITES.items()}
_Told = tuple[str, ...]


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE, level=Level.PEDANTIC)
def check(state: State) -> Iterator[Finding]:
    """Yield a finding for a Choice that may match nothing."""
    if state.type != "Choice" or state.node.at("Default") is not None or not state.choices:
        return
    if _leaves_nothing_out(state.choices):
        return
    yield Finding(
        state.key,
        f"Choice `{state.name}` has no `Default`: what none of its rules foresees fails the execution",
        fixes=_fixes(state),
        detail=f"`States.NoChoiceMatched` in `{state.name}` cannot be caught",
    )


def _leaves_nothing_out(choices: list[Node]) -> bool:
    told = {found for one in choices if (found := _told(one)) is not None}
    return any(_opposite(one) in told for one in told) or any(one[-1] == "always" for one in told)


def _told(choice: Node) -> _Told | None:
    """Return what a rule compares as variable, operator and value; None for one that says more than that."""
    condition = choice.at("Condition")
    if isinstance(condition, Scalar):
        inner = condition.text.strip().removeprefix("{%").removesuffix("%}").strip()
        return ("", "", "always") if inner == "true" else ("condition", inner)
    inverted = choice.at("Not")
    if inverted is not None:
        inside = _told(inverted)
        return ("not", *inside) if inside is not None else None
    variable = choice.text_at("Variable")
    entries = choice.entries if isinstance(choice, Mapping) else []
    tests = [one for one in entries if one.name not in ("Variable", "Next", "Comment", "Assign", "Output")]
    if variable is None or len(tests) != 1 or not isinstance(tests[0].value, Scalar):
        return None
    return variable, tests[0].name, tests[0].value.text.lower()


def _opposite(told: _Told) -> _Told:
    """Return what holds exactly where `told` does not."""
    if told[0] == "not":
        return told[1:]
    if told[0] == "condition":
        return "condition", f"$not({told[1]})"
    variable, operator, value = told
    if value in ("true", "false"):
        return variable, operator, "false" if value == "true" else "true"
    other = _OPPOSITES.get(operator) or _MORE.get(operator)
    return (variable, other, value) if other is not None else ("not", *told)


def _fixes(state: State) -> tuple[Fix, ...]:
    states, text = state.scope.node.map_at("States"), state.file.text
    if states is None or _NEW in state.scope.by_name or not state.node.entries:
        return ()
    new = f"Type: Fail\nError: {_NEW}\nCause: no rule fits"
    edits = (add_entry(text, state.node, "Default", _NEW), add_entry(text, states, _NEW, new))
    return (Fix("Fail by a name of its own", Safety.UNSAFE, edits=stacked(edits)),)
