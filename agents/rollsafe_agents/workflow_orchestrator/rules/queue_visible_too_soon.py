"""A queue hands out a message again while a function still works on it.

## What it does
Compares the `VisibilityTimeout` of SQS queues (30 seconds where nothing is said) with the timeout of the Lambda functions that
take from them in the same template of CloudFormation, SAM or the Serverless Framework. Times that the template computes are left alone.

## Why it matters
Lambda refuses the event source: the deployment fails with `Queue visibility timeout … is less than Function timeout`. If the
function got its longer timeout later, by hand or by another stack, messages that take longer than the queue waits are worked on twice at
the same time.

## Bad
```yaml title="template.yaml"
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Orders:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 30 # <-
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
      Timeout: 60
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
      VisibilityTimeout: 360
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
      Timeout: 60
      Events:
        Order:
          Type: SQS
          Properties:
            Queue: !GetAtt Orders.Arn
            FunctionResponseTypes: [ReportBatchItemFailures]
```

## Fix
Sets six times the function's timeout, as AWS advises, so that there is time for another attempt when the function is throttled. Unsafe: a message
whose attempt failed comes back later.

## References
- [Lambda: creating and configuring an SQS event source](https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html)

## Equivalent rules
- `cfn-lint:E3505`
"""

from collections.abc import Iterator

from rollsafe.artefacts.cloud import CloudTemplate, Consumer, Function, Queue
from rollsafe.artefacts.cloud.queues import LONGEST_VISIBILITY
from rollsafe.rules import Finding, Fix, Related, Safety, Severity, rule
from rollsafe.rules.cloud_edits import limit_at, span_of, with_property

_ADVISED = 6


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(template: CloudTemplate) -> Iterator[Finding]:
    """Yield a finding for each queue that is shorter than the longest of its functions."""
    for queue in template.queues.values():
        visible = queue.visibility
        slow = [
            one
            for one in template.consumers_of(queue.id)
            if one.kind == "SQS" and _seconds(one) > (visible or 0)
        ]
        if visible is None or not slow:
            continue
        function = max((one.function for one in slow if one.function is not None), key=_timeout)
        yield Finding(
            limit_at(queue, "VisibilityTimeout"),
            f"`{queue.id}` hides a message for {span_of(visible)}, and `{function.id}` may work on it for "
            f"{span_of(_timeout(function))}",
            fixes=_fixes(queue, slow),
            related=(Related(template.file, function.timeout_at, f"`{function.id}` may take this long"),),
            detail="Lambda refuses such a source of events when it is created; where it exists, a slow message is handed out twice",
        )


def _seconds(consumer: Consumer) -> int:
    return _timeout(consumer.function) if consumer.function is not None else 0


def _timeout(function: Function) -> int:
    return function.timeout or 0


def _fixes(queue: Queue, consumers: list[Consumer]) -> tuple[Fix, ...]:
    wanted = max(_ADVISED * _seconds(one) + (one.window or 0) for one in consumers)
    wanted = min(wanted, LONGEST_VISIBILITY)
    edits = with_property(queue.resource, "VisibilityTimeout", str(wanted))
    return (Fix(f"Hide messages for {wanted} seconds", Safety.UNSAFE, edits=edits),) if edits else ()
