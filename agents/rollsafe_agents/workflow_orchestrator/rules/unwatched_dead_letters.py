"""Nobody is told when a message ends in a dead-letter queue.

## What it does
Looks in templates that have alarms of CloudWatch for dead-letter queues no alarm is about. Templates without any alarm are left alone: their alarms
are kept elsewhere.

## Why it matters
A dead-letter queue is where messages wait for somebody to look. After fourteen days at most they are deleted, and what they were about is lost as
if there was no such queue.

## Bad
```yaml title="template.yaml"
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Orders:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 60
      RedrivePolicy:
        deadLetterTargetArn: !GetAtt OrdersDeadLetters.Arn
        maxReceiveCount: 5
  OrdersDeadLetters: # <-
    Type: AWS::SQS::Queue
    Properties:
      MessageRetentionPeriod: 1209600
  OrdersTooOld:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/SQS
      MetricName: ApproximateAgeOfOldestMessage
      Dimensions: [{Name: QueueName, Value: !GetAtt Orders.QueueName}]
      Statistic: Maximum
      Period: 300
      EvaluationPeriods: 1
      Threshold: 900
      ComparisonOperator: GreaterThanThreshold
```

## Good
```yaml title="template.yaml"
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Orders:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 60
      RedrivePolicy:
        deadLetterTargetArn: !GetAtt OrdersDeadLetters.Arn
        maxReceiveCount: 5
  OrdersDeadLetters:
    Type: AWS::SQS::Queue
    Properties:
      MessageRetentionPeriod: 1209600
  OrdersTooOld:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/SQS
      MetricName: ApproximateAgeOfOldestMessage
      Dimensions: [{Name: QueueName, Value: !GetAtt Orders.QueueName}]
      Statistic: Maximum
      Period: 300
      EvaluationPeriods: 1
      Threshold: 900
      ComparisonOperator: GreaterThanThreshold
  OrdersDeadLettersAlarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/SQS
      MetricName: ApproximateNumberOfMessagesVisible
      Dimensions:
        - Name: QueueName
          Value: !GetAtt OrdersDeadLetters.QueueName
      Statistic: Maximum
      Period: 300
      EvaluationPeriods: 1
      Threshold: 0
      ComparisonOperator: GreaterThanThreshold
      TreatMissingData: notBreaching
```

## Fix
Adds an alarm that rings when a message is there. Manual: whom it tells (`AlarmActions`) is for the author to say.

## References
- [SQS: alarms for dead-letter queues](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/dead-letter-queues-alarms-cloudwatch.html)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.cloud import CloudTemplate, Queue, Resource, reference_of
from rollsafe.artefacts.recognition.messages import is_for_dead_letters
from rollsafe.formats.nodes import Scalar, walk
from rollsafe.formats.yaml_edit import add_entry
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.cloud_edits import is_json

_ALARMS = frozenset({"AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"})


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.MANUAL, level=Level.PEDANTIC)
def check(template: CloudTemplate) -> Iterator[Finding]:
    """Yield a finding for each dead-letter queue without an alarm beside others that have one."""
    alarms = [one for one in template.resources.values() if one.type in _ALARMS]
    if not alarms or template.is_development:
        return
    watched = {name for one in alarms for name in _named_in(one)}
    for queue in template.queues.values():
        if queue.id not in template.dead_letter_queues and not is_for_dead_letters(queue.id):
            continue
        if queue.id in watched or (queue.resource.text("QueueName") or queue.id) in watched:
            continue
        yield Finding(
            queue.resource.key,
            f"No alarm is about `{queue.id}`: what ends there is deleted unseen",
            fixes=_fixes(template, queue),
            detail="messages wait there for somebody to look, for fourteen days at most",
        )


def _named_in(alarm: Resource) -> Iterator[str]:
    """Yield the resources and the names that an alarm speaks of."""
    for node in walk(alarm.properties):
        found = reference_of(node)
        if found is not None:
            yield found
        elif isinstance(node, Scalar):
            yield node.text


def _fixes(template: CloudTemplate, queue: Queue) -> tuple[Fix, ...]:
    holder = template.node.map_at("Resources") or template.node.map_at("resources", "Resources")
    new = f"{queue.id}Alarm"
    if holder is None or new in template.resources:
        return ()
    value = (
        f'{{"Fn::GetAtt": ["{queue.id}", "QueueName"]}}'
        if is_json(template)
        else f"!GetAtt {queue.id}.QueueName"
    )
    lines = (
        "Type: AWS::CloudWatch::Alarm\nProperties:\n  Namespace: AWS/SQS\n"
        "  MetricName: ApproximateNumberOfMessagesVisible\n"
        f"  Dimensions:\n    - Name: QueueName\n      Value: {value}\n"
        "  Statistic: Maximum\n  Period: 300\n  EvaluationPeriods: 1\n  Threshold: 0\n"
        "  ComparisonOperator: GreaterThanThreshold\n  TreatMissingData: notBreaching"
    )
    edit = add_entry(template.file.text, holder, new, lines)
    return (Fix(f"Add `{new}` (whom it tells is to be filled in)", Safety.MANUAL, edits=(edit,)),)
