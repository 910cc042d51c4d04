"""A message is set aside after its first attempt.

## What it does
Looks for SQS queues with `maxReceiveCount: 1` that a Lambda function of the same template takes from.

## Why it matters
Not only errors of the function count as attempts. A message that was handed out while the function was throttled, or in a batch with
another that failed, is in the dead-letter queue without having been looked at.

## Bad
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
        maxReceiveCount: 1 # <-
  OrdersDeadLetters:
    Type: AWS::SQS::Queue
    Properties:
      MessageRetentionPeriod: 1209600
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
  OrdersDeadLetters:
    Type: AWS::SQS::Queue
    Properties:
      MessageRetentionPeriod: 1209600
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

## Fix
Allows five attempts, the fewest AWS advises for Lambda. Unsafe: a message may be worked on several times, so that doing it twice has to be
harmless.

## References
- [Lambda: configuring a queue for use as a source](https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.cloud import CloudTemplate
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE, level=Level.PEDANTIC)
def check(template: CloudTemplate) -> Iterator[Finding]:
    """Yield a finding for each queue of one attempt that a function takes from."""
    for queue in template.queues.values():
        if queue.tries != 1 or queue.redrive is None or template.is_development:
            continue
        value = queue.redrive.at("maxReceiveCount")
        consumers = [one for one in template.consumers_of(queue.id) if one.kind == "SQS"]
        if not consumers or not isinstance(value, Scalar):
            continue
        yield Finding(
            value,
            f"`{queue.id}` sets a message aside after one attempt, which throttling counts as well",
            fixes=(Fix("Allow five attempts", Safety.UNSAFE, edits=(set_value(value, "5"),)),),
            detail="a message that was handed out while no function could run is in the dead-letter queue unseen",
        )
