"""An Ingress or route sends requests to a Service or port that does not exist.

## What it does
Reports backends of Ingresses, HTTPRoutes and GRPCRoutes whose Service is not in the repository although others are
beside it or one has nearly the same name, and backends whose Service has no such port. A Service that is missing
without such a sign is told to auditors only. Charts are left alone.

## Why it matters
The address answers 503 for that path. Applying it succeeds, the pods are healthy, and only users notice.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
spec:
  rules:
    - host: shop.example
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: wbe  # <-
                port:
                  number: 80
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  type: ExternalName
  externalName: web.example
  ports:
    - port: 80
```

## Good
```yaml title="k8s/web.yaml"
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
spec:
  rules:
    - host: shop.example
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: web
                port:
                  number: 80
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  type: ExternalName
  externalName: web.example
  ports:
    - port: 80
```

## Fix
Uses the nearest name, or the port the Service has. Unsafe: it sends traffic there.

## References
- [Kubernetes: Ingress rules](https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-rules)

## Equivalent rules
- `kube-linter:dangling-ingress`
- `kube-score:ingress-targets-service`
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Backend, Ingress, Service
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Confidence, Finding, Fix, Level, Related, Safety, Severity, rule
from rollsafe.text import nearest
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.missing import missing

_BY_ANNOTATION = "use-annotation"


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(ingress: Ingress, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each backend that is not there."""
    if ingress.is_patch:
        return
    for backend in ingress.backends:
        if backend.port == _BY_ANNOTATION or backend.node.at("namespace") is not None:
            continue
        found = graph.find(Service, f"Service/{backend.service}")
        here = [one for one in found if one.shares_namespace(ingress)]
        if here:
            yield from _port(ingress, backend, here)
        else:
            yield from _service(ingress, backend, graph)


def _service(ingress: Ingress, backend: Backend, graph: Graph) -> Iterator[Finding]:
    gone = missing(ingress, Service, "Service", backend.service, graph)
    if gone is None:
        return
    fixes: tuple[Fix, ...] = ()
    if gone.close is not None:
        edit = set_value(backend.service_node, gone.close)
        fixes = (Fix(f"Send to `{gone.close}`", Safety.UNSAFE, edits=(edit,)),)
    yield Finding(
        backend.service_node,
        f"{ingress.kind} `{ingress.name}` sends {_what(backend)} to Service `{backend.service}`, which nobody defines",
        fixes=fixes,
        severity=None if gone.is_sure else Severity.WARNING,
        confidence=None if gone.is_sure else Confidence.LOW,
        level=None if gone.is_sure else Level.AUDITOR,
        detail="requests are answered with 503",
    )


def _port(ingress: Ingress, backend: Backend, services: list[Service]) -> Iterator[Finding]:
    port, node, service = backend.port, backend.port_node, services[0]
    if not isinstance(port, int | str) or node is None or any(one.templated for one in services):
        return
    if any(one.is_patch or not one.ports or one.serves_on(port) for one in services):
        return
    has = ", ".join(str(one.name or one.port) for one in service.ports)
    yield Finding(
        node,
        f"{ingress.kind} `{ingress.name}` sends to port `{port}` of Service `{service.name}`, which has `{has}`",
        fixes=tuple(_meant(node, port, service)),
        related=(Related(service.file, service.title_node, f"Service `{service.name}`"),),
        detail="requests are answered with 503",
    )


def _meant(node: Scalar, port: int | str, service: Service) -> Iterator[Fix]:
    names = [one.name for one in service.ports if one.name]
    only = service.ports[0] if len(service.ports) == 1 else None
    meant = nearest(port, names) if isinstance(port, str) else None
    if meant is None and only is not None:
        meant = str(only.port) if isinstance(port, int) and isinstance(only.port, int) else only.name
    if meant is not None:
        yield Fix(f"Send to port `{meant}`", Safety.UNSAFE, edits=(set_value(node, meant),))


def _what(backend: Backend) -> str:
    where = f"{backend.host or ''}{backend.path or ''}"
    return f"`{where}`" if where else "what else comes"
