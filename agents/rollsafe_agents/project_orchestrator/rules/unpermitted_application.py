"""The project of an Argo CD application does not permit it.

## What it does
Looks up the AppProject that an application names, and compares the repositories and destinations it permits with those of
the application. Projects that are not in the workspace are left alone, unless their name is nearly that of one that is.

## Why it matters
Argo CD marks the application with an error and never syncs it: what is merged does not reach the cluster.

## Bad
```yaml title="argocd/shop.yaml"
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: shop
spec:
  project: shop
  source:
    repoURL: https://git.example/shop
    path: k8s
    targetRevision: v1.4.0
  destination:
    server: https://kubernetes.default.svc
    namespace: payments  # <-
```
```yaml title="argocd/project.yaml"
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata:
  name: shop
spec:
  sourceRepos:
    - https://git.example/*
  destinations:
    - server: https://kubernetes.default.svc
      namespace: shop
```

## Good
```yaml title="argocd/shop.yaml"
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: shop
spec:
  project: shop
  source:
    repoURL: https://git.example/shop
    path: k8s
    targetRevision: v1.4.0
  destination:
    server: https://kubernetes.default.svc
    namespace: shop
```
```yaml title="argocd/project.yaml"
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata:
  name: shop
spec:
  sourceRepos:
    - https://git.example/*
  destinations:
    - server: https://kubernetes.default.svc
      namespace: shop
```

## Fix
Writes the nearest project, or the only namespace that the project permits. Unsafe: the application is synced from then
on.

## References
- [Argo CD: projects](https://argo-cd.readthedocs.io/en/stable/user-guide/projects/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from rollsafe.artefacts.kubernetes import Application, AppProject, is_placeholder
from rollsafe.artefacts.kubernetes.gitops import Source, repository_of
from rollsafe.formats.nodes import Mapping, Node, Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Related, Safety, Severity, rule
from rollsafe.text import nearest
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(application: Application, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each thing of an application that its project does not permit."""
    named = application.template.at("project") if application.template is not None else None
    if not isinstance(named, Scalar) or not named.text or is_placeholder(named.text) or application.is_patch:
        return
    found = graph.find(AppProject, f"AppProject/{named.text}")
    if not found and named.text != "default" and not application.from_template:
        yield from _unknown(application, named, graph)
    if len(found) != 1 or found[0].templated or found[0].is_patch:
        return
    project = found[0]
    for source in application.sources:
        node = source.node.at("repoURL")
        if isinstance(node, Scalar) and source.repository and not _takes(project, source):
            yield _told(application, node, f"repository `{node.text}`", project)
    destination = application.destination
    if destination is not None and not any("$" in text or "{{" in text for text in _texts(destination)):
        yield from _destination(application, destination, project)


def _unknown(application: Application, named: Scalar, graph: Graph) -> Iterator[Finding]:
    known = [key.partition("/")[2] for key in graph.keys(AppProject, "AppProject/")]
    close = nearest(named.text, known)
    if close is not None:
        yield Finding(
            named,
            f"`{application.name}` is of the project `{named.text}`, which nobody defines; the nearest is `{close}`",
            fixes=(Fix(f"Use `{close}`", Safety.UNSAFE, edits=(set_value(named, close),)),),
            detail="Argo CD marks the application with an error and does not sync it",
        )


def _told(
    application: Application, where: Node, what: str, project: AppProject, fixes: tuple[Fix, ...] = ()
) -> Finding:
    return Finding(
        where,
        f"project `{project.name}` does not permit `{application.name}` the {what}",
        fixes=fixes,
        related=(Related(project.file, project.title_node, f"project `{project.name}`"),),
        detail="Argo CD marks the application with an error and does not sync it",
    )


def _takes(project: AppProject, source: Source) -> bool:
    patterns = project.texts("sourceRepos")
    if any(is_placeholder(one) for one in patterns):
        return True
    denied = [one[1:] for one in patterns if one.startswith("!")]
    allowed = [one for one in patterns if not one.startswith("!")]
    return not any(_matches(source.repository, one) for one in denied) and any(
        _matches(source.repository, one) for one in allowed
    )


def _matches(repository: str, pattern: str) -> bool:
    return pattern == "*" or fnmatchcase(repository, repository_of(pattern))


def _destination(application: Application, destination: Mapping, project: AppProject) -> Iterator[Finding]:
    permitted = project.destinations
    if any(is_placeholder(text) or text.startswith("!") for item in permitted for text in _texts(item)):
        return
    here = [item for item in permitted if _is_cluster(destination, item)]
    node = destination.at("namespace")
    if not here:
        cluster = destination.at("server") or destination.at("name")
        if isinstance(cluster, Scalar) and _can_tell(destination, permitted):
            yield _told(application, cluster, f"cluster `{cluster.text}`", project)
    elif isinstance(node, Scalar) and node.text:
        names = [item.text_at("namespace") or "" for item in here]
        if not any(fnmatchcase(node.text, name) for name in names):
            only = names[0] if len(names) == 1 and names[0].replace("-", "").isalnum() else None
            fixes = (Fix(f"Go to `{only}`", Safety.UNSAFE, edits=(set_value(node, only),)),) if only else ()
            yield _told(application, node, f"namespace `{node.text}`", project, fixes)


def _texts(item: Mapping) -> list[str]:
    return [text for key in ("server", "name", "namespace") if (text := item.text_at(key)) is not None]


def _is_cluster(destination: Mapping, item: Mapping) -> bool:
    """Say whether a permitted destination is the cluster, by whichever of its names both say."""
    for key in ("server", "name"):
        wanted, pattern = destination.text_at(key), item.text_at(key)
        if pattern == "*" or (wanted and pattern and fnmatchcase(wanted.rstrip("/"), pattern.rstrip("/"))):
            return True
    return False


def _can_tell(destination: Mapping, permitted: list[Mapping]) -> bool:
    """Say whether all permitted clusters are named in the way the destination is."""
    key = "server" if destination.text_at("server") else "name"
    return bool(permitted) and all(item.text_at(key) for item in permitted)
