"""What is wired to a queue does not fit its kind, and AWS refuses it.

## What it does
Looks in templates of CloudFormation, SAM and the Serverless Framework for

- dead-letter queues that are FIFO where the queue is not, or the other way round;
- FIFO queues whose name does not end in `.fifo`, and queues with such a name that do not say `FifoQueue: true`;
- settings of FIFO queues, such as `ContentBasedDeduplication`, in queues that are none;
- FIFO queues that a standard topic of SNS sends to;
- FIFO queues that a rule of EventBridge sends to without `SqsParameters`, whose `MessageGroupId` decides the order;
- event sources with more than ten messages in a batch and no `MaximumBatchingWindowInSeconds`, and FIFO queues with either.

## Why it matters
The deployment fails half way and is rolled back, after minutes, with a message that names neither the queue nor the line.

## Bad
```yaml title="template.yaml"
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Payments:
    Type: AWS::SQS::Queue
    Properties:
      FifoQueue: true
      RedrivePolicy:
        deadLetterTargetArn: !GetAtt PaymentsDeadLetters.Arn # <-
        maxReceiveCount: 5
  PaymentsDeadLetters:
    Type: AWS::SQS::Queue
    Properties:
      MessageRetentionPeriod: 1209600
```

## Good
```yaml title="template.yaml"
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Payments:
    Type: AWS::SQS::Queue
    Properties:
      FifoQueue: true
      RedrivePolicy:
        deadLetterTargetArn: !GetAtt PaymentsDeadLetters.Arn
        maxReceiveCount: 5
  PaymentsDeadLetters:
    Type: AWS::SQS::Queue
    Properties:
      MessageRetentionPeriod: 1209600
      FifoQueue: true
```

## Fix
Makes the dead-letter queue FIFO as well, writes `FifoQueue: true` or the ending of the name, or gives a rule's target a `MessageGroupId`, the
rule's own name, so that all its messages stay in order. Unsafe: a queue that exists is replaced by a new one. There is none where the topic
or the batch has to change.

## References
- [SQS: configuring a dead-letter queue](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue.html)
- [EventBridge: targets, SqsParameters](https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_SqsParameters.html)

## Equivalent rules
- `cfn-lint:E3501`
- `cfn-lint:E3502`
- `cfn-lint:E3705`
"""

from collections.abc import Iterator

from rollsafe.artefacts.cloud import CloudTemplate, Delivery, Queue
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import add_entry
from rollsafe.formats.yaml_removal import remove_entry
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.rules.cloud_edits import with_property
from rollsafe.text import Edit, Span

_REFUSED = "AWS refuses this when the template is deployed, and rolls back what it had made"
_BATCH = 10
_OF_FIFO = ("ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit")


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(template: CloudTemplate) -> Iterator[Finding]:
    """Yield a finding for each such mismatch."""
    for queue in template.queues.values():
        yield from _name(queue)
        yield from _settings(template, queue)
        yield from _dead_letters(template, queue)
    for delivery in template.deliveries:
        target = template.queues.get(delivery.target)
        if target is not None and target.is_fifo:
            yield from _delivery(template, delivery)
    yield from _batches(template)


def _name(queue: Queue) -> Iterator[Finding]:
    name = queue.resource.properties.at("QueueName")
    if not isinstance(name, Scalar) or name.tag not in (None, "!Sub") or name.text.endswith("}"):
        return
    if queue.is_fifo and not name.text.endswith(".fifo"):
        edits: tuple[Edit, ...] = (_with_ending(name),)
        message = f"`{queue.id}` is a FIFO queue, and its name does not end in `.fifo`"
    elif queue.is_fifo is False and name.text.endswith(".fifo"):
        edits = with_property(queue.resource, "FifoQueue", "true")
        message = f"`{queue.id}` has the name of a FIFO queue and does not say `FifoQueue: true`"
    else:
        return
    title = "End the name in `.fifo`" if queue.is_fifo else "Say `FifoQueue: true`"
    yield Finding(name, message, fixes=_fix(title, edits), detail=_REFUSED, equivalents=("cfn-lint:E3501",))


