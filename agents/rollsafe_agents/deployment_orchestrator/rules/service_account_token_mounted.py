"""Pods get a credential of the cluster they are unlikely to use.

## What it does
Reports pods into which the token of their ServiceAccount is mounted although nothing of the repository gives that
account a role, pods that run as the namespace's `default` account, and a `default` account that gives its token to all.

## Why it matters
The token is in every container of the pod. Whoever gets in asks the API server with it, and what the account may do
grows with every binding somebody makes later, above all for the `default` one, which all pods share.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  serviceAccountName: web  # <-
  containers:
    - name: web
      image: registry.example/web:1.4.2
      resources:
        requests: {cpu: 100m, memory: 128Mi}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: web
```

## Good
```yaml title="k8s/web.yaml"
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  serviceAccountName: web
  containers:
    - name: web
      image: registry.example/web:1.4.2
      resources:
        requests: {cpu: 100m, memory: 128Mi}
  automountServiceAccountToken: false
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: web
```

## Fix
Does not mount the token. Unsafe: a program that does talk to the API server, or takes its identity in a cloud from
the token, fails.

## References
- [Kubernetes: opt out of API credential automounting](https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting)

## Equivalent rules
- `kube-linter:default-service-account`
- `kube-linter:automount-service-account-token`
- `polaris:automountServiceAccountToken`
- `checkov:CKV_K8S_38`
- `checkov:CKV_K8S_41`
- `trivy:KSV-0036`
- `kubesec:AutomountServiceAccountToken`
- `kubesec:ServiceAccountName`
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.kubernetes import Reference, RoleBinding, ServiceAccount, Workload
from rollsafe.formats.nodes import Node
from rollsafe.formats.yaml_edit import add_entry, set_value
from rollsafe.rules import Confidence, Edit, Finding, Fix, Level, Safety, Severity, rule
from rollsafe.workspace.graph import Graph

_KEY: Final = "automountServiceAccountToken"
_MOUNTED: Final = (
    *("kube-linter:automount-service-account-token", "polaris:automountServiceAccountToken"),
    *("checkov:CKV_K8S_38", "trivy:KSV-0036", "kubesec:AutomountServiceAccountToken"),
)
_SHARED: Final = ("kube-linter:default-service-account", "kubesec:ServiceAccountName")


@rule(
    severity=Severity.INFO,
    since="0.1.0",
    level=Level.AUDITOR,
    confidence=Confidence.MEDIUM,
    fix=Safety.UNSAFE,
)
def check(thing: Workload | ServiceAccount, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a workload whose pods get a token for nothing, or for the shared account."""
    if isinstance(thing, Workload):
        yield from _pods(thing, graph)
    elif thing.name == "default" and thing.lacks(_KEY):
        edit = add_entry(thing.file.text, thing.node, _KEY, "false")
        yield Finding(
            thing.title_node,
            "ServiceAccount `default` gives its token to each pod that names no account",
            fixes=(Fix("Leave the token out", Safety.UNSAFE, edits=(edit,)),),
            equivalents=("checkov:CKV_K8S_41",),
        )


def _pods(workload: Workload, graph: Graph) -> Iterator[Finding]:
    account = workload.service_account
    if workload.pod_spec is None or workload.is_patch or (account is not None and not account.is_static):
        return
    if sum(entry.name == "serviceAccountName" for entry in workload.pod_spec.entries) > 1:
        return  # Both branches of a template stand in the file.
    is_shared = account is None or account.name in ("", "default")
    if account is None and not workload.pod_lacks("serviceAccountName"):
        return
    is_mounted = _is_mounted(workload, account, graph) and (is_shared or not _is_bound(account, graph))
    named = account is not None and is_shared
    if is_mounted:
        yield _finding(workload, account, is_mounted=True, is_shared=is_shared and not named)
    if named:
        yield _finding(workload, account, is_mounted=False, is_shared=True)


def _is_mounted(workload: Workload, account: Reference | None, graph: Graph) -> bool:
    assert workload.pod_spec is not None
    asked = workload.pod_spec.bool_at(_KEY)
    if asked is not None:
        return asked
    if not workload.pod_lacks(_KEY):
        return False
    name = account.name if account is not None else "default"
    found = graph.find(ServiceAccount, f"ServiceAccount/{name}")
    return not any(one.mounts_token is False for one in found if one.shares_namespace(workload))


def _is_bound(account: Reference | None, graph: Graph) -> bool:
    """Say whether a role of the repository is given to the account, so that its token is for something."""
    return account is not None and bool(graph.find(RoleBinding, f"subject:ServiceAccount/{account.name}"))


def _finding(workload: Workload, account: Reference | None, *, is_mounted: bool, is_shared: bool) -> Finding:
    name = account.name if account is not None and account.name else "default"
    where: Node = account.name_node if account is not None else workload.title_node
    words = f"run as the shared ServiceAccount `{name}`" if is_shared else f"run as `{name}`"
    token = " and get its token" if is_mounted else ""
    names = (*(_SHARED if is_shared else ()), *(_MOUNTED if is_mounted else ()))
    return Finding(
        where,
        f"the pods of `{workload.name}` {words}{token}, and no role is given to it here",
        fixes=partial(_fixes, workload) if is_mounted else (),
        equivalents=names,
    )


def _fixes(workload: Workload) -> tuple[Fix, ...]:
    edit = _without_token(workload)
    return () if edit is None else (Fix("Leave the token out", Safety.UNSAFE, edits=(edit,)),)


def _without_token(workload: Workload) -> Edit | None:
    spec = workload.pod_spec
    if spec is None:
        return None
    present = spec.at(_KEY)
    if present is None:
        return add_entry(workload.file.text, spec, _KEY, "false")
    return set_value(present, "false") if present.end > present.start else None
