"""An event on which a function fails is dropped after three attempts.

## What it does
Looks for functions of SAM that are called by events nobody waits for (topics of SNS, rules and schedules of EventBridge, buckets of S3, IoT rules,
CloudWatch logs) and have no place for those that failed: neither a `DeadLetterQueue` nor an `OnFailure` destination in
`EventInvokeConfig`.

## Why it matters
Lambda calls such a function three times in a few minutes and then throws the event away. A mistake in a release, or a service behind that is down
for a quarter of an hour, loses all events of that time, and nothing says which they were.

## Bad
```yaml title="template.yaml"
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  OrderPlaced:
    Type: AWS::SNS::Topic
  Shipping: # <-
    Type: AWS::Serverless::Function
    Properties:
      Handler: shipping.handle
      Runtime: python3.13
      Timeout: 10
      Events:
        Placed:
          Type: SNS
          Properties:
            Topic: !Ref OrderPlaced
```

## Good
```yaml title="template.yaml"
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  OrderPlaced:
    Type: AWS::SNS::Topic
  Shipping:
    Type: AWS::Serverless::Function
    Properties:
      Handler: shipping.handle
      Runtime: python3.13
      Timeout: 10
      Events:
        Placed:
          Type: SNS
          Properties:
            Topic: !Ref OrderPlaced
      DeadLetterQueue:
        Type: SQS
        TargetArn: !GetAtt ShippingDeadLetters.Arn
  ShippingDeadLetters:
    Type: AWS::SQS::Queue
    Properties:
      MessageRetentionPeriod: 1209600
```

## Fix
Adds a queue for what failed; SAM lets the function send to it. Unsafe: events wait there until somebody looks, so that an alarm on it is
wanted.

## References
- [Lambda: asynchronous invocation, capturing records](https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html)

## Equivalent rules
- `checkov:CKV_AWS_116`
- `cfn-lint:ES1007`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.cloud import CloudTemplate, Resource
from rollsafe.formats.nodes import Mapping
from rollsafe.formats.yaml_edit import add_entry, stacked
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.cloud_edits import arn_of, dead_letters_for

_UNHEARD: Final = frozenset(
    {"SNS", "EventBridgeRule", "CloudWatchEvent", "Schedule", "ScheduleV2", "S3", "IoTRule", "CloudWatchLogs"}
)


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE, level=Level.PEDANTIC)
def check(template: CloudTemplate) -> Iterator[Finding]:
    """Yield a finding for each function whose failures go nowhere."""
    shared = template.node.map_at("Globals", "Function")
    if template.is_development:
        return
    for one in template.resources.values():
        if one.type != "AWS::Serverless::Function" or one.is_open or not _is_called_unheard(one):
            continue
        if any(holder is not None and _has_place(holder) for holder in (one.properties, shared)):
            continue
        yield Finding(
            one.key,
            f"An event on which `{one.id}` fails three times is thrown away",
            fixes=_fixes(template, one),
            detail="nobody waits for the answer of such a call, and nothing keeps the event when it fails",
        )


def _is_called_unheard(function: Resource) -> bool:
    events = function.properties.map_at("Events")
    return (
        any(entry.value.text_at("Type") in _UNHEARD for entry in events.entries)
        if events is not None
        else False
    )


def _has_place(holder: Mapping) -> bool:
    queue = holder.at("DeadLetterQueue") or holder.at("DeadLetterConfig")
    return queue is not None or holder.at("EventInvokeConfig", "DestinationConfig", "OnFailure") is not None


def _fixes(template: CloudTemplate, function: Resource) -> tuple[Fix, ...]:
    made = dead_letters_for(template, function.id)
    if made is None or not function.properties.entries:
        return ()
    new, adding = made
    value = f"Type: SQS\nTargetArn: {arn_of(template, new)}"
    edit = add_entry(template.file.text, function.properties, "DeadLetterQueue", value)
    return (Fix(f"Keep it in `{new}`", Safety.UNSAFE, edits=stacked((edit, adding))),)
