"""A message that can never succeed comes back until it is too old.

## What it does
Looks for SQS queues without a `RedrivePolicy` that a Lambda function of the same template takes from. Queues that are dead-letter
queues themselves are left alone; queues whose readers are elsewhere are told at the level `auditor`.

## Why it matters
A message that makes the function fail is handed out again and again: it keeps the function busy for days, in a FIFO queue it holds up all
that come after it, and then it is deleted. Nobody sees which message it was.

## Bad
```yaml title="template.yaml"
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Orders: # <-
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 60
  Billing:
    Type: AWS::Serverless::Function
    Properties:
      Handler: billing.handle
      Runtime: python3.13
      Timeout: 10
      Events:
        Order:
          Type: SQS
          Properties:
            Queue: !GetAtt Orders.Arn
            FunctionResponseTypes: [ReportBatchItemFailures]
```

## Good
```yaml title="template.yaml"
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Orders:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 60
      RedrivePolicy:
        deadLetterTargetArn: !GetAtt OrdersDeadLetters.Arn
        maxReceiveCount: 5
  Billing:
    Type: AWS::Serverless::Function
    Properties:
      Handler: billing.handle
      Runtime: python3.13
      Timeout: 10
      Events:
        Order:
          Type: SQS
          Properties:
            Queue: !GetAtt Orders.Arn
            FunctionResponseTypes: [ReportBatchItemFailures]
  OrdersDeadLetters:
    Type: AWS::SQS::Queue
    Properties:
      MessageRetentionPeriod: 1209600
```

## Fix
Adds a queue for dead letters, which keeps them for fourteen days, and sends messages there after five attempts. Unsafe: what failed for ever
waits there until somebody looks, so that an alarm on it is wanted.

## References
- [SQS: dead-letter queues](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html)

## Equivalent rules
- `cdk-nag:AwsSolutions-SQS3`
- `cfn-lint:ES6000`
"""

from collections.abc import Iterator

from rollsafe.artefacts.cloud import CloudTemplate, Queue
from rollsafe.artefacts.recognition.messages import is_for_dead_letters
from rollsafe.formats.yaml_edit import stacked
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.cloud_edits import arn_of, dead_letters_for, with_property
from rollsafe.text import nearest


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE, level=Level.PEDANTIC)
def check(template: CloudTemplate) -> Iterator[Finding]:
    """Yield a finding for each queue whose failed messages go nowhere."""
    if template.is_development:
        return
    for queue in template.queues.values():
        if queue.redrive is not None or queue.resource.is_open or _is_for_dead_letters(template, queue):
            continue
        if any(_is_slip(entry.name) for entry in queue.resource.properties.entries):
            continue
        is_taken = bool(template.consumers_of(queue.id))
        yield Finding(
            queue.resource.key,
            f"Messages of `{queue.id}` that fail come back until they are too old, and are deleted then",
            fixes=_fixes(template, queue),
            detail="one message that can never succeed is worked on for days, and nobody sees which it was",
            level=None if is_taken else Level.AUDITOR,
        )


def _is_slip(name: str) -> bool:
    """Say whether a property is a policy whose name is misspelt, which another rule tells."""
    return name != "RedriveAllowPolicy" and nearest(name, ("RedrivePolicy",)) is not None


def _is_for_dead_letters(template: CloudTemplate, queue: Queue) -> bool:
    names = (queue.id, queue.resource.properties.text_at("QueueName") or "")
    return queue.id in template.dead_letter_queues or any(map(is_for_dead_letters, names))


def _fixes(template: CloudTemplate, queue: Queue) -> tuple[Fix, ...]:
    made = dead_letters_for(template, queue.id)
    if made is None:
        return ()
    new, adding = made
    value = f"deadLetterTargetArn: {arn_of(template, new)}\nmaxReceiveCount: 5"
    edits = with_property(queue.resource, "RedrivePolicy", value)
    return (
        (Fix(f"Send them to `{new}` after five attempts", Safety.UNSAFE, edits=stacked((*edits, adding))),)
        if edits
        else ()
    )
