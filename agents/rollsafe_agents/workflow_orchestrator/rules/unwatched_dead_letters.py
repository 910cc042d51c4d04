"""Nobody is told when a message ends in a dead-letter queue.

## What it does
Looks in templates that have an alarm of CloudWatch on a queue for dead-letter queues no alarm is about. Templates without one are left alone: their
alarms are kept elsewhere.

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

from rollsafe.artefacts.cloud import CloudTemplate, Queue
from rollsafe.artefacts.recognition.messages import is_for_dead_letters
from rollsafe.formats.yaml_edit import add_entry
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.cloud_edits import alarm_on, resources_of


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.MANUAL, level=Level.PEDANTIC)
def check(template: CloudTemplate) -> Iterator[Finding]:
    """Yield a finding for each dead-letter queue without an alarm beside others that have one."""
    if template.is_development or not template.watches_queues:
        return
    for queue in template.queues.values():
        if queue.id not in template.dead_letter_queues and not is_for_dead_letters(queue.id):
            continue
        if queue.id in template.watched or (queue.resource.text("QueueName") or queue.id) in template.watched:
            continue
        yield Finding(
            queue.resource.key,
            f"No alarm is about `{queue.id}`: what ends there is deleted unseen",
            fixes=_fixes(template, queue),
            detail="messages wait there for somebody to look, for fourteen days at most",
        )


def _fixes(template: CloudTemplate, queue: Queue) -> tuple[Fix, ...]:
    holder, alarm = resources_of(template), alarm_on(template, queue.id)
    if holder is None or alarm[0] in template.resources:
        return ()
    edit = add_entry(template.file.text, holder, *alarm)
    return (Fix(f"Add `{alarm[0]}` (whom it tells is to be filled in)", Safety.MANUAL, edits=(edit,)),)
