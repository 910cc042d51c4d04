"""Argo CD goes on to see a difference that it is to ignore.

## What it does
Reports entries of `ignoreDifferences` that name nothing to ignore, and pointers that do not begin with a slash, which lead
nowhere.

## Why it matters
The application stays out of sync, or with self-healing Argo CD and the controller that owns the field change it back and
forth: an autoscaler adds pods and each sync takes them away.

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
  ignoreDifferences:
    - group: apps
      kind: Deployment
      jsonPointers:
        - .spec.replicas  # <-
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
  ignoreDifferences:
    - group: apps
      kind: Deployment
      jsonPointers:
        - /spec/replicas
```

## Fix
Writes a path of names as a pointer. Unsafe: the difference is ignored from then on.

## References
- [Argo CD: diffing customization](https://argo-cd.readthedocs.io/en/stable/user-guide/diffing/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Application, is_placeholder
from rollsafe.formats.nodes import Mapping, Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.rules.fields import place_of
from rollsafe.text.patterns import lazily

_NAMING: Final = ("jsonPointers", "jqPathExpressions", "managedFieldsManagers")
_PATH: Final = lazily(r"\.?[A-Za-z]\w*(?:[./]\w+)*")


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(application: Application) -> Iterator[Finding]:
    """Yield a finding for each entry that ignores nothing."""
    template = application.template
    for entry in template.items_at("ignoreDifferences") if template is not None else ():
        if not isinstance(entry, Mapping) or application.is_templated(entry):
            continue
        if not any(entry.items_at(key) for key in _NAMING):
            yield Finding(
                place_of(entry),
                f"`{application.name}` ignores nothing of `{entry.text_at('kind') or 'it'}`: no pointer is named",
            )
        for pointer in entry.items_at("jsonPointers"):
            if isinstance(pointer, Scalar) and pointer.text and not pointer.text.startswith("/"):
                yield from _pointer(application, pointer)


def _pointer(application: Application, pointer: Scalar) -> Iterator[Finding]:
    if is_placeholder(pointer.text):
        return
    fixes: tuple[Fix, ...] = ()
    if _PATH.fullmatch(pointer.text):
        meant = "/" + pointer.text.lstrip(".").replace(".", "/")
        fixes = (Fix(f"Write `{meant}`", Safety.UNSAFE, edits=(set_value(pointer, meant),)),)
    yield Finding(
        pointer,
        f"`{pointer.text}` leads nowhere in `{application.name}`: a pointer begins with `/`",
        fixes=fixes,
    )
