"""More batches of a queue are handed out at once than the function may run.

## What it does
Adds up the `MaximumConcurrency` of all queues a Lambda function takes from, and compares it with the `ReservedConcurrentExecutions` of the
function in the same template. A function that may not run at all is left alone: somebody has switched it off.

## Why it matters
Calls beyond what is reserved are throttled. Each throttled message counts as received, and after `maxReceiveCount` of these it is in the dead-letter
queue although nothing was wrong with it.

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
      ReservedConcurrentExecutions: 5
      Events:
        Order:
          Type: SQS
          Properties:
            Queue: !GetAtt Orders.Arn
            FunctionResponseTypes: [ReportBatchItemFailures]
            ScalingConfig:
              MaximumConcurrency: 20 # <-
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
      ReservedConcurrentExecutions: 5
      Events:
        Order:
          Type: SQS
          Properties:
            Queue: !GetAtt Orders.Arn
            FunctionResponseTypes: [ReportBatchItemFailures]
            ScalingConfig:
              MaximumConcurrency: 5
```

## Fix
Hands out as many as may run. Unsafe: the queue is worked off more slowly than it was meant to be. None where several queues share the function, or where
fewer than two may run, which is the least a queue takes.

## References
- [Lambda: maximum concurrency of SQS event sources](https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.cloud import CloudTemplate, Consumer, Function
from rollsafe.artefacts.cloud.resources import number_in
from rollsafe.formats.nodes import Node, Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Related, Safety, Severity, rule

_LEAST = 2


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(template: CloudTemplate) -> Iterator[Finding]:
    """Yield a finding for each function whose queues ask for more of it than there may be."""
    by_function: dict[str, list[tuple[Consumer, Node]]] = {}
    for one in template.consumers:
        limit = _limit_of(one)
        if one.kind == "SQS" and one.function is not None and limit is not None:
            by_function.setdefault(one.function.id, []).append((one, limit))
    for id_, consumers in by_function.items():
        reserved = _reserved(template.functions[id_])
        most = number_in(reserved)
        asked = [number_in(limit) or 0 for _, limit in consumers]
        if reserved is None or not most or sum(asked) <= most:
            continue
        limit = consumers[0][1]
        yield Finding(
            limit,
            f"Up to {sum(asked)} batches are handed to `{id_}` at once, and {most} of it may run",
            fixes=_fixes(limit, most) if len(consumers) == 1 else (),
            related=(Related(template.file, reserved, f"so many of `{id_}` may run"),),
            detail="calls beyond that are throttled, and messages end in the dead-letter queue with nothing wrong with them",
        )


def _limit_of(consumer: Consumer) -> Node | None:
    if consumer.is_serverless:
        return consumer.settings.at("maximumConcurrency")
    return consumer.settings.at("ScalingConfig", "MaximumConcurrency")


def _reserved(function: Function) -> Node | None:
    return function.holder.at("ReservedConcurrentExecutions") or function.holder.at("reservedConcurrency")


def _fixes(limit: Node, most: int) -> tuple[Fix, ...]:
    if most < _LEAST or not isinstance(limit, Scalar):
        return ()
    edits = (set_value(limit, str(most)),)
    return (Fix(f"Hand out {most} at once", Safety.UNSAFE, edits=edits),)
