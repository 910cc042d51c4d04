"""A dead-letter queue keeps messages for a shorter time than the queue they come from.

## What it does
Compares the `MessageRetentionPeriod` of an SQS queue with that of the queue its `RedrivePolicy` names in the same template; where nothing is
said, both keep messages for four days. FIFO queues are left alone: there, the time begins anew when a message is moved.

## Why it matters
The age of a message counts from when it was first sent, not from when it was moved. A message that waited in the queue through a long
weekend is older than the dead-letter queue allows when it gets there, and is deleted before anybody looks at it.

## Bad
```yaml title="template.yaml"
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Orders:
    Type: AWS::SQS::Queue
    Properties:
      MessageRetentionPeriod: 604800
      RedrivePolicy:
        deadLetterTargetArn: !GetAtt OrdersDeadLetters.Arn
        maxReceiveCount: 5
  OrdersDeadLetters:
    Type: AWS::SQS::Queue
    Properties:
      MessageRetentionPeriod: 86400 # <-
```

## Good
```yaml title="template.yaml"
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Orders:
    Type: AWS::SQS::Queue
    Properties:
      MessageRetentionPeriod: 604800
      RedrivePolicy:
        deadLetterTargetArn: !GetAtt OrdersDeadLetters.Arn
        maxReceiveCount: 5
  OrdersDeadLetters:
    Type: AWS::SQS::Queue
    Properties:
      MessageRetentionPeriod: 1209600
```

## Fix
Keeps dead letters for fourteen days, the longest there is. Unsafe: what is in them is stored for longer.

## References
- [SQS: dead-letter queues and message retention](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.cloud import CloudTemplate, Queue
from rollsafe.artefacts.cloud.queues import LONGEST_RETENTION
from rollsafe.rules import Finding, Fix, Related, Safety, Severity, rule
from rollsafe.rules.cloud_edits import limit_at, span_of, with_property


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(template: CloudTemplate) -> Iterator[Finding]:
    """Yield a finding for each dead-letter queue, compared with the queue that keeps messages longest."""
    sources: dict[str, list[Queue]] = {}
    for queue in template.queues.values():
        if queue.dead_letters in template.queues and queue.is_fifo is False:
            sources.setdefault(queue.dead_letters, []).append(queue)
    for id_, queues in sources.items():
        letters = template.queues[id_]
        longest = max(queues, key=lambda one: one.retention or 0)
        if letters.retention is None or (longest.retention or 0) <= letters.retention:
            continue
        edits = with_property(letters.resource, "MessageRetentionPeriod", str(LONGEST_RETENTION))
        yield Finding(
            limit_at(letters, "MessageRetentionPeriod"),
            f"`{id_}` keeps dead letters for {span_of(letters.retention)}, and `{longest.id}` keeps its messages for "
            f"{span_of(longest.retention or 0)}",
            fixes=(Fix("Keep dead letters for 14 days", Safety.UNSAFE, edits=edits),) if edits else (),
            related=(
                Related(
                    template.file,
                    limit_at(longest, "MessageRetentionPeriod"),
                    f"`{longest.id}` keeps them longer",
                ),
            ),
            detail="age counts from when a message was first sent: an old one is deleted as soon as it is moved",
        )
