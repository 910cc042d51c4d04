"""A request or limit is an amount that cannot work.

## What it does
Reports resource amounts Kubernetes cannot read (`512MB`, `0.5 cores`), a request above its limit, which it refuses,
and memory in thousandths of a byte (`512m`), with which a container cannot start.

## Why it matters
The release stops at `kubectl apply`, after part of it may be applied, or the new pods never start.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: registry.example/web:1.4.2
          resources:
            requests:
              cpu: 100m
              memory: 512m  # <-
            limits:
              memory: 512MB  # <-
```

## Good
```yaml title="k8s/web.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: registry.example/web:1.4.2
          resources:
            requests:
              cpu: 100m
              memory: 512Mi
            limits:
              memory: 512Mi
```

## Fix
Writes the unit that was meant, `Mi` for `m`, `M` for `MB`, or raises the limit to the request. Unsafe: the pods may
use other amounts than before.

## References
- [Kubernetes: resource units](https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#resource-units-in-kubernetes)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Container
from rollsafe.artefacts.kubernetes.quantities import quantity
from rollsafe.artefacts.kubernetes.templates import is_placeholder
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.text.patterns import lazily

_WRITTEN: Final = lazily(r"(?P<number>\d{1,9}(?:\.\d{1,6})?) ?(?P<unit>[A-Za-z]{1,6})\Z")
_MEANT: Final = {
    **{"mb": "M", "gb": "G", "kb": "k", "mib": "Mi", "gib": "Gi", "kib": "Ki", "mi": "Mi", "gi": "Gi"},
    **{"ki": "Ki", "g": "G", "core": "", "cores": "", "cpu": "", "cpus": ""},
}


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(container: Container) -> Iterator[Finding]:
    """Yield a finding for each amount that Kubernetes cannot use."""
    for group in ("requests", "limits"):
        amounts = container.node.map_at("resources", group)
        for name, node in amounts.pairs() if amounts is not None else ():
            if isinstance(node, Scalar) and not node.is_null and not is_placeholder(node.text):
                yield from _of_amount(container, group, name, node)


def _of_amount(container: Container, group: str, name: str, node: Scalar) -> Iterator[Finding]:
    amount = quantity(node.text)
    what = f"the {name} {group.removesuffix('s')} of `{container.name}`"
    if amount is None or amount < 0:
        yield Finding(
            node,
            f"Kubernetes cannot read {what}: `{node.text}`",
            fixes=tuple(_reading(node)),
            detail="the object is refused as a whole",
        )
        return
    if name == "memory" and node.text.endswith("m") and amount > 0:
        yield Finding(
            node,
            f"{what} is `{node.text}`: thousandths of a byte",
            fixes=(_write(node, f"{node.text[:-1]}Mi"),),
            detail="a container cannot start within less than a few megabytes",
        )
    elif group == "requests":
        yield from _above_limit(container, name, node)


def _reading(node: Scalar) -> Iterator[Fix]:
    found = _WRITTEN.match(node.text)
    unit = _MEANT.get(found["unit"].lower()) if found is not None else None
    if found is not None and unit is not None:
        yield _write(node, f"{found['number']}{unit}")


def _above_limit(container: Container, name: str, node: Scalar) -> Iterator[Finding]:
    limit = container.node.at("resources", "limits", name)
    asked, most = quantity(node.text), quantity(limit.text) if isinstance(limit, Scalar) else None
    if limit is None or asked is None or most is None or asked <= most:
        return
    is_slip = name == "memory" and isinstance(limit, Scalar) and limit.text.endswith("m")
    if not is_slip:
        yield Finding(
            node,
            f"Kubernetes refuses container `{container.name}`: it requests more {name} than its limit",
            fixes=(
                Fix("Raise the limit to the request", Safety.UNSAFE, edits=(set_value(limit, node.text),)),
            ),
        )


def _write(node: Scalar, text: str) -> Fix:
    return Fix(f"Write `{text}`", Safety.UNSAFE, edits=(set_value(node, text),))
