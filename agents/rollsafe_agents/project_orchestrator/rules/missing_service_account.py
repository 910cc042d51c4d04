"""Pods run as a ServiceAccount that does not exist.

## What it does
Reports workloads whose ServiceAccount is not in the repository although others are beside it or one has nearly the
same name; without such a sign it is told to auditors only. Charts are left alone.

## Why it matters
The admission controller refuses every pod: `serviceaccount "…" not found`. The Deployment is accepted, its
ReplicaSet makes no pod, and during an update the old pods stay.

## Bad
```yaml title="k8s/worker.yaml"
apiVersion: v1
kind: Pod
metadata:
  name: worker
spec:
  serviceAccountName: wroker  # <-
  containers:
    - name: worker
      image: registry.example/worker:1.4.2
      resources:
        requests: {cpu: 100m, memory: 128Mi}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: worker
```

## Good
```yaml title="k8s/worker.yaml"
apiVersion: v1
kind: Pod
metadata:
  name: worker
spec:
  serviceAccountName: worker
  containers:
    - name: worker
      image: registry.example/worker:1.4.2
      resources:
        requests: {cpu: 100m, memory: 128Mi}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: worker
```

## Fix
Uses the nearest name. Unsafe: the pods get what that account may do.

## References
- [Kubernetes: service accounts](https://kubernetes.io/docs/concepts/security/service-accounts/)

## Equivalent rules
- `kube-linter:non-existent-service-account`
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import ServiceAccount, Workload
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Confidence, Finding, Fix, Level, Safety, Severity, rule
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.missing import missing


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(workload: Workload, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a workload whose account is not there."""
    account = workload.service_account
    if account is None or account.name in ("", "default"):
        return
    gone = missing(workload, ServiceAccount, "ServiceAccount", account.name, graph)
    if gone is None:
        return
    fixes: tuple[Fix, ...] = ()
    if gone.close is not None:
        edit = set_value(account.name_node, gone.close)
        fixes = (Fix(f"Run as `{gone.close}`", Safety.UNSAFE, edits=(edit,)),)
    yield Finding(
        account.name_node,
        f"`{workload.name}` runs as ServiceAccount `{account.name}`, which nobody defines",
        fixes=fixes,
        severity=None if gone.is_sure else Severity.WARNING,
        confidence=None if gone.is_sure else Confidence.LOW,
        level=None if gone.is_sure else Level.AUDITOR,
        detail="no pod is made until the account exists",
    )
