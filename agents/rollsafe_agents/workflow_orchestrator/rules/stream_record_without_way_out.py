"""A record of a stream that cannot be worked on blocks those behind it, or is dropped unseen.

## What it does
Looks for Lambda functions that read a Kinesis stream or the stream of a DynamoDB table and have no destination for records that fail
(`DestinationConfig.OnFailure`), or no limit on attempts (`MaximumRetryAttempts`, `MaximumRecordAgeInSeconds`).

## Why it matters
Records of a shard are worked on in order. Without a limit, one that always fails is tried until it is too old, a day or a week later, and
everything behind it waits, or grows too old as well. With a limit but no destination it is skipped, and nobody knows which it was.

## Bad
```yaml title="template.yaml"
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Clicks:
    Type: AWS::Kinesis::Stream
    Properties:
      ShardCount: 4
  Counter:
    Type: AWS::Serverless::Function
    Properties:
      Handler: counter.handle
      Runtime: python3.13
      Timeout: 30
      Events:
        Click: # <-
          Type: Kinesis
          Properties:
            Stream: !GetAtt Clicks.Arn
            StartingPosition: LATEST
```

## Good
```yaml title="template.yaml"
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Clicks:
    Type: AWS::Kinesis::Stream
    Properties:
      ShardCount: 4
  Counter:
    Type: AWS::Serverless::Function
    Properties:
      Handler: counter.handle
      Runtime: python3.13
      Timeout: 30
      Events:
        Click:
          Type: Kinesis
          Properties:
            Stream: !GetAtt Clicks.Arn
            StartingPosition: LATEST
            MaximumRetryAttempts: 5
            BisectBatchOnFunctionError: true
            DestinationConfig:
              OnFailure:
                Type: SQS
                Destination: !GetAtt CounterDeadLetters.Arn
  CounterDeadLetters:
    Type: AWS::SQS::Queue
    Properties:
      MessageRetentionPeriod: 1209600
```

## Fix
Limits the attempts to five, has failing batches cut in two, and adds a queue that is told of what was given up. Unsafe: such records are
passed over from then on, and later ones are worked on before them. None for the Serverless Framework.

## References
- [Lambda: handling errors with Kinesis](https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html)

## Equivalent rules
- `cfn-lint:ES1001`
"""

from collections.abc import Iterator

from rollsafe.artefacts.cloud import CloudTemplate, Consumer
from rollsafe.formats.yaml_edit import add_entries, stacked
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.cloud_edits import arn_of, dead_letters_for


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE, level=Level.PEDANTIC)
def check(template: CloudTemplate) -> Iterator[Finding]:
    """Yield a finding for each reader of a stream that has no limit or no destination."""
    if template.is_development:
        return
    for one in template.consumers:
        if one.kind not in ("Kinesis", "DynamoDB") or one.is_open:
            continue
        has_limit, has_destination = _has_limit(one), _has_destination(one)
        if has_limit and has_destination:
            continue
        name = one.function.id if one.function is not None else one.source
        yield Finding(
            one.key,
            f"A record on which `{name}` fails is given up without a trace"
            if has_limit
            else f"A record on which `{name}` fails holds up all behind it until it is too old",
            fixes=_fixes(template, one, has_limit=has_limit) if not has_destination else (),
            detail="records of a shard are worked on in order, and one that can never succeed is tried again and again"
            if not has_limit
            else "after its last attempt the record is skipped, and nothing keeps it",
        )


def _has_limit(consumer: Consumer) -> bool:
    for key in ("MaximumRetryAttempts", "MaximumRecordAgeInSeconds"):
        value = consumer.setting(key)
        if value is not None and getattr(value, "text", "") != "-1":
            return True
    return False


def _has_destination(consumer: Consumer) -> bool:
    return (consumer.setting("DestinationConfig") or consumer.settings.at("destinations")) is not None


def _fixes(template: CloudTemplate, consumer: Consumer, *, has_limit: bool) -> tuple[Fix, ...]:
    made = dead_letters_for(template, consumer.function.id) if consumer.function is not None else None
    if made is None or consumer.is_serverless or not consumer.settings.entries:
        return ()
    new, adding = made
    is_sam = consumer.settings.at("EventSourceArn") is None
    kind = "  Type: SQS\n" if is_sam else ""
    entries = [
        *([] if has_limit else [("MaximumRetryAttempts", "5")]),
        *(
            []
            if has_limit or consumer.setting("BisectBatchOnFunctionError")
            else [("BisectBatchOnFunctionError", "true")]
        ),
        ("DestinationConfig", f"OnFailure:\n{kind}  Destination: {arn_of(template, new)}"),
    ]
    first, *rest = (entry for entry in entries if consumer.settings.at(entry[0]) is None)
    edits = (add_entries(template.file.text, consumer.settings, (first, *rest)), adding)
    title = f"Tell `{new}` of what fails" if has_limit else f"Give up after five attempts and tell `{new}`"
    return (Fix(title, Safety.UNSAFE, edits=stacked(edits)),)
