"""A label is not written as labels are, and the object is refused.

## What it does
Reports keys and values of labels and plain selectors that Kubernetes refuses: values longer than 63 characters or with
others than letters, digits, `-`, `_` and `.`, or that begin or end with one of these; keys likewise, after a prefix
that is a domain name.

## Why it matters
The API server rejects the whole object when it is applied. Values put in by hand look right: a version with a `+`, a
path, an address, a name with a blank.

## Bad
```yaml title="k8s/settings.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  labels:
    version: 1.4.2+build7  # <-
data:
  region: north
```

## Good
```yaml title="k8s/settings.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  labels:
    version: 1.4.2_build7
data:
  region: north
```

## Fix
Writes the value with `_` for what is not allowed, and cuts it. Unsafe: selectors may ask for the old one.

## References
- [Kubernetes: syntax of labels](https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set)

## Equivalent rules
- `kube-score:label-values`
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import KubernetesObject, Service, Workload, is_placeholder
from rollsafe.formats.nodes import Entry, Mapping, Node, Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.text.patterns import lazily

_VALUE: Final = lazily(r"(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?")
_PREFIX: Final = lazily(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
_LONGEST: Final = 63


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(thing: KubernetesObject) -> Iterator[Finding]:
    """Yield a finding for each label that is refused."""
    for labels in _labels(thing):
        for entry in labels.entries if isinstance(labels, Mapping) else ():
            if entry.name != "<<":
                yield from _judged(thing, entry)


def _labels(thing: KubernetesObject) -> Iterator[Node | None]:
    yield thing.node.at("metadata", "labels")
    if isinstance(thing, Service):
        yield thing.node.at("spec", "selector")
    elif isinstance(thing, Workload):
        yield thing.node.at("spec", "selector", "matchLabels")
        if thing.kind != "Pod":
            yield thing.pod_labels_node


def _judged(thing: KubernetesObject, entry: Entry) -> Iterator[Finding]:
    key, value = entry.name, entry.value
    if is_placeholder(key):
        return
    if not _is_key(key):
        words = f"{thing.kind} `{thing.name}` is refused: `{key}` is not the key of a label"
        yield Finding(entry.key, words, equivalents=())
    if isinstance(value, Scalar) and not value.is_null and not is_placeholder(value.text):
        text = value.text
        if _VALUE.fullmatch(text) is None and not thing.is_templated(value):
            yield _finding(thing, key, value)


def _finding(thing: KubernetesObject, key: str, value: Scalar) -> Finding:
    plain = re.sub(r"[^A-Za-z0-9_.-]", "_", value.text)[:_LONGEST].strip("_.-")
    fix = Fix(f"Write `{plain}`", Safety.UNSAFE, edits=(set_value(value, plain),))
    shown = value.text if len(value.text) <= _LONGEST and "\n" not in value.text else f"{value.text[:30]!r}…"
    return Finding(
        value,
        f"{thing.kind} `{thing.name}` is refused: `{shown}` is not a value for the label `{key}`",
        fixes=(fix,) if plain and not value.block else (),
    )


def _is_key(key: str) -> bool:
    prefix, slash, name = key.rpartition("/")
    if slash and _PREFIX.fullmatch(prefix) is None:
        return False
    return bool(name) and _VALUE.fullmatch(name) is not None
