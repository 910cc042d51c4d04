"""A manifest beside a kustomization that no kustomization lists.

## What it does
Reports manifests in the directory of a kustomization, below which several of its files are listed, that no
kustomization of the repository names. Files that are commented out there are left alone.

## Why it matters
Whoever reads the directory takes the object for deployed: a NetworkPolicy, a disruption budget or an alert
that nothing applies protects nobody, and nobody is told.

## Bad
```yaml title="k8s/kustomization.yaml"
resources:
  - settings.yaml
  - limits.yaml
```
```yaml title="k8s/settings.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  LOG_LEVEL: info
```
```yaml title="k8s/limits.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: limits
data:
  MAX_ORDERS: "20"
```
```yaml title="k8s/flags.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: flags  # <-
data:
  NEW_CHECKOUT: "on"
```

## Good
```yaml title="k8s/kustomization.yaml"
resources:
  - settings.yaml
  - limits.yaml
  - flags.yaml
```
```yaml title="k8s/settings.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  LOG_LEVEL: info
```
```yaml title="k8s/limits.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: limits
data:
  MAX_ORDERS: "20"
```
```yaml title="k8s/flags.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: flags
data:
  NEW_CHECKOUT: "on"
```

## Fix
Adds the file to the `resources` of the kustomization. Unsafe: the object is deployed from then on.

## References
- [Kustomize: resources](https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/resource/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import KubernetesObject, Kustomization
from rollsafe.formats.nodes import Sequence
from rollsafe.formats.yaml_edit import add_item
from rollsafe.rules import FileEdit, Finding, Fix, Level, Related, Safety, Severity, rule
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.kustomize_build import objects_in
from rollsafe.workspace.wiring import kustomizations_listing

_FEW: Final = 2
"""Files listed in the same directory from which on listing is what the directory does."""


@rule(severity=Severity.HINT, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(thing: KubernetesObject, graph: Graph) -> Iterator[Finding]:
    """Yield a finding at the first object of a file that nothing lists."""
    path = thing.file.path
    layer = graph.first(Kustomization, f"dir:{thing.file.directory}")
    if layer is None or thing.from_template or thing.file.name in layer.file.text:
        return
    listed = [one for one in layer.named_paths if one.path and _is_in(one.path, layer.directory)]
    if len(listed) < _FEW or kustomizations_listing(path, graph) or objects_in(path, graph)[0] is not thing:
        return
    yield Finding(
        thing.title_node,
        f"`{thing.file.name}` lies beside `{layer.file.name}` and no kustomization lists it",
        fixes=_fixes(layer, thing),
        related=(Related(layer.file, layer.root.key_at("resources") or layer.root, "the others are here"),),
        detail=f"{thing.kind} `{thing.name}` is not deployed with the {len(listed)} files that are listed",
    )


def _is_in(path: str, directory: str) -> bool:
    return path.rpartition("/")[0] == directory


def _fixes(layer: Kustomization, thing: KubernetesObject) -> tuple[Fix, ...]:
    resources = layer.root.at("resources")
    if not isinstance(resources, Sequence) or not resources.items or thing.is_patch:
        return ()
    edit = add_item(layer.file.text, resources, thing.file.name)
    elsewhere = (FileEdit(layer.file.path, edit),)
    return (Fix(f"Add `{thing.file.name}` to `resources`", Safety.UNSAFE, elsewhere=elsewhere),)
