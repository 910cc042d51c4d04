"""A template: its queues, its functions, and what is handed from one resource to another."""

from collections.abc import Iterable, Iterator
from typing import Final

from rollsafe.artefacts.base import Element
from rollsafe.artefacts.cloud.queues import Consumer, Function, Queue
from rollsafe.artefacts.cloud.resources import Resource, number_in, reference_of, resources_in
from rollsafe.artefacts.purposes import is_development_path
from rollsafe.artefacts.source import SourceFile
from rollsafe.formats.nodes import Entry, Mapping, Node, Scalar, resolve, walk
from rollsafe.text import Located
from rollsafe.text.cached import cached_property
from rollsafe.text.tuples import NamedTuple

_SOURCES: Final = {"SQS": "Queue", "Kinesis": "Stream", "DynamoDB": "Stream"}
_STREAMS: Final = {"AWS::Kinesis::Stream": "Kinesis", "AWS::DynamoDB::Table": "DynamoDB"}
_ALARMS: Final = frozenset({"AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"})
_TIMEOUT: Final = 3
_SERVERLESS_TIMEOUT: Final = 6
"""Seconds a function gets where nothing is said."""


class Delivery(NamedTuple):
    """What pushes messages from a topic or a rule to a target: `node` holds its settings.

    `what` names it, as in `subscription`; `target` is the id of a resource of the template, else empty.
    """

    what: str
    source: str
    target: str
    node: Mapping
    key: Located
    holder: Resource


class CloudTemplate(Element):
    """A template of CloudFormation, SAM or the Serverless Framework."""

    family = "platforms"

    def __init__(self, file: SourceFile, node: Mapping, *, has_problems: bool) -> None:
        super().__init__(file, node.start, node.end)
        self.node = node
        self.is_whole = not has_problems

    def graph_keys(self) -> Iterable[str]:
        """Return `path:` with the file's path."""
        return (f"path:{self.file.path}",)

    @cached_property
    def is_development(self) -> bool:
        """Whether the path says that it is for development or tests only."""
        return is_development_path(self.file.path)

    @cached_property
    def resources(self) -> dict[str, Resource]:
        """All resources by id."""
        return {one.id: one for one in resources_in(self.file, self.node)}

    @cached_property
    def queues(self) -> dict[str, Queue]:
        """The queues of SQS by id."""
        return {one.id: Queue(one) for one in self.resources.values() if one.type == "AWS::SQS::Queue"}

    @cached_property
    def dead_letter_queues(self) -> frozenset[str]:
        """The ids that something names as where its failed messages go."""
        return frozenset(_dead_letter_ids(self.node))

    @cached_property
    def watched(self) -> frozenset[str]:
        """The ids and names that alarms speak of."""
        alarms = (one for one in self.resources.values() if one.type in _ALARMS)
        return frozenset(name for one in alarms for name in _named_in(one.properties))

    @property
    def watches_queues(self) -> bool:
        """Whether an alarm is about a queue of the template."""
        return any(
            one.id in self.watched or (one.resource.text("QueueName") or one.id) in self.watched
            for one in self.queues.values()
        )

    @cached_property
    def functions(self) -> dict[str, Function]:
        """The functions by id."""
        return {one.id: one for one in self._functions()}

    @cached_property
    def consumers(self) -> tuple[Consumer, ...]:
        """What takes from queues and streams, in source order."""
        return tuple(sorted(self._consumers(), key=lambda one: one.key.start))

    def consumers_of(self, id_: str) -> list[Consumer]:
        """Return what takes from a queue or stream of the template."""
        return self._consumers_by_source.get(id_, [])

    @cached_property
    def _consumers_by_source(self) -> dict[str, list[Consumer]]:
        found: dict[str, list[Consumer]] = {}
        for one in self.consumers:
            found.setdefault(one.source, []).append(one)
        return found

    @cached_property
    def deliveries(self) -> tuple[Delivery, ...]:
        """What topics and rules push to targets, in source order."""
        return tuple(sorted(_deliveries(self.resources), key=lambda one: one.key.start))

    def _functions(self) -> Iterator[Function]:
        shared = self.node.at("Globals", "Function", "Timeout")
        for one in self.resources.values():
            if one.type in ("AWS::Serverless::Function", "AWS::Lambda::Function"):
                own = one.properties.at("Timeout")
                said = own or (shared if one.type == "AWS::Serverless::Function" else None)
                timeout = number_in(said) if said is not None else None if one.is_open else _TIMEOUT
                place = one.key if said is None else said
                yield Function(one.id, timeout, place, one.key, one.properties)
        shared = self.node.at("provider", "timeout")
        for entry in _entries(self.node.at("functions")):
            settings = resolve(entry.value)
            if isinstance(settings, Mapping):
                said = settings.at("timeout") or shared
                timeout = number_in(said) if said is not None else _SERVERLESS_TIMEOUT
                yield Function(entry.name, timeout, said or entry.key, entry.key, settings)

    def _consumers(self) -> Iterator[Consumer]:
        for one in self.resources.values():
            if one.type == "AWS::Lambda::EventSourceMapping":
                source = one.refers("EventSourceArn") or ""
                kind = "SQS" if source in self.queues else ""
                kind = kind or (
                    _STREAMS.get(self.resources[source].type, "") if source in self.resources else ""
                )
                function = self.functions.get(one.refers("FunctionName") or "")
                if kind:
                    yield Consumer(kind, source, function, one.properties, one.key)
            elif one.type == "AWS::Serverless::Function":
                yield from self._events_of(one)
        for name, function in self.functions.items():
            if name not in self.resources:
                yield from self._serverless_events(function)

    def _events_of(self, one: Resource) -> Iterator[Consumer]:
        """Yield what SAM hands to a function."""
        for entry in _entries(one.properties.at("Events")):
            kind = entry.value.text_at("Type") or ""
            properties = entry.value.map_at("Properties")
            if kind in _SOURCES and properties is not None:
                source = reference_of(properties.at(_SOURCES[kind])) or ""
                yield Consumer(kind, source, self.functions.get(one.id), properties, entry.key)

    def _serverless_events(self, function: Function) -> Iterator[Consumer]:
        for item in function.holder.items_at("events"):
            for word, kind in (("sqs", "SQS"), ("stream", "")):
                settings = item.map_at(word)
                source = reference_of(settings.at("arn")) or "" if settings is not None else ""
                known = self.resources.get(source)
                kind = kind or (_STREAMS.get(known.type, "") if known is not None else "")
                key = item.key_at(word)
                if settings is not None and key is not None and kind:
                    yield Consumer(kind, source, function, settings, key, is_serverless=True)


