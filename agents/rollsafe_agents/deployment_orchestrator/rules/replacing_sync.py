"""Argo CD replaces the objects of a whole application at each sync.

## What it does
Reports the sync options `Replace=true` and `Force=true` of an application. On a single object, as an annotation, they are left
alone.

## Why it matters
`Replace=true` writes objects anew instead of changing them: what the cluster itself or an autoscaler has set is gone at each
sync. With `Force=true` Argo CD deletes an object and creates it again: the pods of a Deployment stop all at once, and a
Service gets another address.

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
    syncOptions:
      - CreateNamespace=true
      - Replace=true  # <-
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
    syncOptions:
      - CreateNamespace=true
      - ServerSideApply=true
```

## Fix
Writes `ServerSideApply=true`, which takes objects of any size as well and leaves alone what others set. Unsafe: fields that
another tool owns are refused.

## References
- [Argo CD: sync options](https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/#replace-resource-instead-of-applying-changes)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Application
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.rules.intent import explained

_INSTEAD: Final = "ServerSideApply=true"
_MEANING: Final = {
    "Replace=true": "written anew at each sync, with all that the cluster has set in them gone",
    "Force=true": "deleted and created again at a sync that cannot change them",
}


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(application: Application) -> Iterator[Finding]:
    """Yield a finding for each option that replaces all objects."""
    options = list(application.sync_options)
    for option in options:
        meaning = _MEANING.get(option.text)
        if meaning is not None and not explained(application.file, option):
            yield Finding(
                option, f"all objects of `{application.name}` are {meaning}", fixes=_fixes(option, options)
            )


def _fixes(option: Scalar, options: list[Scalar]) -> tuple[Fix, ...]:
    if any(one.text == _INSTEAD for one in options) or option.text != "Replace=true":
        return ()
    return (Fix(f"Use `{_INSTEAD}`", Safety.UNSAFE, edits=(set_value(option, _INSTEAD),)),)
