"""A distributed Map starts as many executions at once as there are items.

## What it does
Reports Map states in the mode `DISTRIBUTED` without `MaxConcurrency` (or its path form).

## Why it matters
Without a limit, up to 10 000 child executions run at once. They take all concurrency the account has for Lambda, throttle what customers are
waiting for, and hit the database behind with as many connections.

## Bad
```json title="workflows/import.asl.json"
{
  "StartAt": "Import",
  "States": {
    "Import": {  // <-
      "Type": "Map",
      "ItemProcessor": {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "Row",
        "States": {"Row": {"Type": "Pass", "End": true}}
      },
      "End": true
    }
  }
}
```

## Good
```json title="workflows/import.asl.json"
{
  "StartAt": "Import",
  "States": {
    "Import": {
      "Type": "Map",
      "ItemProcessor": {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "Row",
        "States": {"Row": {"Type": "Pass", "End": true}}
      },
      "End": true,
      "MaxConcurrency": 100
    }
  }
}
```

## Fix
Allows a hundred at once. Manual: how many what is behind can take is for the author to say.

## References
- [Step Functions: MaxConcurrency of distributed Map](https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.step_functions import State
from rollsafe.formats.yaml_edit import add_entry
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.MANUAL, level=Level.PEDANTIC)
def check(state: State) -> Iterator[Finding]:
    """Yield a finding for a distributed Map that nothing limits."""
    if not state.is_distributed:
        return
    if state.node.at("MaxConcurrency") is not None or state.node.at("MaxConcurrencyPath") is not None:
        return
    edit = add_entry(state.file.text, state.node, "MaxConcurrency", "100")
    yield Finding(
        state.key,
        f"Map `{state.name}` runs up to 10 000 executions at once",
        fixes=(Fix("Limit it to 100 at once (adjust)", Safety.MANUAL, edits=(edit,)),),
        detail="they take all concurrency of the account, and what is behind gets as many calls",
    )
