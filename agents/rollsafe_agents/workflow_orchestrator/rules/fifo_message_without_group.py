"""A state machine sends to a FIFO queue or topic without saying in which order.

## What it does
Looks for Tasks that send to a queue or a topic whose name ends in `.fifo` (`sqs:sendMessage`, `sns:publish`) without a `MessageGroupId`.

## Why it matters
The call is refused with `MissingParameter`, each time: messages of one group are handed out in order, and SQS and SNS do not guess the group.

## Bad
```json title="workflows/order.asl.json"
{
  "StartAt": "Tell",
  "TimeoutSeconds": 600,
  "States": {
    "Tell": {
      "Type": "Task",
      "Resource": "arn:aws:states:::sqs:sendMessage",
      "Retry": [{"ErrorEquals": ["SQS.SdkClientException"], "MaxAttempts": 2}],
      "Parameters": {  // <-
        "QueueUrl": "https://sqs.eu-west-1.amazonaws.com/111122223333/orders.fifo",
        "MessageBody.$": "$.order"
      },
      "End": true
    }
  }
}
```

## Good
```json title="workflows/order.asl.json"
{
  "StartAt": "Tell",
  "TimeoutSeconds": 600,
  "States": {
    "Tell": {
      "Type": "Task",
      "Resource": "arn:aws:states:::sqs:sendMessage",
      "Retry": [{"ErrorEquals": ["SQS.SdkClientException"], "MaxAttempts": 2}],
      "Parameters": {
        "QueueUrl": "https://sqs.eu-west-1.amazonaws.com/111122223333/orders.fifo",
        "MessageBody.$": "$.order",
        "MessageGroupId.$": "$$.Execution.Name"
      },
      "End": true
    }
  }
}
```

## Fix
Takes the execution for the group, so that messages of one execution stay in order. Manual: where order matters between executions, the group is what
they are about.

## References
- [SQS: FIFO message group id](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagegroupid-property.html)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.step_functions import State
from rollsafe.formats.nodes import Mapping
from rollsafe.formats.yaml_edit import add_entry
from rollsafe.rules import Finding, Fix, Safety, Severity, rule

_TARGETS: Final = {
    ("sqs", "sendmessage"): ("QueueUrl",),
    ("sns", "publish"): ("TopicArn", "TargetArn"),
}


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.MANUAL)
def check(state: State) -> Iterator[Finding]:
    """Yield a finding for a message without a group to where groups are needed."""
    called = state.integration
    keys = _TARGETS.get((called.service, called.action.lower())) if called is not None else None
    sent = state.parameters
    if keys is None or not isinstance(sent, Mapping) or not sent.entries:
        return
    target = next((text for key in keys if (text := sent.text_at(key)) is not None), "")
    if not target.endswith(".fifo") or "{%" in target:
        return
    if sent.at("MessageGroupId") is not None or sent.at("MessageGroupId.$") is not None:
        return
    is_jsonata = sent is state.node.at("Arguments")
    name, value = (
        ("MessageGroupId", "{% $states.context.Execution.Name %}")
        if is_jsonata
        else (
            "MessageGroupId.$",
            "$$.Execution.Name",
        )
    )
    quoted = f'"{value}"' if sent.flow or is_jsonata else value
    edit = add_entry(state.file.text, sent, name, quoted)
    yield Finding(
        state.node.key_at("Arguments" if is_jsonata else "Parameters") or state.key,
        f"Task `{state.name}` sends to `{target.rpartition('/')[2].rpartition(':')[2]}` without a `MessageGroupId`",
        fixes=(Fix("Take the execution for the group", Safety.MANUAL, edits=(edit,)),),
        detail="every such call is refused: a FIFO queue keeps order within groups, and does not guess them",
    )
