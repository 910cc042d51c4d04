"""Argo CD deletes everything when it finds nothing.

## What it does
Reports automated syncing with `prune: true` and `allowEmpty: true`.

## Why it matters
Argo CD refuses to prune an application down to nothing, since that is nearly always a mistake: a folder that was moved, a
branch that was emptied, a template that rendered nothing. `allowEmpty` takes this guard away, and the mistake deletes all
objects of the application within minutes, volumes included.

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
    retry: {limit: 5}
    automated:
      prune: true
      allowEmpty: true  # <-
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
    retry: {limit: 5}
    automated:
      prune: true
```

## Fix
Removes `allowEmpty`. Unsafe: an application that is to be empty is not synced from then on.

## References
- [Argo CD: automated sync policy](https://argo-cd.readthedocs.io/en/stable/user-guide/auto_sync/#automatic-pruning-with-allow-empty-v18)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from functools import partial

from rollsafe.artefacts.kubernetes import Application
from rollsafe.formats.nodes import Mapping
from rollsafe.formats.yaml_removal import remove_entry
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.rules.intent import explained


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(application: Application) -> Iterator[Finding]:
    """Yield a finding for an application that may be pruned down to nothing."""
    automated = application.automated
    if automated is None or automated.bool_at("prune") is not True:
        return
    key = automated.key_at("allowEmpty")
    if key is None or automated.bool_at("allowEmpty") is not True or explained(application.file, key):
        return
    yield Finding(
        key,
        f"all objects of `{application.name}` are deleted when its source comes out empty",
        fixes=partial(_fixes, application, automated),
        detail="a folder that was moved or a template that renders nothing is enough",
    )


def _fixes(application: Application, automated: Mapping) -> tuple[Fix, ...]:
    edit = remove_entry(application.file.text, automated, "allowEmpty")
    return (Fix("Remove `allowEmpty`", Safety.UNSAFE, edits=(edit,)),) if edit is not None else ()
