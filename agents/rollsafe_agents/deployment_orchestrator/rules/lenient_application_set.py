"""An ApplicationSet writes `<no value>` where a parameter is missing.

## What it does
Reports ApplicationSets with `goTemplate: true` that do not ask for `missingkey=error`.

## Why it matters
A parameter that a generator does not set becomes the text `<no value>` in a name, a path or a namespace. The applications that
exist are changed to it, and with pruning their objects are deleted where they were.

## Bad
```yaml title="argocd/shop.yaml"
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata:
  name: shop
spec:
  goTemplate: true  # <-
  generators:
    - clusters: {}
  template:
    metadata:
      name: shop-{{.nameNormalized}}
    spec:
      project: default
      source:
        repoURL: https://git.example/shop
        path: k8s
        targetRevision: v1.4.0
      destination:
        server: '{{.server}}'
        namespace: shop
```

## Good
```yaml title="argocd/shop.yaml"
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata:
  name: shop
spec:
  goTemplate: true
  goTemplateOptions: [missingkey=error]
  generators:
    - clusters: {}
  template:
    metadata:
      name: shop-{{.nameNormalized}}
    spec:
      project: default
      source:
        repoURL: https://git.example/shop
        path: k8s
        targetRevision: v1.4.0
      destination:
        server: '{{.server}}'
        namespace: shop
```

## Fix
Adds `missingkey=error`: the set is not rendered then, and what exists stays. Unsafe, since a set that renders with a missing
parameter stops to.

## References
- [Argo CD: Go template](https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/GoTemplate/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from functools import partial

from rollsafe.artefacts.kubernetes import Application
from rollsafe.formats.nodes import Entry, Mapping
from rollsafe.formats.yaml_edit import add_entry, add_entry_after
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.intent import explained


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(application: Application) -> Iterator[Finding]:
    """Yield a finding for a set that renders without a parameter."""
    spec = application.spec if application.is_set else None
    entry = spec.entry("goTemplate") if spec is not None else None
    if spec is None or entry is None or spec.bool_at("goTemplate") is not True or application.from_template:
        return
    if spec.at("goTemplateOptions") is not None or explained(application.file, entry.key):
        return
    yield Finding(
        entry.key,
        f"`{application.name}` writes `<no value>` where a parameter is missing",
        fixes=partial(_fixes, application, spec, entry),
    )


def _fixes(application: Application, spec: Mapping, entry: Entry) -> tuple[Fix, ...]:
    text, added = application.file.text, ("goTemplateOptions", "[missingkey=error]")
    edit = add_entry(text, spec, *added) if spec.flow else add_entry_after(text, entry, *added)
    return (Fix("Stop at a missing parameter", Safety.UNSAFE, edits=(edit,)),)
