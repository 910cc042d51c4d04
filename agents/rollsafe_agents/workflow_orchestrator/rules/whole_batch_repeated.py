"""One message that fails has all messages of its batch done again.

## What it does
Looks for functions that get several messages of an SQS queue at once (`BatchSize`, ten where nothing is said) and do not report which of them
failed: `FunctionResponseTypes` without `ReportBatchItemFailures`. A batch of one is left alone.

## Why it matters
When the function fails, all messages of the batch become visible again, those that succeeded too. They are done twice, and a single
message that can never succeed takes the other nine with it to the dead-letter queue.

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
        Order: # <-
          Type: SQS
          Properties:
            Queue: !GetAtt Orders.Arn
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
Asks for the report. Manual: the function has to return `batchItemFailures`; one that returns something else counts as a success of the whole
batch, and what failed is lost.

## References
- [Lambda: handling errors for an SQS event source](https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.cloud import CloudTemplate, Consumer
from rollsafe.formats.yaml_edit import add_entry
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.MANUAL, level=Level.PEDANTIC)
def check(template: CloudTemplate) -> Iterator[Finding]:
    """Yield a finding for each consumer that cannot tell which message failed."""
    if template.is_development:
        return
    for one in template.consumers:
        batch = one.batch
        if one.kind != "SQS" or batch is None or batch < 2 or one.reports_failed_items or one.is_open:
            continue
        name = one.function.id if one.function is not None else one.source
        yield Finding(
            one.key,
            f"`{name}` gets up to {batch} messages at once, and one that fails has all of them done again",
            fixes=_fixes(template, one),
            detail="messages of the batch that succeeded are worked on twice",
        )


def _fixes(template: CloudTemplate, consumer: Consumer) -> tuple[Fix, ...]:
    if not consumer.settings.entries:
        return ()
    key = "functionResponseType" if consumer.is_serverless else "FunctionResponseTypes"
    one = '"ReportBatchItemFailures"' if template.node.flow else "ReportBatchItemFailures"
    value = one if consumer.is_serverless else f"[{one}]"
    edit = add_entry(template.file.text, consumer.settings, key, value)
    return (Fix("Report failed messages one by one", Safety.MANUAL, edits=(edit,)),)
