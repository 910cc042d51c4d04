"""A setting of a queue is misspelt, or a number that SQS does not take.

## What it does
Looks at the properties of SQS queues in templates: names that are nearly those of a property, and numbers that are written out and out of range, such
as a retention of `14` where seconds are meant, or a visibility timeout of more than twelve hours.

## Why it matters
CloudFormation refuses the property when it gets to the queue, and rolls back what it has made until then. A stack that has never been deployed
hides it until the day of the first release.

## Bad
```yaml title="template.yaml"
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Orders:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: orders
      VisibilityTimeoutSeconds: 90 # <-
```

## Good
```yaml title="template.yaml"
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Orders:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: orders
      VisibilityTimeout: 90
```

## Fix
Writes the name that is nearest, or takes a retention of up to fourteen for days. Unsafe: what is written takes effect from then on. None for
other numbers.

## References
- [CloudFormation: AWS::SQS::Queue](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queue.html)

## Equivalent rules
- `cfn-lint:E3002`
- `cfn-lint:E3034`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.cloud import CloudTemplate, Queue
from rollsafe.formats.nodes import Entry, Scalar
from rollsafe.formats.yaml_edit import rename_key, set_value
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.rules.cloud_edits import DAY
from rollsafe.text import nearest

_NAMES: Final = frozenset(
    {
        *(
            "ContentBasedDeduplication",
            "DeduplicationScope",
            "DelaySeconds",
            "FifoQueue",
            "FifoThroughputLimit",
        ),
        *("KmsDataKeyReusePeriodSeconds", "KmsMasterKeyId", "MaximumMessageSize", "MessageRetentionPeriod"),
        *("QueueName", "ReceiveMessageWaitTimeSeconds", "RedriveAllowPolicy", "RedrivePolicy", "Tags"),
        *("SqsManagedSseEnabled", "VisibilityTimeout"),
    }
)
_USUAL: Final = {
    "VisibilityTimeoutSeconds": "VisibilityTimeout",
    "VisibilityTimeoutInSeconds": "VisibilityTimeout",
    "MessageRetentionSeconds": "MessageRetentionPeriod",
    "MessageRetentionPeriodSeconds": "MessageRetentionPeriod",
    "RetentionPeriod": "MessageRetentionPeriod",
    "DelayInSeconds": "DelaySeconds",
    "ReceiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
    "Name": "QueueName",
}
_RANGES: Final = {
    "DelaySeconds": (0, 900),
    "MessageRetentionPeriod": (60, 14 * DAY),
    "ReceiveMessageWaitTimeSeconds": (0, 20),
    "VisibilityTimeout": (0, 43_200),
    "KmsDataKeyReusePeriodSeconds": (60, DAY),
}
_TRIES: Final = (1, 1_000)
_REFUSED: Final = "CloudFormation refuses the queue, and rolls back what it had made"


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(template: CloudTemplate) -> Iterator[Finding]:
    """Yield a finding for each property of a queue that is refused."""
    for queue in template.queues.values():
        for entry in queue.resource.properties.entries:
            yield from _name(queue, entry)
        for name, bounds in _RANGES.items():
            yield from _number(queue, name, bounds, queue.resource.number(name))
        tries = queue.tries
        if tries is not None and not _TRIES[0] <= tries <= _TRIES[1] and queue.redrive is not None:
            message = (
                f"`maxReceiveCount` of `{queue.id}` is {tries}, and SQS takes {_TRIES[0]} to {_TRIES[1]}"
            )
            where = queue.redrive.at("maxReceiveCount") or queue.resource.key
            yield Finding(where, message, detail=_REFUSED, equivalents=("cfn-lint:E3034",))


def _name(queue: Queue, entry: Entry) -> Iterator[Finding]:
    """Yield a finding for a name that is nearly one there is; AWS adds others now and then."""
    meant = None if entry.name in _NAMES or not entry.name else _USUAL.get(entry.name) or _near(entry.name)
    if meant is None or queue.resource.properties.entry(meant) is not None:
        return
    yield Finding(
        entry.key,
        f"`{entry.name}` is no property of `{queue.id}`; the nearest is `{meant}`",
        fixes=(Fix(f"Rename it to `{meant}`", Safety.UNSAFE, edits=(rename_key(entry, meant),)),),
        detail=_REFUSED,
        equivalents=("cfn-lint:E3002",),
    )


def _near(name: str) -> str | None:
    folded = {one.lower(): one for one in _NAMES}
    return folded.get(name.lower().replace("_", "")) or nearest(name, _NAMES)


def _number(queue: Queue, name: str, bounds: tuple[int, int], value: int | None) -> Iterator[Finding]:
    node = queue.resource.properties.at(name)
    if value is None or bounds[0] <= value <= bounds[1] or not isinstance(node, Scalar):
        return
    fixes: tuple[Fix, ...] = ()
    if name == "MessageRetentionPeriod" and 0 < value <= 14:
        edit = set_value(node, str(value * DAY))
        days = "1 day" if value == 1 else f"{value} days"
        fixes = (Fix(f"Write {days} in seconds", Safety.UNSAFE, edits=(edit,)),)
    yield Finding(
        node,
        f"`{name}` of `{queue.id}` is {value}, and SQS takes {bounds[0]} to {bounds[1]} seconds",
        fixes=fixes,
        detail=_REFUSED,
        equivalents=("cfn-lint:E3034",),
    )
