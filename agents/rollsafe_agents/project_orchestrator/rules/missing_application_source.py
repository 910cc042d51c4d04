"""An application of Argo CD takes its objects from a folder or a file that is not there.

## What it does
Looks up the `path` and the `valueFiles` of an Application, or of an ApplicationSet's template, in the workspace. That is done
where the repository is the workspace: another application takes a folder from it that is here, or the folder itself is.
Values that a generator fills in and files under `ignoreMissingValueFiles` are left alone.

## Why it matters
Argo CD cannot make the manifests: the application stays as it is, with a comparison error, and nothing of what is merged
reaches the cluster.

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
    path: charts/shop
    targetRevision: v1.4.0
    helm:
      valueFiles:
        - values-production.yml  # <-
  destination:
    server: https://kubernetes.default.svc
    namespace: shop
```
```yaml title="charts/shop/Chart.yaml"
apiVersion: v2
name: shop
version: 1.4.0
```
```yaml title="charts/shop/values-production.yaml"
{}
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
    path: charts/shop
    targetRevision: v1.4.0
    helm:
      valueFiles:
        - values-production.yaml
  destination:
    server: https://kubernetes.default.svc
    namespace: shop
```
```yaml title="charts/shop/Chart.yaml"
apiVersion: v2
name: shop
version: 1.4.0
```
```yaml title="charts/shop/values-production.yaml"
{}
```

## Fix
Writes the nearest folder or file that is there. Unsafe: its objects are brought to the cluster.

## References
- [Argo CD: Helm value files](https://argo-cd.readthedocs.io/en/stable/user-guide/helm/#values-files)

## Equivalent rules
None known.
"""

from collections.abc import Iterable, Iterator
from posixpath import basename, dirname, join, normpath, relpath

from rollsafe.artefacts.kubernetes import Application
from rollsafe.artefacts.kubernetes.gitops import Source
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Confidence, Finding, Fix, Level, Safety, Severity, rule
from rollsafe.text import nearest
from rollsafe.workspace.gitops import folders, own_repositories
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(application: Application, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each folder and file of the workspace that is not there."""
    if application.from_template or application.is_patch:
        return
    for source in application.sources:
        is_sure = own_repositories(graph).get(source.repository) if source.chart is None else None
        if is_sure is None:
            continue
        for node, what, written in _gone(source, graph):
            hint = f"; the nearest is `{written}`" if written is not None else ""
            yield Finding(
                node,
                f"`{application.name}` takes {what}, which is not there{hint}",
                fixes=_fixes(node, written),
                confidence=None if is_sure or written is not None else Confidence.LOW,
                level=None if is_sure or written is not None else Level.AUDITOR,
                detail="Argo CD cannot make the manifests, and nothing of what is merged reaches the cluster",
            )


def _gone(source: Source, graph: Graph) -> Iterator[tuple[Scalar, str, str | None]]:
    """Yield what a source names that is not there: where, in words, and what may be meant."""
    node, path = source.path_node, source.path
    if path and node is not None and path not in folders(graph):
        yield node, f"its objects from `{path}`", _beside(path, folders(graph))
        return
    for value in source.value_files if path is not None else ():
        is_absolute = value.text.startswith("/")
        file = normpath(value.text.lstrip("/") if is_absolute else join(path or "", value.text))
        if value.text.startswith("$") or file.startswith("..") or graph.has_file(file):
            continue
        close = _beside(file, graph.paths())
        if close is not None:
            close = f"/{close}" if is_absolute else relpath(close, path or ".")
        yield value, f"values from `{file}`", close


def _beside(path: str, known: Iterable[str]) -> str | None:
    """Return what stands beside a missing path under nearly the same name."""
    home = dirname(path)
    close = nearest(basename(path), {basename(one) for one in known if dirname(one) == home})
    return join(home, close) if close is not None else None


def _fixes(node: Scalar, written: str | None) -> tuple[Fix, ...]:
    if written is None or node.block:
        return ()
    return (Fix(f"Use `{written}`", Safety.UNSAFE, edits=(set_value(node, written),)),)