def _settings(template: CloudTemplate, queue: Queue) -> Iterator[Finding]:
    if queue.is_fifo is not False or (queue.resource.properties.text_at("QueueName") or "").endswith(".fifo"):
        return
    for name in _OF_FIFO:
        key = queue.resource.properties.key_at(name)
        if key is None or queue.resource.text(name) == "false":
            continue
        edit = remove_entry(template.file.text, queue.resource.properties, name)
        yield Finding(
            key,
            f"`{name}` is a setting of FIFO queues, and `{queue.id}` is none",
            fixes=_fix(f"Remove `{name}`", (edit,)) if edit is not None else (),
            detail=_REFUSED,
            equivalents=("cfn-lint:E3501",),
        )


def _with_ending(name: Scalar) -> Edit:
    end = name.end if name.plain else name.end - 1
    return Edit(Span.at(end), ".fifo")


def _dead_letters(template: CloudTemplate, queue: Queue) -> Iterator[Finding]:
    letters = template.queues.get(queue.dead_letters)
    place = queue.redrive.at("deadLetterTargetArn") if queue.redrive is not None else None
    if letters is None or place is None or None in (kinds := (queue.is_fifo, letters.is_fifo)):
        return
    if kinds[0] == kinds[1]:
        return
    one, other = ("a FIFO queue", "is not") if queue.is_fifo else ("a standard queue", "is a FIFO queue")
    yield Finding(
        place,
        f"`{queue.id}` is {one}, and its dead-letter queue `{letters.id}` {other}",
        fixes=_fix(f"Make `{letters.id}` a FIFO queue", _made_fifo(template, letters))
        if queue.is_fifo
        else (),
        detail=_REFUSED,
        equivalents=("cfn-lint:E3502",),
    )


def _made_fifo(template: CloudTemplate, letters: Queue) -> tuple[Edit, ...]:
    """Return the edits that make a queue FIFO; none where other queues or its name stand against it."""
    others = (one for one in template.queues.values() if one.dead_letters == letters.id and not one.is_fifo)
    name = letters.resource.properties.at("QueueName")
    if any(others) or (name is not None and not isinstance(name, Scalar)):
        return ()
    edits = with_property(letters.resource, "FifoQueue", "true")
    if isinstance(name, Scalar) and not name.text.endswith(".fifo"):
        edits += (_with_ending(name),) if name.tag in (None, "!Sub") else ()
    return edits


def _delivery(template: CloudTemplate, delivery: Delivery) -> Iterator[Finding]:
    if delivery.what == "target":
        if delivery.node.at("SqsParameters") is not None or delivery.holder.is_open:
            return
        edit = add_entry(
            template.file.text, delivery.node, "SqsParameters", f"MessageGroupId: {delivery.source}"
        )
        yield Finding(
            delivery.key,
            f"`{delivery.source}` sends to the FIFO queue `{delivery.target}` without a `MessageGroupId`",
            fixes=_fix(f"Send all in the group `{delivery.source}`", (edit,)),
            detail=_REFUSED,
            equivalents=(),
        )
        return
    topic = template.resources.get(delivery.source)
    if topic is None or topic.type != "AWS::SNS::Topic" or topic.is_open:
        return
    if topic.properties.at("FifoTopic") is None or topic.text("FifoTopic") == "false":
        yield Finding(
            delivery.node.key_at("Endpoint") or delivery.key,
            f"The standard topic `{topic.id}` cannot send to the FIFO queue `{delivery.target}`",
            detail=_REFUSED,
            equivalents=(),
        )


def _batches(template: CloudTemplate) -> Iterator[Finding]:
    for one in template.consumers:
        queue = template.queues.get(one.source)
        if one.kind != "SQS" or queue is None or one.batch is None or one.window is None or one.is_open:
            continue
        place = one.setting("BatchSize") or one.key
        if queue.is_fifo and one.window > 0:
            message = f"A batching window is no setting of the FIFO queue `{queue.id}`"
            yield Finding(one.key, message, detail=_REFUSED, equivalents=())
        elif one.batch > _BATCH and (queue.is_fifo or (queue.is_fifo is False and one.window == 0)):
            why = "a FIFO queue hands out ten at most" if queue.is_fifo else "no batching window is set"
            message = f"Batches of {one.batch} messages of `{queue.id}` are refused: {why}"
            known = ("cfn-lint:E3705",) if queue.is_fifo else ()
            yield Finding(place, message, detail=_REFUSED, equivalents=known)


def _fix(title: str, edits: tuple[Edit, ...]) -> tuple[Fix, ...]:
    return (Fix(title, Safety.UNSAFE, edits=edits),) if edits else ()
