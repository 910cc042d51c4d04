"""A topic takes no more writes as soon as one broker is away, or ever.

## What it does
Compares, in `KafkaTopic` and `Kafka` objects of Strimzi, how many replicas a topic has with how many have to confirm a write
(`min.insync.replicas`), and replication factors with the number of brokers. Topics of one replica are left alone, and so are brokers that are
counted in node pools.

## Why it matters
A producer that waits for all replicas (`acks=all`, what clients do by themselves since Kafka 3) is refused with `NotEnoughReplicas` while fewer than
`min.insync.replicas` are there. Where that is all of them, each restart of a broker stops all writes, and so does each upgrade, which restarts
every broker. Where it is more than there are, no write ever succeeds.

## Bad
```yaml title="kafka/orders.yaml"
apiVersion: kafka.strimzi.io/v1beta2
kind: KafkaTopic
metadata:
  name: orders
  labels:
    strimzi.io/cluster: shop
spec:
  partitions: 12
  replicas: 3
  config:
    min.insync.replicas: 3 # <-
```

## Good
```yaml title="kafka/orders.yaml"
apiVersion: kafka.strimzi.io/v1beta2
kind: KafkaTopic
metadata:
  name: orders
  labels:
    strimzi.io/cluster: shop
spec:
  partitions: 12
  replicas: 3
  config:
    min.insync.replicas: 2
```

## Fix
Lets writes succeed with one replica fewer than there are. Unsafe: what only those have confirmed is lost if they are lost together. None
for replication factors, which more brokers mend as well.

## References
- [Kafka: min.insync.replicas](https://kafka.apache.org/documentation/#topicconfigs_min.insync.replicas)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import KubernetesObject
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Safety, Severity, rule

_FACTORS: Final = (
    ("default.replication.factor", "min.insync.replicas"),
    ("transaction.state.log.replication.factor", "transaction.state.log.min.isr"),
    ("offsets.topic.replication.factor", ""),
)


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(manifest: KubernetesObject) -> Iterator[Finding]:
    """Yield a finding for each topic, or default of topics, that needs all replicas or more."""
    spec = manifest.spec
    if spec is None or manifest.api_group != "kafka.strimzi.io" or manifest.is_patch:
        return
    if manifest.kind == "KafkaTopic":
        least = spec.at("config", "min.insync.replicas")
        yield from _compare(f"`{manifest.name}`", _count(spec.at("replicas")), least)
    elif manifest.kind == "Kafka":
        yield from _of_cluster(manifest, spec)


def _of_cluster(manifest: KubernetesObject, spec: Mapping) -> Iterator[Finding]:
    config, brokers = spec.map_at("kafka", "config"), _count(spec.at("kafka", "replicas"))
    if config is None:
        return
    for factor, least in _FACTORS:
        copies = _count(config.at(factor))
        node = config.at(factor)
        if brokers is not None and copies is not None and copies > brokers and node is not None:
            yield Finding(
                node,
                f"`{factor}` asks for {copies} replicas, and `{manifest.name}` has {brokers} broker"
                f"{'' if brokers == 1 else 's'}",
                detail="no topic can be made with more replicas than there are brokers",
            )
        elif least:
            yield from _compare(f"`{manifest.name}`", copies, config.at(least))


def _count(node: Node | None) -> int | None:
    """Return a whole number, quoted or not; None for what a template fills in."""
    text = node.text if isinstance(node, Scalar) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


def _compare(title: str, copies: int | None, node: Node | None) -> Iterator[Finding]:
    least = _count(node)
    if copies is None or least is None or least < max(copies, 2) or not isinstance(node, Scalar):
        return
    is_never = least > copies
    fixes = (_fix(node, max(copies - 1, 1)),)
    yield Finding(
        node,
        f"{title} has {copies} replica{'' if copies == 1 else 's'}, and a write needs {least} of them",
        fixes=fixes,
        severity=None if is_never else Severity.WARNING,
        detail="producers that wait for all replicas are refused at every write"
        if is_never
        else "producers that wait for all replicas are refused whenever one broker restarts",
    )


def _fix(node: Scalar, least: int) -> Fix:
    title = f"Let {least} replica{'s' if least > 1 else ''} be enough"
    return Fix(title, Safety.UNSAFE, edits=(set_value(node, str(least)),))
