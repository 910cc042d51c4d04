"""Every pod of a workload migrates the database before it starts.

## What it does
Reports workloads whose container command migrates a database and then serves, and init containers that migrate where
several pods may start at once (the latter at level `pedantic`).

## Why it matters
A rolling update starts several pods, each of which migrates. Two at once can break what has no lock of its own; a
migration that fails is a crash loop, and one that is slow is killed by the startup probe in the middle.

## Bad
```yaml title="k8s/shop.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
spec:
  replicas: 3
  selector:
    matchLabels: {app: shop}
  template:
    metadata:
      labels: {app: shop}
    spec:
      containers:
        - name: shop  # <-
          image: registry.example/shop:2.4.0
          command: [sh, -c, alembic upgrade head && exec gunicorn shop.app]
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Good
```yaml title="k8s/shop.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
spec:
  replicas: 3
  selector:
    matchLabels: {app: shop}
  template:
    metadata:
      labels: {app: shop}
    spec:
      containers:
        - name: shop
          image: registry.example/shop:2.4.0
          command: [gunicorn, shop.app]
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Fix
There is none here: the migration has to become a step of its own that runs once per release, such as a Helm
`pre-upgrade` hook or a job of the pipeline.

## References
- [Kubernetes: init containers](https://kubernetes.io/docs/concepts/workloads/pods/init-containers/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Container
from rollsafe.rules import Confidence, Finding, Level, Severity, rule
from rollsafe.rules.intent import explained
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.release_order import migration_of
from rollsafe.workspace.rollout_budget import budget_of


@rule(severity=Severity.WARNING, since="0.1.0", confidence=Confidence.MEDIUM)
def check(container: Container, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a migration that runs once per pod."""
    workload = container.workload
    if not workload.is_long_running or workload.is_patch or not (container.command or container.args):
        return
    command = migration_of(container)
    if command is None or explained(container.file, container.title_node):
        return
    most = budget_of(workload, graph).most
    if container.is_init and most is not None and most < 2:
        return
    words = " ".join(command.texts[:4])
    yield Finding(
        container.title_node,
        f"every pod of `{workload.name}` runs `{words}` before it serves",
        level=Level.PEDANTIC if container.is_init else None,
        detail="several pods start at once in a rollout, and each of them migrates",
    )
