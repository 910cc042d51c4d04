"""A kustomization changes something that it does not build.

## What it does
Reports patches, image overrides, replica counts and merged generators of a kustomization that match none of
the objects it builds, its bases and components included. Kustomizations with remote bases, plugins, charts or
templates, and components, may get objects from elsewhere and are left alone.

## Why it matters
A patch for an object that was renamed in the base either stops `kustomize build`, or is left out in silence:
production then runs with the limits, the replicas or the image of the base, and the release that was meant to
change the tag changes nothing.

## Bad
```yaml title="k8s/production/kustomization.yaml"
resources:
  - ../base
patches:
  - target:
      kind: ConfigMap
      name: setings  # <-
    patch: '[{"op": "replace", "path": "/data/LOG_LEVEL", "value": "warn"}]'
```
```yaml title="k8s/base/kustomization.yaml"
resources:
  - settings.yaml
```
```yaml title="k8s/base/settings.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  LOG_LEVEL: info
```

## Good
```yaml title="k8s/production/kustomization.yaml"
resources:
  - ../base
patches:
  - target:
      kind: ConfigMap
      name: settings
    patch: '[{"op": "replace", "path": "/data/LOG_LEVEL", "value": "warn"}]'
```
```yaml title="k8s/base/kustomization.yaml"
resources:
  - settings.yaml
```
```yaml title="k8s/base/settings.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  LOG_LEVEL: info
```

## Fix
Uses the nearest name among the objects or images that are built. Unsafe: the change takes effect then, and
whether that name was meant is a guess.

## References
- [Kustomize: patches](https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/patches/)
- [Kustomize: images](https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/images/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Kustomization, is_placeholder
from rollsafe.artefacts.kubernetes.kustomization import Patch
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import FileEdit, Finding, Fix, Safety, Severity, rule
from rollsafe.text import nearest
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.kustomize_build import Build, build_of, objects_in
from rollsafe.workspace.kustomize_targets import PatchTarget, targets_of


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(kustomization: Kustomization, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each change that reaches nothing."""
    if not (
        kustomization.patches or kustomization.images or kustomization.replicas or kustomization.generators
    ):
        return
    build = build_of(kustomization, graph)
    if not build.is_complete:
        return
    for patch in kustomization.patches:
        yield from _patches(kustomization, patch, build, graph)
    yield from _images(kustomization, build, graph)
    yield from _replicas(kustomization, build)
    yield from _generators(kustomization, build)


def _patches(layer: Kustomization, patch: Patch, build: Build, graph: Graph) -> Iterator[Finding]:
    for target in targets_of(patch, graph):
        if target.matches(build):
            continue
        what = f"{target.kind} `{target.name}`" if target.kind else f"`{target.name}`"
        close = nearest(target.name or "", build.names_of(target.kind))
        yield Finding(
            patch.node.at("target", "name") or (patch.file.node if patch.file else None) or patch.node,
            f"the patch is for {what}, which `{_place(layer)}` does not build"
            + (f"; the nearest is `{close}`" if close else ""),
            fixes=_renamed_target(patch, target, close, graph),
            severity=Severity.ERROR if target.is_required else Severity.WARNING,
            detail=f"`kustomize build {_place(layer)}` "
            + ("stops with an error" if target.is_required else "leaves the patch out without a word"),
        )


def _renamed_target(patch: Patch, target: PatchTarget, close: str | None, graph: Graph) -> tuple[Fix, ...]:
    node = patch.node.at("target", "name")
    if close is None:
        return ()
    title = f"Use the name `{close}`"
    if isinstance(node, Scalar):
        return (Fix(title, Safety.UNSAFE, edits=(set_value(node, close),)),)
    path = patch.file.path if patch.file is not None else None
    for one in objects_in(path, graph) if path is not None else ():
        if one.name == target.name and one.kind == target.kind and one.name_node is not None:
            elsewhere = (FileEdit(one.file.path, set_value(one.name_node, close)),)
            return (Fix(title, Safety.UNSAFE, elsewhere=elsewhere),)
    return ()


def _images(layer: Kustomization, build: Build, graph: Graph) -> Iterator[Finding]:
    known = build.images()
    for one in layer.images:
        if one.name in known or is_placeholder(one.name) or build.may_hold_image(one.name, graph):
            continue
        close = nearest(one.name, known)
        yield Finding(
            one.name_node,
            f"no container that `{_place(layer)}` builds has the image `{one.name}`"
            + (f"; the nearest is `{close}`" if close else ""),
            fixes=_renamed(one.name_node, close),
            severity=Severity.WARNING,
            detail=f"{one.asks_for} goes nowhere, and what runs keeps the image of the base",
        )


def _replicas(layer: Kustomization, build: Build) -> Iterator[Finding]:
    known = build.names_of(None)
    for one in layer.replicas:
        if one.name and one.name not in known and not is_placeholder(one.name):
            yield _unknown(layer, one.node, one.name, "replicas are set for", nearest(one.name, known))


def _generators(layer: Kustomization, build: Build) -> Iterator[Finding]:
    for one in layer.generators:
        known = build.names_of(one.kind)
        if one.behavior in ("merge", "replace") and one.name not in known and not is_placeholder(one.name):
            said = f"the generator is to {one.behavior}"
            yield _unknown(layer, one.node, one.name, said, nearest(one.name, known))


def _unknown(layer: Kustomization, node: Mapping, name: str, said: str, close: str | None) -> Finding:
    where = node.at("name") or node
    return Finding(
        where,
        f"{said} `{name}`, which `{_place(layer)}` does not build"
        + (f"; the nearest is `{close}`" if close else ""),
        fixes=_renamed(where, close),
        detail=f"`kustomize build {_place(layer)}` stops with an error",
    )


def _renamed(node: Node, close: str | None) -> tuple[Fix, ...]:
    if close is None:
        return ()
    return (Fix(f"Use the name `{close}`", Safety.UNSAFE, edits=(set_value(node, close),)),)


def _place(layer: Kustomization) -> str:
    return layer.directory or "."
