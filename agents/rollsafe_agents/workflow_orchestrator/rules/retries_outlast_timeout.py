"""A state machine ends before its Tasks have been tried as often as they say.

## What it does
Adds up, for each `Retry` item of a state machine with a `TimeoutSeconds` of its own, the waits between the attempts (`IntervalSeconds`, `BackoffRate`,
`MaxDelaySeconds`), and compares them with that limit; likewise the `TimeoutSeconds` of a Task.

## Why it matters
The execution is ended with `States.Timeout` while it waits for the next attempt. No `Catch` sees that: the later attempts and the way for failures
are there on paper only, and what was begun is left as it is.

## Bad
```json title="workflows/order.asl.json"
{
  "StartAt": "Charge",
  "TimeoutSeconds": 120,
  "States": {
    "Charge": {
      "Type": "Task",
      "Resource": "arn:aws:states:::lambda:invoke",
      "Retry": [  // <-
        {"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 30, "MaxAttempts": 4, "BackoffRate": 2}
      ],
      "End": true
    }
  }
}
```

## Good
```json title="workflows/order.asl.json"
{
  "StartAt": "Charge",
  "TimeoutSeconds": 900,
  "States": {
    "Charge": {
      "Type": "Task",
      "Resource": "arn:aws:states:::lambda:invoke",
      "Retry": [
        {"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 30, "MaxAttempts": 4, "BackoffRate": 2}
      ],
      "End": true
    }
  }
}
```

## Fix
Gives the machine twice the time the attempts wait. Unsafe: an execution that hangs is ended later.

## References
- [Step Functions: retrying after an error](https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-retrying-after-an-error)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.step_functions import Retrier, State
from rollsafe.formats.nodes import Node, Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Related, Safety, Severity, rule
from rollsafe.text import Located

_INTERVAL, _ATTEMPTS, _RATE = 1, 3, 2.0
_MOST = 100
_LONGEST = 31_536_000


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(state: State) -> Iterator[Finding]:
    """Yield a finding for each wait of a state that its machine does not live to see."""
    limit, node = state.machine.timeout_seconds, state.machine.node.at("TimeoutSeconds")
    if limit is None or node is None:
        return
    waits = [seconds for one in state.retry if (seconds := _waits(one)) is not None]
    place = state.node.key_at("Retry")
    if waits and max(waits) >= limit and place is not None:
        yield _finding(
            state, place, f"waits {int(max(waits))} s between its attempts", limit, node, max(waits)
        )
    own = state.timeout_seconds
    key = state.node.key_at("TimeoutSeconds")
    if own is not None and own > limit and key is not None:
        yield _finding(state, key, f"may take {own} s", limit, node, own)


def _finding(state: State, place: Located, what: str, limit: int, node: Node, seconds: float) -> Finding:
    wanted = min(-(-int(2 * seconds) // 60) * 60, _LONGEST)
    fixes: tuple[Fix, ...] = ()
    if isinstance(node, Scalar) and wanted > seconds:
        fixes = (
            Fix(f"End the machine after {wanted} s", Safety.UNSAFE, edits=(set_value(node, str(wanted)),)),
        )
    return Finding(
        place,
        f"`{state.name}` {what}, and its machine ends after {limit} s",
        fixes=fixes,
        related=(Related(state.file, node, "the machine ends then"),),
        detail=f"the execution ends with `States.Timeout` while `{state.name}` is still at it, and no `Catch` sees that",
    )


def _waits(one: Retrier) -> float | None:
    """Return the seconds between all attempts together; None for what is not written as a number."""
    rate = _rate(one)
    longest = one.node.int_at("MaxDelaySeconds")
    if rate is None or any(
        one.node.at(key) is not None and one.node.int_at(key) is None
        for key in ("IntervalSeconds", "MaxAttempts")
    ):
        return None
    wait: float = _INTERVAL if one.interval_seconds is None else one.interval_seconds
    attempts = _ATTEMPTS if one.max_attempts is None else one.max_attempts
    total = 0.0
    for _ in range(min(attempts, _MOST)):
        total += min(wait, longest) if longest is not None else wait
        wait = min(wait * rate, _LONGEST)
    return total if one.node.text_at("JitterStrategy") != "FULL" else None


def _rate(one: Retrier) -> float | None:
    if one.backoff_rate is None:
        return _RATE
    try:
        return max(float(one.backoff_rate), 1.0)
    except ValueError:
        return None
