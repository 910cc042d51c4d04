"""A hook that failed stands in the way of the next release.

## What it does
Reports Jobs and Pods that Helm runs before or after a release and whose `helm.sh/hook-delete-policy` keeps them after they
failed, or after they ended well, without `before-hook-creation`. Hooks without a policy are left alone: Helm deletes them
before it makes them anew. So are objects with a new name in each release.

## Why it matters
The migration fails, somebody mends it and releases again, and Helm stops with `jobs "migrate" already exists`. The way
out of the failed release is shut until somebody deletes the Job by hand.

## Bad
```yaml title="chart/templates/migrate.yaml"
apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
  annotations:
    helm.sh/hook: pre-install,pre-upgrade
    helm.sh/hook-delete-policy: hook-succeeded  # <-
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
            limits: {memory: 128Mi}
```

## Good
```yaml title="chart/templates/migrate.yaml"
apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
  annotations:
    helm.sh/hook: pre-install,pre-upgrade
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
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
            limits: {memory: 128Mi}
```

## Fix
Deletes what is left before the hook is made anew. Unsafe: the logs of the failed run go with it.

## References
- [Helm: hook deletion policies](https://helm.sh/docs/topics/charts_hooks/#hook-deletion-policies)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.artefacts.kubernetes.helm_hooks import POLICY
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.text.patterns import lazily

_FIRST: Final = "before-hook-creation"
_AGAIN: Final = ("upgrade", "rollback")
_SAME: Final = lazily(r"\{\{-?\s*\.(?:Release\.Name|Chart\.Name)\s*-?\}\}")
"""Tags that say the same in every release."""


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(workload: Workload) -> Iterator[Finding]:
    """Yield a finding for a hook that its next run finds in its place."""
    if workload.kind not in ("Job", "Pod") or not workload.is_helm_hook or not _is_same_name(workload):
        return
    policy = workload.node.at("metadata", "annotations", POLICY)
    left = _left(workload)
    if not isinstance(policy, Scalar) or "{{" in policy.text or left is None:
        return
    yield Finding(
        policy,
        f"`{workload.name}` is kept when it {left}, and the next release cannot make it again",
        fixes=partial(_fixes, policy),
        detail=f"Helm stops with `already exists` until somebody deletes the {workload.kind}",
    )


def _left(workload: Workload) -> str | None:
    """Return which end of the hook leaves its object behind for a further run; None for none."""
    policies, events = workload.hook_policies, workload.helm_hooks
    comes_again = any(word in event for event in events for word in _AGAIN)
    if not policies or _FIRST in policies or not (comes_again or any("install" in one for one in events)):
        return None
    if "hook-failed" not in policies:
        return "fails"
    return "succeeds" if comes_again and "hook-succeeded" not in policies else None


def _is_same_name(workload: Workload) -> bool:
    """Say whether it surely has one name in every release."""
    name = workload.node.text_at("metadata", "name") or ""
    return bool(name) and "{{" not in _SAME.sub("", name)


def _fixes(policy: Scalar) -> tuple[Fix, ...]:
    if policy.block:
        return ()
    title = "Delete what is left before the hook runs again"
    return (Fix(title, Safety.UNSAFE, edits=(set_value(policy, f"{_FIRST},{policy.text}"),)),)
