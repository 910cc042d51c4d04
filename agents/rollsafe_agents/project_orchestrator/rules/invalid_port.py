"""A port has a number or a name that Kubernetes refuses.

## What it does
Reports container and Service ports whose number is missing or not between 1 and 65535, whose name is no port name
(15 small letters, digits and single dashes, one letter at least), that bear a name twice, and the ports of a Service
with several that have no name.

## Why it matters
The API server refuses the whole object: the release fails when it is applied, often after other parts of it are in
place.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: registry.example/web:1.4.2
      resources:
        requests: {cpu: 100m, memory: 128Mi}
      ports:
        - name: HTTP_main  # <-
          containerPort: 8080
```

## Good
```yaml title="k8s/web.yaml"
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: registry.example/web:1.4.2
      resources:
        requests: {cpu: 100m, memory: 128Mi}
      ports:
        - name: http-main
          containerPort: 8080
```

## Fix
Writes the name with the characters that are allowed, also where the container's probes use it. Unsafe: Services of
other files may go by the old one.

## References
- [Kubernetes: port names](https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#ports)

## Equivalent rules
- `kube-linter:invalid-target-ports`
- `kube-score:container-ports-check`
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Container, ContainerPort, Service, ServicePort, is_placeholder
from rollsafe.formats.nodes import Node, Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, rule
from rollsafe.text.patterns import lazily

_NAME: Final = lazily(r"(?=.*[a-z])(?!.*--)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_SERVICE_NAME: Final = lazily(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_LONGEST: Final = 15
_LONGEST_LABEL: Final = 63
_HIGHEST: Final = 65_535
_BOTH: Final = ("kube-linter:invalid-target-ports", "kube-score:container-ports-check")
_TARGET: Final = ("kube-linter:invalid-target-ports",)
_CHECK: Final = ("kube-score:container-ports-check",)


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(owner: Container | Service) -> Iterator[Finding]:
    """Yield a finding for each port that is refused."""
    if isinstance(owner, Container):
        yield from _container(owner)
    elif not owner.is_patch:
        yield from _service(owner)


def _container(container: Container) -> Iterator[Finding]:
    who = f"container `{container.name}` of `{container.workload.name}`"
    names: set[str] = set()
    for port in container.ports:
        if port.number is None and not container.workload.is_patch and _is_open(container, port):
            yield Finding(_start(port), f"{who} has a port without a `containerPort`", equivalents=_CHECK)
        elif isinstance(port.number, int) and not 1 <= port.number <= _HIGHEST:
            place = port.number_node or _start(port)
            yield Finding(
                place, f"{who} has the port `{port.number}`, which does not exist", equivalents=_BOTH
            )
        name = port.name
        if name is None or port.name_node is None or is_placeholder(name):
            continue
        if not _is_name(name):
            words = f"{who} has a port named `{name}`, which is not a port name"
            yield Finding(port.name_node, words, fixes=tuple(_renamed(container, port)), equivalents=_BOTH)
        elif name in names:
            words = f"{who} has two ports named `{name}`"
            yield Finding(port.name_node, words, equivalents=_CHECK)
        names.add(name)


def _service(service: Service) -> Iterator[Finding]:
    who, names, several = f"Service `{service.name}`", set[str](), len(service.ports) > 1
    for port in service.ports:
        if isinstance(port.port, int) and not 1 <= port.port <= _HIGHEST:
            place = port.port_node or _start(port)
            yield Finding(place, f"{who} has the port `{port.port}`, which does not exist", equivalents=())
        yield from _target(port, who)
        place = port.node.at("name") or _start(port)
        if port.name is None and several and not service.is_templated(port.node):
            words = f"{who} has several ports, and `{port.port}` has no name"
            yield Finding(place, words, equivalents=())
        elif port.name is not None and port.name in names:
            yield Finding(place, f"{who} has two ports named `{port.name}`", equivalents=())
        elif port.name is not None and not _is_service_name(port.name):
            words = f"{who} has a port named `{port.name}`, which is not a name"
            yield Finding(place, words, equivalents=())
        names.add(port.name or "")


def _target(port: ServicePort, who: str) -> Iterator[Finding]:
    target, node = port.target, port.target_node
    if node is None:
        return
    if isinstance(target, int) and not 1 <= target <= _HIGHEST:
        words = f"{who} sends to the port `{target}`, which does not exist"
    elif isinstance(target, str) and not _is_name(target):
        words = f"{who} sends to a port named `{target}`, which is not a port name"
    else:
        return
    yield Finding(node, words, equivalents=_TARGET)


def _start(port: ContainerPort | ServicePort) -> Node:
    return port.node.entries[0].key if port.node.entries else port.node


def _is_open(container: Container, port: ContainerPort) -> bool:
    number = port.node.at("containerPort")
    is_empty = number is None or (isinstance(number, Scalar) and number.is_null)
    return is_empty and not container.is_templated(port.node)


def _is_name(name: str) -> bool:
    return len(name) <= _LONGEST and _NAME.fullmatch(name) is not None


def _is_service_name(name: str) -> bool:
    return is_placeholder(name) or (len(name) <= _LONGEST_LABEL and _SERVICE_NAME.fullmatch(name) is not None)


def _renamed(container: Container, port: ContainerPort) -> Iterator[Fix]:
    assert port.name is not None
    assert port.name_node is not None
    plain = re.sub(r"[^a-z0-9]+", "-", port.name.lower())[:_LONGEST].strip("-")
    if not _is_name(plain) or container.port_called(plain) is not None:
        return
    edits: list[Edit] = [set_value(port.name_node, plain)]
    for probe in container.probes:
        if probe.port_node is not None and probe.port == port.name:
            edits.append(set_value(probe.port_node, plain))
    yield Fix(f"Name it `{plain}`", Safety.UNSAFE, edits=tuple(edits))
