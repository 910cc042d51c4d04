"""A retry adds to a number that the failed attempt may have added to already.

## What it does
Looks for Tasks that change an item of DynamoDB by counting (`ADD`, `SET n = n + :x`, `list_append`) without a `ConditionExpression`, and are retried
after errors that say nothing of whether the change was made: `States.ALL`, `States.TaskFailed`, `States.Timeout`.

## Why it matters
An attempt that timed out may have been carried out all the same. The next one adds once more: the stock is short by one, the balance is off, and
nothing shows it.

## Bad
```json title="workflows/stock.asl.json"
{
  "StartAt": "Count",
  "TimeoutSeconds": 600,
  "States": {
    "Count": {
      "Type": "Task",
      "Resource": "arn:aws:states:::dynamodb:updateItem",
      "Parameters": {
        "TableName": "stock",
        "Key": {"id": {"S.$": "$.id"}},
        "UpdateExpression": "SET sold = sold + :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}}
      },
      "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3}],  // <-
      "End": true
    }
  }
}
```

## Good
```json title="workflows/stock.asl.json"
{
  "StartAt": "Count",
  "TimeoutSeconds": 600,
  "States": {
    "Count": {
      "Type": "Task",
      "Resource": "arn:aws:states:::dynamodb:updateItem",
      "Parameters": {
        "TableName": "stock",
        "Key": {"id": {"S.$": "$.id"}},
        "UpdateExpression": "SET sold = sold + :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}}
      },
      "Retry": [{"ErrorEquals": ["DynamoDB.ProvisionedThroughputExceededException"], "MaxAttempts": 3}],
      "End": true
    }
  }
}
```

## Fix
Retries only what DynamoDB turned away before it did anything. Unsafe: other failures end the Task at once. A condition, or the id of the
execution kept in the item, makes all retries harmless.

## References
- [DynamoDB: atomic counters are not idempotent](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithItems.html#WorkingWithItems.AtomicCounters)

## Equivalent rules
None known.
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.step_functions import Retrier, State
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule

_COUNTS = re.compile(
    r"\bADD\s+[\w#.]+\s+:|=\s*(?:if_not_exists\([^)]{0,200}\)|[\w#.]+)\s*[+-]\s*:|list_append\(", re.I
)
_UNCLEAR: Final = frozenset({"States.ALL", "States.TaskFailed", "States.Timeout"})
_TURNED_AWAY: Final = "DynamoDB.ProvisionedThroughputExceededException"


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE, level=Level.PEDANTIC)
def check(state: State) -> Iterator[Finding]:
    """Yield a finding for each retrier that may count twice."""
    called, sent = state.integration, state.parameters
    if (
        called is None
        or sent is None
        or (called.service, called.action.lower()) != ("dynamodb", "updateitem")
    ):
        return
    if not _COUNTS.search(sent.text_at("UpdateExpression") or "") or _has_condition(state):
        return
    for retrier in state.retry:
        unclear = [one for one in retrier.errors if one in _UNCLEAR]
        if not unclear or retrier.max_attempts == 0:
            continue
        yield Finding(
            retrier.node,
            f"`{state.name}` counts, and is tried again after `{unclear[0]}`, when it may have counted already",
            fixes=_fixes(retrier),
            detail="an attempt whose answer was lost has been carried out, and the next one adds once more",
        )


def _has_condition(state: State) -> bool:
    sent = state.parameters
    keys = ("ConditionExpression", "ConditionExpression.$", "Expected")
    return sent is not None and any(sent.at(key) is not None for key in keys)


def _fixes(retrier: Retrier) -> tuple[Fix, ...]:
    listed = retrier.node.items_at("ErrorEquals")
    if len(listed) != 1 or not isinstance(listed[0], Scalar):
        return ()
    edits = (set_value(listed[0], _TURNED_AWAY),)
    return (Fix("Retry only what was turned away", Safety.UNSAFE, edits=edits),)
