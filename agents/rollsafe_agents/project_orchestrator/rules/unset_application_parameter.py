"""The template of an ApplicationSet takes a parameter that no generator sets.

## What it does
Compares `{{ }}` in the template of an ApplicationSet with the elements of its list generators, and with the way the set is
written: with `goTemplate: true` a parameter begins with a dot, without it there is none. Sets with generators whose
parameters nobody can know here are held only to the second.

## Why it matters
Without Go templates the text stays as it is and becomes part of a name or a path; with them the set fails to render, or
writes `<no value>`. No application is made or, worse, those that exist are changed to it.

## Bad
```yaml title="argocd/shop.yaml"
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata:
  name: shop
spec:
  generators:
    - list:
        elements:
          - cluster: east
            url: https://east.example
          - cluster: west
            url: https://west.example
  template:
    metadata:
      name: shop-{{cluster}}
    spec:
      project: default
      source:
        repoURL: https://git.example/shop
        path: k8s/{{clustr}}  # <-
        targetRevision: v1.4.0
      destination:
        server: '{{url}}'
        namespace: shop
```

## Good
```yaml title="argocd/shop.yaml"
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata:
  name: shop
spec:
  generators:
    - list:
        elements:
          - cluster: east
            url: https://east.example
          - cluster: west
            url: https://west.example
  template:
    metadata:
      name: shop-{{cluster}}
    spec:
      project: default
      source:
        repoURL: https://git.example/shop
        path: k8s/{{cluster}}
        targetRevision: v1.4.0
      destination:
        server: '{{url}}'
        namespace: shop
```

## Fix
Writes the nearest parameter, or the dot that belongs before it. Unsafe: applications are made of it.

## References
- [Argo CD: ApplicationSet templates](https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Template/)
- [Argo CD: Go template](https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/GoTemplate/)

## Equivalent rules
None known.
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Application
from rollsafe.formats.nodes import Mapping, Scalar, walk
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, rule
from rollsafe.text import Span, nearest
from rollsafe.text.patterns import lazily

_PLAIN: Final = lazily(r"\{\{\s*([A-Za-z_][\w.-]*)\s*\}\}")
_DOTTED: Final = lazily(r"\{\{-?\s*\.([a-z_]\w*)[\w.]*\s*-?\}\}")
"""What Helm renders, such as `.Release.Name`, begins with a capital."""
_WORDS: Final = frozenset({"end", "else", "now", "break", "continue", "uuidv4"})
"""What stands alone in a Go template without being a parameter."""


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(application: Application) -> Iterator[Finding]:
    """Yield a finding for each parameter that nothing sets."""
    template = application.node.map_at("spec", "template") if application.is_set else None
    if template is None or application.from_template or application.is_patch:
        return
    is_go = application.node.bool_at("spec", "goTemplate") is True
    known = _parameters(application)
    for scalar in walk(template):
        if not isinstance(scalar, Scalar) or "{{" not in scalar.text:
            continue
        wrong, right = (_PLAIN, _DOTTED) if is_go else (_DOTTED, _PLAIN)
        for found in wrong.finditer(scalar.text):
            if found[1] not in _WORDS and not (not is_go and "range" in scalar.text):
                yield _of_other_language(application, scalar, found, is_go=is_go)
        for found in right.finditer(scalar.text):
            if known is not None and found[1] not in known:
                yield _unset(application, scalar, found, known)


def _parameters(application: Application) -> set[str] | None:
    """Return the parameters that the generators set; None where nobody can know."""
    known: set[str] = set()
    generators = application.node.items_at("spec", "generators")
    for generator in generators:
        elements = generator.items_at("list", "elements")
        if not elements or len(generator.keys() if isinstance(generator, Mapping) else ()) != 1:
            return None
        if generator.at("list", "elementsYaml") is not None or generator.at("list", "template") is not None:
            return None
        for element in elements:
            if not isinstance(element, Mapping) or application.lacks("spec"):
                return None
            known |= {*element.keys(), *(f"values.{name}" for name in _keys(element.at("values")))}
    return known or None


def _keys(node: object) -> list[str]:
    return node.keys() if isinstance(node, Mapping) else []


def _of_other_language(
    application: Application, scalar: Scalar, found: re.Match[str], *, is_go: bool
) -> Finding:
    written = found[0]
    if is_go:
        meant = written.replace(found[1], f".{found[1]}", 1)
        why = "with `goTemplate: true` a parameter begins with a dot"
    else:
        meant = written.replace(f".{found[1]}", found[1], 1)
        why = "only with `goTemplate: true` it begins with a dot"
    return Finding(
        scalar,
        f"`{written}` is no parameter of `{application.name}`: {why}",
        fixes=_writing(application, scalar, written, meant),
        detail="the set fails to render, or the text becomes part of the application as it is",
    )


def _unset(application: Application, scalar: Scalar, found: re.Match[str], known: set[str]) -> Finding:
    close = nearest(found[1], known)
    hint = f"; the nearest is `{close}`" if close is not None else ""
    fixes: tuple[Fix, ...] = ()
    if close is not None:
        fixes = _writing(application, scalar, found[0], found[0].replace(found[1], close, 1))
    return Finding(
        scalar,
        f"no generator of `{application.name}` sets `{found[1]}`{hint}",
        fixes=fixes,
        detail="the set fails to render, or the text becomes part of the application as it is",
    )


def _writing(application: Application, scalar: Scalar, written: str, meant: str) -> tuple[Fix, ...]:
    at = application.file.slice(scalar).find(written)
    if at < 0:
        return ()
    edit = Edit(Span(scalar.start + at, scalar.start + at + len(written)), meant)
    return (Fix(f"Write `{meant}`", Safety.UNSAFE, edits=(edit,)),)
