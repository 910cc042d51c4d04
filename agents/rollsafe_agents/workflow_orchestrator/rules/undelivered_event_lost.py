"""An event that cannot be delivered is thrown away.

## What it does
Looks for subscriptions of SNS topics (to queues, functions and HTTP endpoints) without a `RedrivePolicy`, and for targets of EventBridge rules
that react to events without a `DeadLetterConfig`. Schedules and subscriptions of people by mail or text message are left alone.

## Why it matters
SNS and EventBridge try again for a while, for an HTTP endpoint an hour at most. A permission that was taken away, a deleted queue or an
endpoint that is down for longer loses every event in between, and nothing says which they were.

## Bad
```yaml title="template.yaml"
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  OrderPlaced:
    Type: AWS::SNS::Topic
  ToShipping: # <-
    Type: AWS::SNS::Subscription
    Properties:
      TopicArn: !Ref OrderPlaced
      Protocol: https
      Endpoint: https://shipping.example.com/orders
```

## Good
```yaml title="template.yaml"
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  OrderPlaced:
    Type: AWS::SNS::Topic
  ToShipping:
    Type: AWS::SNS::Subscription
    Properties:
      TopicArn: !Ref OrderPlaced
      Protocol: https
      Endpoint: https://shipping.example.com/orders
      RedrivePolicy:
        deadLetterTargetArn: !GetAtt ToShippingDeadLetters.Arn
  ToShippingDeadLetters:
    Type: AWS::SQS::Queue
    Properties:
      MessageRetentionPeriod: 1209600
```

## Fix
Adds a queue for what could not be delivered. Manual: a policy of that queue has to let SNS or EventBridge send to it.

## References
- [SNS: dead-letter queues](https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html)
- [EventBridge: dead-letter queues](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html)

## Equivalent rules
- `cfn-lint:ES7000`
- `cfn-lint:ES4000`
"""

from collections.abc import Iterator

from rollsafe.artefacts.cloud import CloudTemplate, Delivery
from rollsafe.formats.yaml_edit import add_entry, stacked
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.cloud_edits import arn_of, dead_letters_for

_MACHINES = frozenset({"sqs", "lambda", "http", "https", "firehose"})


@rule(severity=Severity.INFO, since="0.1.0", fix=Safety.MANUAL, level=Level.PEDANTIC)
def check(template: CloudTemplate) -> Iterator[Finding]:
    """Yield a finding for each delivery whose failures go nowhere."""
    if template.is_development:
        return
    for one in template.deliveries:
        if one.holder.is_open or not _is_for_machines(one):
            continue
        key = "DeadLetterConfig" if one.what == "target" else "RedrivePolicy"
        if one.node.at(key) is not None:
            continue
        target = f" to `{one.target}`" if one.target else ""
        yield Finding(
            one.key,
            f"What `{one.holder.id}` cannot deliver{target} is thrown away",
            fixes=_fixes(template, one, key),
            detail="after the last attempt the event is gone, and nothing says which it was",
            equivalents=("cfn-lint:ES4000",) if one.what == "target" else ("cfn-lint:ES7000",),
        )


def _is_for_machines(delivery: Delivery) -> bool:
    if delivery.what == "target":
        return delivery.holder.properties.at("EventPattern") is not None
    return (delivery.node.text_at("Protocol") or "") in _MACHINES


def _fixes(template: CloudTemplate, delivery: Delivery, key: str) -> tuple[Fix, ...]:
    made = dead_letters_for(template, delivery.holder.id)
    if made is None:
        return ()
    new, adding = made
    name = "Arn" if key == "DeadLetterConfig" else "deadLetterTargetArn"
    edit = add_entry(template.file.text, delivery.node, key, f"{name}: {arn_of(template, new)}")
    return (
        Fix(
            f"Keep it in `{new}` (its policy is to be written)", Safety.MANUAL, edits=stacked((edit, adding))
        ),
    )
