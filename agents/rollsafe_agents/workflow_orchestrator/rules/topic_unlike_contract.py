"""A topic is made otherwise than its contract says.

## What it does
Compares the Kafka binding of AsyncAPI channels (`partitions`, `replicas`, and of `topicConfiguration` `retention.ms` and `cleanup.policy`) with the
Strimzi `KafkaTopic` of the same name in the repository. Where there are several of that name, as for several environments, one that fits is
enough.

## Why it matters
Consumers are built for what the contract says: as many instances as partitions, a replay over as many days as are kept. With a shorter retention
than promised, a consumer that was down over the weekend finds its messages gone.

## Bad
```yaml title="events/asyncapi.yaml"
asyncapi: 3.0.0
info: {title: Orders, version: 1.3.0}
servers:
  broker: {host: "broker.example.com:9092", protocol: kafka}
channels:
  orders:
    address: shop.orders
    bindings:
      kafka:
        partitions: 12
        topicConfiguration:
          retention.ms: 1209600000 # <-
    messages:
      placed:
        name: placed
        bindings: {kafka: {key: {type: string}}}
        payload:
          type: object
          properties:
            orderId: {type: string}
operations:
  tell-of-orders:
    action: send
    channel: {$ref: "#/channels/orders"}
```
```yaml title="kafka/orders.yaml"
apiVersion: kafka.strimzi.io/v1beta2
kind: KafkaTopic
metadata:
  name: shop.orders
  labels:
    strimzi.io/cluster: shop
spec:
  partitions: 12
  replicas: 3
  config:
    min.insync.replicas: 2
    retention.ms: 604800000
```

## Good
```yaml title="events/asyncapi.yaml"
asyncapi: 3.0.0
info: {title: Orders, version: 1.3.0}
servers:
  broker: {host: "broker.example.com:9092", protocol: kafka}
channels:
  orders:
    address: shop.orders
    bindings:
      kafka:
        partitions: 12
        topicConfiguration:
          retention.ms: 604800000
    messages:
      placed:
        name: placed
        bindings: {kafka: {key: {type: string}}}
        payload:
          type: object
          properties:
            orderId: {type: string}
operations:
  tell-of-orders:
    action: send
    channel: {$ref: "#/channels/orders"}
```
```yaml title="kafka/orders.yaml"
apiVersion: kafka.strimzi.io/v1beta2
kind: KafkaTopic
metadata:
  name: shop.orders
  labels:
    strimzi.io/cluster: shop
spec:
  partitions: 12
  replicas: 3
  config:
    min.insync.replicas: 2
    retention.ms: 604800000
```

## Fix
Writes into the contract what the topic has. Unsafe: if consumers rest on what the contract said, it is the topic that has to change.

## References
- [AsyncAPI: Kafka bindings](https://github.com/asyncapi/bindings/blob/master/kafka/README.md)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from rollsafe.artefacts.contracts import EventDocument
from rollsafe.artefacts.contracts.exchanges import Channel, exchanges_of
from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Related, Safety, Severity, rule
from rollsafe.workspace.graph import Graph

if TYPE_CHECKING:
    from rollsafe.artefacts.kubernetes import KubernetesObject

_COMPARED: Final = (
    (("partitions",), ("partitions",)),
    (("replicas",), ("replicas",)),
    (("topicConfiguration", "retention.ms"), ("config", "retention.ms")),
    (("topicConfiguration", "cleanup.policy"), ("config", "cleanup.policy")),
)
"""Where a binding says what, and where a topic does."""


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(document: EventDocument, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each setting of a channel that its topic has otherwise."""
    exchanges = exchanges_of(document)
    for channel in exchanges.channels:
        binding = exchanges.binding(channel.node, "kafka")
        if binding is None or not any(binding.at(*path) is not None for path, _ in _COMPARED):
            continue
        topics = _topics(graph, binding.text_at("topic") or channel.address)
        for path, there in _COMPARED if topics else ():
            yield from _compare(channel, binding, path, there, topics)


def _topics(graph: Graph, name: str) -> "list[KubernetesObject]":
    """Return the topics of a name; of templated ones and patches nothing is known."""
    from rollsafe.artefacts.kubernetes import KubernetesObject  # few contracts need it

    return [
        one
        for one in graph.every(KubernetesObject, "KafkaTopic/")
        if one.spec is not None
        and not one.templated
        and not one.is_patch
        and (one.spec.text_at("topicName") or one.name) == name
    ]


def _compare(
    channel: Channel,
    binding: Mapping,
    path: tuple[str, ...],
    there: tuple[str, ...],
    topics: "list[KubernetesObject]",
) -> Iterator[Finding]:
    written = binding.at(*path)
    said = _words(written)
    known = [(one, node) for one in topics if (node := one.node.at("spec", *there)) is not None]
    if written is None or not said or len(known) < len(topics):
        return
    if any(not _words(node) or _words(node) == said for _, node in known):
        return
    topic, node = known[0]
    told = ", ".join(sorted(_words(node)))
    yield Finding(
        written,
        f"`{channel.address}` has `{path[-1]}` {', '.join(sorted(said))} here, and its topic has {told}",
        fixes=_fixes(written, node),
        related=(Related(topic.file, node, f"`{topic.name}` has {told}"),),
    )


def _words(node: Node | None) -> frozenset[str]:
    """Return what a setting says, whatever its order; empty for what a template fills in."""
    if isinstance(node, Scalar):
        return frozenset(one.strip() for one in node.text.split(",") if one.strip() and "{" not in one)
    items = node.items if isinstance(node, Sequence) else []
    return frozenset(one.text for one in items if isinstance(one, Scalar))


def _fixes(written: Node, node: Node) -> tuple[Fix, ...]:
    if not isinstance(written, Scalar) or not isinstance(node, Scalar) or not node.text.isdigit():
        return ()
    edit = set_value(written, node.text)
    return (Fix(f"Write `{node.text}`, which the topic has", Safety.UNSAFE, edits=(edit,)),)
