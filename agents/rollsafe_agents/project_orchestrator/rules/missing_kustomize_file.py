"""A kustomization names a file or directory that is not there.

## What it does
Reports resources, components, patches and files of generators that a kustomization names and that the
repository does not hold, and directories without a kustomization of their own. Remote resources and what lies
outside of the repository are left alone. Files that a `secretGenerator` or `envs` reads are often made by a
pipeline, so these are told only where a file with nearly the same name is there.

## Why it matters
`kustomize build` stops at the first file it does not find: the whole overlay cannot be deployed, and a
release that carries an urgent fix fails with it.

## Bad
```yaml title="k8s/kustomization.yaml"
resources:
  - settings.yml  # <-
```
```yaml title="k8s/settings.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  LOG_LEVEL: info
```

## Good
```yaml title="k8s/kustomization.yaml"
resources:
  - settings.yaml
```
```yaml title="k8s/settings.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  LOG_LEVEL: info
```

## Fix
Names the file with nearly the same name. Unsafe: whether that is the one that was meant is a guess.

## References
- [Kustomize: resources](https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/resource/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from posixpath import basename, dirname

from rollsafe.artefacts.kubernetes import Kustomization, is_placeholder
from rollsafe.artefacts.kubernetes.kustomization import PathEntry
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.text import nearest
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.kustomize_build import is_kustomized


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(kustomization: Kustomization, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each path that leads nowhere."""
    made_elsewhere = {
        entry.node.start
        for generator in kustomization.generators
        for entry in (*generator.env_files, *(key.file for key in generator.keys if key.file is not None))
        if generator.kind == "Secret" or entry.field == "envs"
    }
    for entry in kustomization.named_paths:
        path = entry.path
        if path is None or is_placeholder(entry.text) or graph.has_file(path) or is_kustomized(path, graph):
            continue
        close = _close_to(path, graph)
        if entry.node.start in made_elsewhere and close is None:
            continue
        yield _finding(kustomization, entry, path, close, graph)


def _finding(
    kustomization: Kustomization, entry: PathEntry, path: str, close: str | None, graph: Graph
) -> Finding:
    fixes: tuple[Fix, ...] = ()
    stem, name = entry.text.rstrip("/"), basename(path)
    if close is not None and stem.endswith(name):
        written = stem.removesuffix(name) + basename(close)
        fixes = (Fix(f"Use `{written}`", Safety.UNSAFE, edits=(set_value(entry.node, written),)),)
    holds_files = any(one.startswith(path + "/") for one in graph.paths())
    said = f"`{path}` holds no kustomization" if holds_files else f"`{path}` is not there"
    return Finding(
        entry.node,
        said + (f"; the nearest is `{close}`" if close is not None else ""),
        fixes=fixes,
        detail=f"`kustomize build {kustomization.directory or '.'}` stops here, and so does every overlay of it",
    )


def _close_to(path: str, graph: Graph) -> str | None:
    """Return the file or directory beside a missing one whose name is a slip away."""
    home = dirname(path)
    prefix = f"{home}/" if home else ""
    beside = {one.removeprefix(prefix).split("/")[0] for one in graph.paths() if one.startswith(prefix)}
    close = nearest(basename(path), beside)
    return None if close is None or not _is_usable(prefix + close, graph) else prefix + close


def _is_usable(path: str, graph: Graph) -> bool:
    return graph.has_file(path) or is_kustomized(path, graph)
