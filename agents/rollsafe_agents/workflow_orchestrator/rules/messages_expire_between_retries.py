"""A queue throws messages away before they were tried as often as it says.

## What it does
Multiplies the `maxReceiveCount` of SQS queues by their `VisibilityTimeout`, the time between two attempts that fail, and compares it
with `MessageRetentionPeriod` (four days where nothing is said).

## Why it matters
The age of a message counts from the moment it was sent. When all attempts together take longer than the queue keeps messages, one that
keeps failing is deleted in between: it never gets to the dead-letter queue, no alarm on that rings, and what it was about is lost.

## Bad
```yaml title="template.yaml"
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Exports:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 3600
      MessageRetentionPeriod: 14400 # <-
      RedrivePolicy:
        deadLetterTargetArn: !GetAtt ExportsDeadLetters.Arn
        maxReceiveCount: 10
  ExportsDeadLetters:
    Type: AWS::SQS::Queue
    Properties:
      MessageRetentionPeriod: 1209600
```

## Good
```yaml title="template.yaml"
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Exports:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 3600
      MessageRetentionPeriod: 345600
      RedrivePolicy:
        deadLetterTargetArn: !GetAtt ExportsDeadLetters.Arn
        maxReceiveCount: 10
  ExportsDeadLetters:
    Type: AWS::SQS::Queue
    Properties:
      MessageRetentionPeriod: 1209600
```

## Fix
Keeps messages for four days, or for fourteen where that is not twice as long as the attempts take; the dead-letter queue of the same
template gets as long at least. Unsafe: what piles up is kept longer.

## References
- [SQS: dead-letter queues](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.cloud import CloudTemplate, Queue
from rollsafe.artefacts.cloud.queues import LONGEST_RETENTION, RETENTION
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.rules.cloud_edits import limit_at, span_of, with_property


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(template: CloudTemplate) -> Iterator[Finding]:
    """Yield a finding for each queue whose attempts take longer than it keeps messages."""
    for queue in template.queues.values():
        tries, visible, kept = queue.tries, queue.visibility, queue.retention
        if tries is None or visible is None or kept is None or tries * visible < kept:
            continue
        yield Finding(
            limit_at(queue, "MessageRetentionPeriod"),
            f"`{queue.id}` keeps a message for {span_of(kept)}, and its {tries} attempts take {span_of(tries * visible)}",
            fixes=_fixes(template, queue, tries * visible),
            detail="a message that keeps failing is deleted on the way and never gets to the dead-letter queue",
        )


def _fixes(template: CloudTemplate, queue: Queue, budget: int) -> tuple[Fix, ...]:
    wanted = RETENTION if 2 * budget <= RETENTION else LONGEST_RETENTION
    if budget >= wanted:
        return ()
    edits = with_property(queue.resource, "MessageRetentionPeriod", str(wanted))
    letters = template.queues.get(queue.dead_letters)
    if edits and letters is not None and letters.retention is not None and letters.retention < wanted:
        edits += with_property(letters.resource, "MessageRetentionPeriod", str(LONGEST_RETENTION))
    return (Fix(f"Keep messages for {span_of(wanted)}", Safety.UNSAFE, edits=edits),) if edits else ()
