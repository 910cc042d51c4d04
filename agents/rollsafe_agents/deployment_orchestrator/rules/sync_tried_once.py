"""Argo CD syncs an application once and gives up.

## What it does
Reports automated syncing without `retry` and without `selfHeal`, which tries again, and a `retry` whose `limit` is 0.

## Why it matters
Automated syncing attempts each commit once. When a webhook is restarting or a CustomResourceDefinition is not there yet, the
sync fails, and the release waits for the next commit or for somebody who notices.

## Bad
```yaml title="argocd/shop.yaml"
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: shop
spec:
  project: default
  source:
    repoURL: https://git.example/shop
    path: k8s
    targetRevision: v1.4.0
  destination:
    server: https://kubernetes.default.svc
    namespace: shop
  syncPolicy:
    automated:  # <-
      prune: true
```

## Good
```yaml title="argocd/shop.yaml"
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: shop
spec:
  project: default
  source:
    repoURL: https://git.example/shop
    path: k8s
    targetRevision: v1.4.0
  destination:
    server: https://kubernetes.default.svc
    namespace: shop
  syncPolicy:
    automated:
      prune: true
    retry:
      limit: 5
```

## Fix
Adds five retries. Unsafe: hooks run again with each of them.

## References
- [Argo CD: automated sync semantics](https://argo-cd.readthedocs.io/en/stable/user-guide/auto_sync/#automated-sync-semantics)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from functools import partial

from rollsafe.artefacts.kubernetes import Application
from rollsafe.formats.nodes import Mapping
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.intent import explained
from rollsafe.rules.manifest_edits import put_all


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(application: Application) -> Iterator[Finding]:
    """Yield a finding for an application whose sync nothing repeats."""
    policy, automated = application.sync_policy, application.automated
    if policy is None or automated is None or application.is_patch or application.is_templated(policy):
        return
    limit = policy.int_at("retry", "limit")
    if automated.bool_at("selfHeal") is True or (policy.at("retry") is not None and limit != 0):
        return
    key = policy.key_at("automated") if limit is None else policy.key_at("retry", "limit")
    if key is None or explained(application.file, key):
        return
    yield Finding(
        key,
        f"a sync of `{application.name}` that fails is not tried again until the next commit",
        fixes=partial(_fixes, application, policy),
    )


def _fixes(application: Application, policy: Mapping) -> tuple[Fix, ...]:
    title = "Try up to five times again"
    return put_all(title, Safety.UNSAFE, application.file.text, policy, (("retry", "limit"), "5"))
