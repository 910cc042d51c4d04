"""A Task waits for a worker that may be gone, and asks for no sign of life.

## What it does
Reports Task states that wait for a token or for the worker of an activity, have a time limit of an hour or more, and no `HeartbeatSeconds` (or
its path form).

## Why it matters
When the worker dies, the execution goes on waiting until the time limit, as if the work was going well. With a heartbeat it is known
after minutes, and another attempt begins.

## Bad
```json title="workflows/render.asl.json"
{
  "StartAt": "Render",
  "States": {
    "Render": {  // <-
      "Type": "Task",
      "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
      "Parameters": {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/1/render", "MessageBody": {"token.$": "$$.Task.Token"}},
      "TimeoutSeconds": 86400,
      "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}],
      "End": true
    }
  }
}
```

## Good
```json title="workflows/render.asl.json"
{
  "StartAt": "Render",
  "States": {
    "Render": {
      "Type": "Task",
      "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
      "Parameters": {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/1/render", "MessageBody": {"token.$": "$$.Task.Token"}},
      "TimeoutSeconds": 86400,
      "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}],
      "End": true,
      "HeartbeatSeconds": 300
    }
  }
}
```

## Fix
Asks for a heartbeat every five minutes. Manual: the worker has to call `SendTaskHeartbeat`; where a person answers, as in an approval, there
is none.

## References
- [Step Functions: heartbeats of a waiting task](https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#wait-token-hearbeat)

## Equivalent rules
None known.
"""

import re
from collections.abc import Iterator

from rollsafe.artefacts.step_functions import State
from rollsafe.formats.yaml_edit import add_entry
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule

_LONG = 3600
_PERSON = re.compile(r"approv|review|confirm|manual|human|sign[ _-]?off|consent|decision", re.I)


@rule(severity=Severity.INFO, since="0.1.0", fix=Safety.MANUAL, level=Level.PEDANTIC)
def check(state: State) -> Iterator[Finding]:
    """Yield a finding for a Task that waits long and hears nothing."""
    if not (state.waits_for_token or state.is_activity) or state.has_heartbeat:
        return
    limit = state.timeout_seconds
    if limit is None or limit < _LONG or _PERSON.search(f"{state.name} {state.resource or ''}"):
        return
    edit = add_entry(state.file.text, state.node, "HeartbeatSeconds", "300")
    yield Finding(
        state.key,
        f"Task `{state.name}` notices only after {limit} s that its worker is gone",
        fixes=(Fix("Ask for a heartbeat every five minutes (adjust)", Safety.MANUAL, edits=(edit,)),),
        detail="without a heartbeat a dead worker looks like one that is busy",
    )
