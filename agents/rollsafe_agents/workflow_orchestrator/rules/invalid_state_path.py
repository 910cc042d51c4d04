"""A path or an intrinsic function of a state cannot be read.

## What it does
Reads the JSONPaths of a state (`InputPath`, `ResultPath`, `Variable`, fields that end with `.$` …): the syntax, intrinsic
functions with their arguments, and paths that may name several nodes where only one can be meant.

## Why it matters
AWS refuses the whole definition. The deployment stops there, or the machine goes on with the definition it had.

## Bad
```json title="workflows/order.asl.json"
{
  "StartAt": "Take",
  "States": {
    "Take": {
      "Type": "Pass",
      "Result": 1,
      "ResultPath": ".taken",  // <-
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
      "Result": 1,
      "ResultPath": "$.taken",
      "Next": "Done"
    },
    "Done": {"Type": "Succeed"}
  }
}
```

## Fix
Writes the `$` that is missing before a path. Unsafe: a fixed value may be meant.

## References
- [Step Functions: paths](https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html)
- [Step Functions: intrinsic functions](https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html)

## Equivalent rules
- `asl-validator:SCHEMA_VALIDATION_FAILED`
- `statelint:problem`
"""

import re
from collections.abc import Iterator

from rollsafe.artefacts.step_functions import Fault, FaultKind, StateMachine
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.rules.state_machines import REFUSED, of_kind, place

_LONGEST = 60
_WITHOUT_ROOT = re.compile(r"(?:\.\w+)+\Z")


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(machine: StateMachine) -> Iterator[Finding]:
    """Yield a finding for each path that cannot be read, or not there."""
    for fault in of_kind(machine, FaultKind.PATH):
        text = " ".join(fault.where.text.split()) if isinstance(fault.where, Scalar) else ""
        yield Finding(
            fault.where,
            f"`{fault.key}` of {place(machine, fault)} is `{text[:_LONGEST]}`, which {fault.told}",
            fixes=_fixes(fault),
            equivalents=fault.peers,
            detail=REFUSED,
        )


def _fixes(fault: Fault) -> tuple[Fix, ...]:
    node = fault.where
    if not isinstance(node, Scalar) or node.block or not _WITHOUT_ROOT.match(node.text):
        return ()
    return (Fix(f"Write `${node.text}`", Safety.UNSAFE, edits=(set_value(node, f"${node.text}"),)),)