def _entries(node: Node | None) -> Iterable[Entry]:
    return node.entries if isinstance(node, Mapping) else ()


def _named_in(node: Node) -> Iterator[str]:
    for one in walk(node):
        found = reference_of(one)
        if found is not None:
            yield found
        elif isinstance(one, Scalar):
            yield one.text


def _dead_letter_ids(root: Node) -> Iterator[str]:
    """Yield the ids behind every key that is about dead letters or failures."""
    for node in walk(root):
        for entry in node.entries if isinstance(node, Mapping) else ():
            if entry.name in ("deadLetterTargetArn", "DeadLetterConfig", "DeadLetterQueue", "OnFailure"):
                held = resolve(entry.value)
                targets = (
                    [held, *(held.at(key) for key in ("Arn", "TargetArn", "Destination"))] if held else []
                )
                yield from (found for one in targets if (found := reference_of(one)) is not None)


def _deliveries(resources: dict[str, Resource]) -> Iterator[Delivery]:
    for one in resources.values():
        if one.type == "AWS::SNS::Subscription":
            source, target = one.refers("TopicArn") or "", one.refers("Endpoint") or ""
            yield Delivery("subscription", source, target, one.properties, one.key, one)
        elif one.type == "AWS::Events::Rule":
            for item in one.properties.items_at("Targets"):
                arn = item.key_at("Arn")
                if isinstance(item, Mapping) and arn is not None:
                    yield Delivery("target", one.id, reference_of(item.at("Arn")) or "", item, arn, one)
