"""A Rollout sends traffic through a Service that nobody defines.

## What it does
Reports the services that the strategy of a Rollout names (`canaryService`, `stableService`, `activeService`,
`previewService`, those of `pingPong`) and that are not in the workspace. Charts and templates are left alone; a service
that may come from elsewhere is told only to auditors.

## Why it matters
Argo Rollouts marks the Rollout as invalid and rolls nothing out, neither this release nor the next.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata:
  name: web
spec:
  workloadRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  strategy:
    blueGreen:
      activeService: web-actve  # <-
      autoPromotionEnabled: false
```
```yaml title="k8s/service.yaml"
apiVersion: v1
kind: Service
metadata:
  name: web-active
spec:
  type: ExternalName
  externalName: web.example.org
```

## Good
```yaml title="k8s/web.yaml"
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata:
  name: web
spec:
  workloadRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  strategy:
    blueGreen:
      activeService: web-active
      autoPromotionEnabled: false
```
```yaml title="k8s/service.yaml"
apiVersion: v1
kind: Service
metadata:
  name: web-active
spec:
  type: ExternalName
  externalName: web.example.org
```

## Fix
Writes the nearest name of a Service that exists. Unsafe: traffic goes there from then on.

## References
- [Argo Rollouts: BlueGreen](https://argo-rollouts.readthedocs.io/en/stable/features/bluegreen/)

## Equivalent rules
- `argo-rollouts:lint`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Service, Workload
from rollsafe.formats.nodes import Mapping, Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Confidence, Finding, Fix, Level, Safety, Severity, rule
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.missing import missing

_PATHS: Final = (
    ("canary", "stableService"),
    ("canary", "canaryService"),
    ("canary", "pingPong", "pingService"),
    ("canary", "pingPong", "pongService"),
    ("blueGreen", "activeService"),
    ("blueGreen", "previewService"),
)


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(workload: Workload, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each service that is not there."""
    strategy = workload.strategy if workload.kind == "Rollout" else None
    for key, node in _services(strategy) if strategy is not None else ():
        gone = missing(workload, Service, "Service", node.text, graph)
        if gone is None:
            continue
        hint = ""
        fixes: tuple[Fix, ...] = ()
        if gone.close is not None:
            edit = set_value(node, gone.close)
            hint = f"; the nearest is `{gone.close}`"
            fixes = (Fix(f"Use `{gone.close}`", Safety.UNSAFE, edits=(edit,)),)
        yield Finding(
            node,
            f"`{key}` of `{workload.name}` is Service `{node.text}`, which nobody defines{hint}",
            fixes=fixes,
            severity=None if gone.is_sure else Severity.WARNING,
            confidence=None if gone.is_sure else Confidence.LOW,
            level=None if gone.is_sure else Level.AUDITOR,
            detail="Argo Rollouts marks the Rollout as invalid and rolls nothing out",
        )


def _services(strategy: Mapping) -> Iterator[tuple[str, Scalar]]:
    for path in _PATHS:
        node = strategy.at(*path)
        if isinstance(node, Scalar) and node.text:
            yield path[-1], node
