"""A migration runs at the same time as the release that needs it.

## What it does
Reports Jobs that migrate a database and that are applied in one go with a workload of the same image: by the same
file, kustomization or chart. A hook of Helm or Argo CD, a sync wave, and an init container of the workload that
waits for the migration are an order.

## Why it matters
All objects are applied at once. New pods may serve before the columns they read are there, and when the migration
fails, the release rolls out all the same: nothing waits for the Job, nothing stops at its failure.

## Bad
```yaml title="charts/shop/Chart.yaml"
apiVersion: v2
name: shop
version: 1.0.0
```
```yaml title="charts/shop/templates/shop.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
spec:
  replicas: 2
  selector:
    matchLabels: {app: shop}
  template:
    metadata:
      labels: {app: shop}
    spec:
      containers:
        - name: shop
          image: registry.example/shop:2.4.0
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```
```yaml title="charts/shop/templates/migrate.yaml"
apiVersion: batch/v1
kind: Job
metadata:
  name: migrate  # <-
spec:
  activeDeadlineSeconds: 600
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: migrate
          image: registry.example/shop:2.4.0
          command: [alembic, upgrade, head]
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Good
```yaml title="charts/shop/Chart.yaml"
apiVersion: v2
name: shop
version: 1.0.0
```
```yaml title="charts/shop/templates/shop.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
spec:
  replicas: 2
  selector:
    matchLabels: {app: shop}
  template:
    metadata:
      labels: {app: shop}
    spec:
      containers:
        - name: shop
          image: registry.example/shop:2.4.0
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```
```yaml title="charts/shop/templates/migrate.yaml"
apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
  annotations:
    helm.sh/hook: pre-install,pre-upgrade
    helm.sh/hook-delete-policy: before-hook-creation
spec:
  activeDeadlineSeconds: 600
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: migrate
          image: registry.example/shop:2.4.0
          command: [alembic, upgrade, head]
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Fix
Makes it a hook that runs before the release, in a chart or where Argo CD applies it. Unsafe: what the Job needs, such
as its ConfigMap and ServiceAccount, has to be there before the release.

## References
- [Helm: chart hooks](https://helm.sh/docs/topics/charts_hooks/)
- [Argo CD: resource hooks](https://argo-cd.readthedocs.io/en/stable/user-guide/resource_hooks/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Container, KubernetesObject, Workload
from rollsafe.rules import Confidence, Finding, Fix, Related, Safety, Severity, rule
from rollsafe.rules.manifest_edits import put_all
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.release_order import goes_with, is_ordered, migration_of, waits

_HELM: Final = "helm.sh/hook: pre-install,pre-upgrade\nhelm.sh/hook-delete-policy: before-hook-creation"
_ARGO: Final = "argocd.argoproj.io/hook: PreSync\nargocd.argoproj.io/hook-delete-policy: BeforeHookCreation"
_PATH: Final = ("metadata", "annotations")


@rule(severity=Severity.WARNING, since="0.1.0", confidence=Confidence.MEDIUM, fix=Safety.UNSAFE)
def check(job: Workload, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a migration that nothing waits for."""
    if job.kind != "Job" or job.is_patch or is_ordered(job):
        return
    for container in job.containers:
        command = migration_of(container)
        user = _user(job, graph) if command is not None else None
        if command is not None and user is not None:
            words = " ".join(command.texts[:4])
            yield Finding(
                job.title_node,
                f"`{words}` runs beside the rollout of `{user.name}` instead of before it",
                fixes=_fixes(job, graph),
                related=(
                    Related(user.file, user.title_node, "starts at the same moment, from the same image"),
                ),
                detail=f"pods of `{user.name}` may serve before the migration is done, or after it failed",
            )
            return


def _user(job: Workload, graph: Graph) -> Workload | None:
    """Return the workload that runs the code the migration belongs to."""
    images = {one.image.path for one in job.containers if one.image is not None}
    for key in sorted(f"image:{path}" for path in images):
        for container in graph.find(Container, key):
            other = container.workload
            if other.is_long_running and not other.is_patch and goes_with(job, other, graph):
                return None if waits(other) else other
    return None


def _fixes(job: Workload, graph: Graph) -> tuple[Fix, ...]:
    text, root = job.file.text, job.root
    if job.node.at(*_PATH) is not None:
        return ()
    if job.from_template:
        return put_all("Run it as a hook before the release", Safety.UNSAFE, text, root, (_PATH, _HELM))
    if any(one.api_group == "argoproj.io" for one in graph.every(KubernetesObject, "Application/")):
        return put_all("Run it as a hook before the sync", Safety.UNSAFE, text, root, (_PATH, _ARGO))
    return ()
