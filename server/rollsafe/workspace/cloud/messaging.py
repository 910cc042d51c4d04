"""What moves messages in a cloud: queues with their limits, who takes from them, schedules, alarms."""

from collections.abc import Iterable, Iterator
from typing import Final

from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence
from rollsafe.text.records import open_record
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.cloud.templates import Resource, reference_of, resources_of
from rollsafe.workspace.system.facts import Place, place_of
from rollsafe.workspace.view import View

_FUNCTIONS: Final = frozenset({"AWS::Lambda::Function", "AWS::Serverless::Function"})
_MACHINES: Final = frozenset({"AWS::StepFunctions::StateMachine", "AWS::Serverless::StateMachine"})
_VISIBILITY: Final = 30
_RETENTION: Final = 4 * 24 * 3600
_TIMEOUT: Final = 3
"""Seconds that count where a template says nothing else."""


class Queue(NamedTuple):
    """A queue; times in seconds, None where the template computes them.

    `dead_letters` is where a message goes after `tries` failed ones, empty where it comes back until it
    is too old. `deduplicates`: whether the queue leaves out a message it has seen.
    """

    id: str
    name: str
    visibility: int | None
    visibility_place: Place
    retention: int | None
    dead_letters: str
    tries: int | None
    is_fifo: bool
    deduplicates: bool
    place: Place


class Function(NamedTuple):
    """A function; `timeout` in seconds, None where it is computed."""

    id: str
    name: str
    timeout: int | None
    dead_letters: str
    place: Place
    timeout_place: Place


class Feed(NamedTuple):
    """What one resource gets from another: `source` sends to `target`, both by id.

    `kinds` are the detail types a rule lets through, empty for everything. `dead_letters` is where goes what
    cannot be delivered.
    """

    source: str
    target: str
    kinds: tuple[str, ...]
    dead_letters: str
    place: Place


class Schedule(NamedTuple):
    """When something starts by itself: `expression` is `rate(…)` or `cron(…)` as it is written."""

    target: str
    expression: str
    place: Place


class Alarm(NamedTuple):
    """An alarm and the ids of what it watches; `notifies` says whether anybody hears of it."""

    id: str
    metric: str
    watches: tuple[str, ...]
    notifies: bool
    place: Place


@open_record
class Messaging:
    """Everything templates say of messages, by the ids of resources.

    `ids` leads from names that are written out to ids, `kinds` from ids to types of resources; `machines`
    are the state machines.
    """

    queues: dict[str, Queue]
    functions: dict[str, Function]
    feeds: tuple[Feed, ...]
    schedules: tuple[Schedule, ...]
    alarms: tuple[Alarm, ...]
    ids: dict[str, str]
    machines: tuple[Resource, ...]
    kinds: dict[str, str]

    def id_of(self, text: str) -> str:
        """Return the id of a resource by its id, its name, or the address that ends with one."""
        last = text.rstrip("/").rpartition("/")[2].rpartition(":")[2]
        return next((self.ids[one] for one in (text, last) if one in self.ids), "")

    def into(self, id_: str) -> list[Feed]:
        """Return what sends to a resource."""
        return [one for one in self.feeds if one.target == id_]

    def out_of(self, id_: str) -> list[Feed]:
        """Return what a resource sends to."""
        return [one for one in self.feeds if one.source == id_]

    def alarms_of(self, id_: str) -> list[Alarm]:
        """Return the alarms that watch a resource."""
        return [one for one in self.alarms if id_ in one.watches]


def messaging_of(view: View) -> Messaging:
    """Return what the templates of a project say."""
    resources = resources_of(view)
    queues = {one.id: _queue(one) for one in resources if one.type == "AWS::SQS::Queue"}
    functions = {one.id: _function(one) for one in resources if one.type in _FUNCTIONS}
    return Messaging(
        queues,
        functions,
        tuple(_feeds(resources)),
        tuple(_schedules(resources)),
        tuple(_alarm(one) for one in resources if one.type == "AWS::CloudWatch::Alarm"),
        dict(_names(resources)),
        tuple(one for one in resources if one.type in _MACHINES),
        {one.id: one.type for one in resources},
    )


def _place(resource: Resource, *path: str) -> Place:
    return place_of(resource.file, resource.where(*path))


def _number(resource: Resource, key: str, default: int) -> int | None:
    return default if resource.properties.at(key) is None else resource.number(key)


def _named(node: Node | None) -> str:
    """Return what a node refers to: an id, or the text that is written out."""
    found = reference_of(node)
    return found or (node.text if isinstance(node, Scalar) and node.tag in (None, "!Sub") else "")


def _names(resources: Iterable[Resource]) -> Iterator[tuple[str, str]]:
    listed = list(resources)
    for one in listed:
        yield one.id, one.id
    for one in listed:
        for key in ("QueueName", "TopicName", "FunctionName", "StateMachineName", "Name", "StreamName"):
            name = one.text(key)
            if name:
                yield name, one.id


def _queue(one: Resource) -> Queue:
    redrive = one.properties.map_at("RedrivePolicy")
    tries = redrive.text_at("maxReceiveCount") if redrive is not None else None
    return Queue(
        id=one.id,
        name=one.text("QueueName") or one.id,
        visibility=_number(one, "VisibilityTimeout", _VISIBILITY),
        visibility_place=_place(one, "VisibilityTimeout"),
        retention=_number(one, "MessageRetentionPeriod", _RETENTION),
        dead_letters=_named(redrive.at("deadLetterTargetArn")) if redrive is not None else "",
        tries=int(tries) if tries is not None and tries.isdigit() and len(tries) < 9 else None,
        is_fifo=one.text("FifoQueue") == "true",
        deduplicates=one.text("ContentBasedDeduplication") == "true",
        place=place_of(one.file, one.key),
    )


