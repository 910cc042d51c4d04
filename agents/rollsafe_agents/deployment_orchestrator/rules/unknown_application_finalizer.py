"""An application of Argo CD can never be deleted.

## What it does
Reports finalizers of an Application, or of the template of an ApplicationSet, that end with `argocd.argoproj.io` and that
Argo CD does not know.

## Why it matters
Nobody takes such a finalizer away: once the application is deleted it stays in that state for good, its objects are not
deleted either, and an ApplicationSet cannot make it anew.

## Bad
```yaml title="argocd/shop.yaml"
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: shop
  finalizers:
    - resource-finalizer.argocd.argoproj.io  # <-
spec:
  project: default
  source:
    repoURL: https://git.example/shop
    path: k8s
    targetRevision: v1.4.0
  destination:
    server: https://kubernetes.default.svc
    namespace: shop
```

## Good
```yaml title="argocd/shop.yaml"
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: shop
  finalizers:
    - resources-finalizer.argocd.argoproj.io
spec:
  project: default
  source:
    repoURL: https://git.example/shop
    path: k8s
    targetRevision: v1.4.0
  destination:
    server: https://kubernetes.default.svc
    namespace: shop
```

## Fix
Writes the nearest finalizer that is known. Unsafe: the objects go with the application from then on.

## References
- [Argo CD: about the deletion finalizer](https://argo-cd.readthedocs.io/en/stable/user-guide/app_deletion/#about-the-deletion-finalizer)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Application, is_placeholder
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.text import nearest

_DOMAIN: Final = "argocd.argoproj.io"
_KNOWN: Final = (
    f"resources-finalizer.{_DOMAIN}",
    f"resources-finalizer.{_DOMAIN}/background",
    f"resources-finalizer.{_DOMAIN}/foreground",
    f"post-delete-finalizer.{_DOMAIN}",
    f"post-delete-finalizer.{_DOMAIN}/cleanup",
    f"pre-delete-finalizer.{_DOMAIN}",
    f"pre-delete-finalizer.{_DOMAIN}/cleanup",
)


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(application: Application) -> Iterator[Finding]:
    """Yield a finding for each finalizer that nobody takes away."""
    path = ("spec", "template", "metadata") if application.is_set else ("metadata",)
    for node in application.node.items_at(*path, "finalizers"):
        if not isinstance(node, Scalar) or node.text in _KNOWN or is_placeholder(node.text):
            continue
        if not node.text.partition("/")[0].endswith(_DOMAIN):
            continue
        close = nearest(node.text, _KNOWN)
        hint = ""
        fixes: tuple[Fix, ...] = ()
        if close is not None:
            hint = f"; the nearest is `{close}`"
            fixes = (Fix(f"Use `{close}`", Safety.UNSAFE, edits=(set_value(node, close),)),)
        yield Finding(
            node,
            f"`{application.name}` has the finalizer `{node.text}`, which Argo CD does not know{hint}",
            fixes=fixes,
            detail="once it is deleted, the application stays in that state for good",
        )
