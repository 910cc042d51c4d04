"""A probe asks a port that the container does not declare.

## What it does
Reports readiness, liveness and startup probes that ask a port by a name the container gives no port, which always
fail. A number that is not among the declared TCP ports is reported at level `pedantic`: declaring ports is optional.

## Why it matters
The kubelet cannot resolve the name, so the probe fails each time: a pod never becomes ready and the rollout hangs,
or its container is restarted again and again.

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
          ports:
            - name: http
              containerPort: 8080
          readinessProbe:
            httpGet:
              path: /ready
              port: web  # <-
          resources:
            requests: {cpu: 100m, memory: 128Mi}
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
          ports:
            - name: http
              containerPort: 8080
          readinessProbe:
            httpGet:
              path: /ready
              port: http
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Fix
Asks the container's only named port, or declares the number. Unsafe: the probe asks another port than before.

## References
- [Kubernetes: configure probes](https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/)

## Equivalent rules
- `kube-linter:liveness-port`
- `kube-linter:readiness-port`
- `kube-linter:startup-port`
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Container, ContainerPort, Probe
from rollsafe.formats.nodes import Scalar, Sequence
from rollsafe.formats.yaml_edit import add_entry, add_item, set_value
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(container: Container) -> Iterator[Finding]:
    """Yield a finding for each probe of a port that is not declared."""
    if (
        container.workload.is_patch
        or not container.probes
        or container.is_templated(container.node.at("ports"))
    ):
        return
    if container.templated and container.lacks("ports") != (container.node.at("ports") is None):
        return
    ports = [port for port in container.ports if port.protocol == "TCP"]
    for probe in container.probes:
        yield from _of_probe(container, probe, ports)


def _of_probe(container: Container, probe: Probe, ports: list[ContainerPort]) -> Iterator[Finding]:
    asked, node = probe.port, probe.port_node
    if node is None or not isinstance(asked, int | str) or probe.handler == "grpc":
        return
    if any(asked in (port.number, port.name) for port in ports) or _is_unknown(ports):
        return
    kind = probe.name.removesuffix("Probe")
    yield Finding(
        node,
        f"the {kind} probe of `{container.name}` asks port `{asked}`, which it does not declare",
        fixes=tuple(_fixes(container, asked, node, ports)),
        level=None if isinstance(asked, str) else Level.PEDANTIC,
        detail="a name that no port has cannot be resolved: the probe fails each time"
        if isinstance(asked, str)
        else "",
        equivalents=(f"kube-linter:{kind}-port",),
    )


def _is_unknown(ports: list[ContainerPort]) -> bool:
    """Say whether a template decides a number."""
    return any(port.number is not None and not isinstance(port.number, int) for port in ports)


def _fixes(container: Container, asked: int | str, node: Scalar, ports: list[ContainerPort]) -> Iterator[Fix]:
    named = [port.name for port in ports if port.name]
    if isinstance(asked, str):
        if len(named) == 1:
            yield Fix(f"Ask port `{named[0]}`", Safety.UNSAFE, edits=(set_value(node, named[0]),))
        elif len(ports) == 1 and not named:
            number = str(ports[0].number)
            yield Fix(f"Ask port {number}", Safety.UNSAFE, edits=(set_value(node, number),))
        return
    text, declared = container.file.text, container.node.at("ports")
    if isinstance(declared, Sequence) and declared.items:
        edit = add_item(text, declared, f"containerPort: {asked}")
    elif declared is None:
        edit = add_entry(text, container.node, "ports", f"- containerPort: {asked}")
    else:
        return
    yield Fix(f"Declare port {asked}", Safety.SAFE, edits=(edit,))
