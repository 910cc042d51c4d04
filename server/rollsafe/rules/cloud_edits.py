"""What rules about cloud templates share: edits of properties, references to resources, times in words."""

from typing import Final

from rollsafe.artefacts.cloud import CloudTemplate, Queue, Resource
from rollsafe.artefacts.cloud.queues import LONGEST_RETENTION
from rollsafe.formats.nodes import Mapping, Scalar
from rollsafe.formats.yaml_edit import add_entries, add_entry, set_value
from rollsafe.text import Edit, Located

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR


def with_property(resource: Resource, key: str, value: str) -> tuple[Edit, ...]:
    """Return the edit that sets a property; none for one that is computed."""
    node = resource.properties.at(key)
    if isinstance(node, Scalar) and node.tag is None and not node.block:
        return (set_value(node, value),)
    if node is not None or resource.is_open:
        return ()
    text = resource.file.text
    if resource.properties.entries:
        return (add_entry(text, resource.properties, key, value),)
    if resource.holder.entry("Properties") is not None:
        return ()
    is_block = "\n" in value
    lines = "\n".join(f"  {line}" for line in value.split("\n"))
    return (
        add_entry(text, resource.holder, "Properties", f"{key}:\n{lines}" if is_block else f"{key}: {value}"),
    )


def is_json(template: CloudTemplate) -> bool:
    """Say whether a template is JSON, which knows no short forms of functions."""
    return template.node.flow


def arn_of(template: CloudTemplate, id_: str) -> str:
    """Return the reference to a resource's address as the template writes it."""
    return f'{{"Fn::GetAtt": ["{id_}", "Arn"]}}' if is_json(template) else f"!GetAtt {id_}.Arn"


def limit_at(queue: Queue, key: str) -> Located:
    """Return where a limit of a queue is written, the queue itself where it is not."""
    value = queue.resource.properties.at(key)
    return value if value is not None else queue.resource.key


def span_of(seconds: int) -> str:
    """Return seconds in words: `90 s`, `5 min`, `4 days`."""
    for size, word in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if seconds >= size and seconds % size == 0:
            count = seconds // size
            return f"{count} {word}{'' if count == 1 else 's'}"
    return f"{seconds} s"


def resources_of(template: CloudTemplate) -> Mapping | None:
    """Return the mapping that holds the template's resources."""
    return template.node.map_at("Resources") or template.node.map_at("resources", "Resources")


def alarm_on(template: CloudTemplate, id_: str) -> tuple[str, str]:
    """Return the id and the text of an alarm that rings when a message is in a queue."""
    name = f'{{"Fn::GetAtt": ["{id_}", "QueueName"]}}' if is_json(template) else f"!GetAtt {id_}.QueueName"
    return f"{id_}Alarm", (
        "Type: AWS::CloudWatch::Alarm\nProperties:\n  Namespace: AWS/SQS\n"
        "  MetricName: ApproximateNumberOfMessagesVisible\n"
        f"  Dimensions:\n    - Name: QueueName\n      Value: {name}\n"
        "  Statistic: Maximum\n  Period: 300\n  EvaluationPeriods: 1\n  Threshold: 0\n"
        "  ComparisonOperator: GreaterThanThreshold\n  TreatMissingData: notBreaching"
    )


def dead_letters_for(template: CloudTemplate, id_: str) -> tuple[str, Edit] | None:
    """Return the id of a new queue for what fails in a resource, and the edit that adds it; None for none.

    Where the template has alarms on queues, the new one gets one as well.
    """
    holder = resources_of(template)
    new = f"{id_}DeadLetters"
    if holder is None or not holder.entries or new in template.resources:
        return None
    source = template.queues.get(id_)
    lines = ["Type: AWS::SQS::Queue", "Properties:"]
    if source is not None and source.is_fifo is not False:
        if source.is_fifo is None:
            return None
        lines.append("  FifoQueue: true")
    lines.append(f"  MessageRetentionPeriod: {LONGEST_RETENTION}")
    alarm = (alarm_on(template, new),) if template.watches_queues else ()
    return new, add_entries(template.file.text, holder, ((new, "\n".join(lines)), *alarm))