def _function(one: Resource) -> Function:
    letters = one.properties.at("DeadLetterConfig", "TargetArn") or one.properties.at(
        "DeadLetterQueue", "TargetArn"
    )
    place = place_of(one.file, one.key)
    timeout = _number(one, "Timeout", _TIMEOUT)
    return Function(
        one.id, one.text("FunctionName") or one.id, timeout, _named(letters), place, _place(one, "Timeout")
    )


# Who sends to whom -------------------------------------------------------------------------------


def _feeds(resources: Iterable[Resource]) -> Iterator[Feed]:
    for one in resources:
        if one.type == "AWS::Lambda::EventSourceMapping":
            source, target = (
                _named(one.properties.at("EventSourceArn")),
                _named(one.properties.at("FunctionName")),
            )
            yield Feed(source, target, (), "", place_of(one.file, one.key))
        elif one.type == "AWS::SNS::Subscription":
            letters = _named(one.properties.at("RedrivePolicy", "deadLetterTargetArn"))
            source, target = _named(one.properties.at("TopicArn")), _named(one.properties.at("Endpoint"))
            yield Feed(source, target, (), letters, place_of(one.file, one.key))
        elif one.type == "AWS::Events::Rule":
            yield from _of_rule(one)
        elif one.type in _FUNCTIONS | _MACHINES:
            yield from _of_events(one)
        elif one.type == "AWS::SNS::Topic":
            for item in one.properties.items_at("Subscription"):
                yield Feed(one.id, _named(item.at("Endpoint")), (), "", place_of(one.file, item))


def _of_rule(one: Resource) -> Iterator[Feed]:
    bus = _named(one.properties.at("EventBusName")) or "default"
    kinds = _detail_types(one.properties.at("EventPattern"))
    if one.properties.at("EventPattern") is None:
        return
    for target in one.properties.items_at("Targets"):
        letters = _named(target.at("DeadLetterConfig", "Arn"))
        yield Feed(bus, _named(target.at("Arn")), kinds, letters, place_of(one.file, target))


def _of_events(one: Resource) -> Iterator[Feed]:
    """Yield what SAM lets a function or a state machine be called by."""
    events = one.properties.map_at("Events")
    for entry in events.entries if events is not None else ():
        kind = entry.value.text_at("Type") or ""
        properties = entry.value.map_at("Properties") or Mapping(entry.end, entry.end)
        place = place_of(one.file, entry.key)
        if kind in ("SQS", "SNS", "Kinesis", "DynamoDB"):
            source = next(
                (_named(properties.at(key)) for key in ("Queue", "Topic", "Stream") if properties.at(key)), ""
            )
            yield Feed(source, one.id, (), "", place)
        elif kind in ("EventBridgeRule", "CloudWatchEvent"):
            letters = _named(properties.at("DeadLetterConfig", "Arn"))
            bus = _named(properties.at("EventBusName")) or "default"
            yield Feed(bus, one.id, _detail_types(properties.at("Pattern")), letters, place)


def _detail_types(pattern: Node | None) -> tuple[str, ...]:
    if pattern is None:
        return ()
    found = pattern.at("detail-type")
    listed = found.items if isinstance(found, Sequence) else [found] if found is not None else []
    return tuple(node.text for node in listed if isinstance(node, Scalar))[:20]


def _schedules(resources: Iterable[Resource]) -> Iterator[Schedule]:
    for one in resources:
        expression = one.text("ScheduleExpression")
        if one.type == "AWS::Events::Rule" and expression is not None:
            for target in one.properties.items_at("Targets"):
                yield Schedule(_named(target.at("Arn")), expression, _place(one, "ScheduleExpression"))
        elif one.type == "AWS::Scheduler::Schedule" and expression is not None:
            aimed = _named(one.properties.at("Target", "Arn"))
            yield Schedule(aimed, expression, _place(one, "ScheduleExpression"))
        elif one.type in _FUNCTIONS | _MACHINES:
            yield from _of_clocks(one)


def _of_clocks(one: Resource) -> Iterator[Schedule]:
    """Yield the schedules SAM lets a function or a state machine be called by."""
    events = one.properties.map_at("Events")
    for entry in events.entries if events is not None else ():
        if entry.value.text_at("Type") in ("Schedule", "ScheduleV2"):
            text = entry.value.text_at("Properties", "Schedule")
            text = text or entry.value.text_at("Properties", "ScheduleExpression")
            if text is not None:
                yield Schedule(one.id, text, place_of(one.file, entry.key))


def _alarm(one: Resource) -> Alarm:
    watched = [_named(item.at("Value")) for item in one.properties.items_at("Dimensions")]
    for metric in one.properties.items_at("Metrics"):
        watched += [
            _named(item.at("Value")) for item in metric.items_at("MetricStat", "Metric", "Dimensions")
        ]
    return Alarm(
        one.id,
        one.text("MetricName") or "a computed metric",
        tuple(name for name in watched if name),
        bool(one.properties.items_at("AlarmActions")),
        place_of(one.file, one.key),
    )
