"""Argo CD refuses an application.

## What it does
Checks an Application, or the template of an ApplicationSet, as Argo CD does before it looks at the repository: one cluster
by address or by name, a folder or a chart to take the objects from, a version where it is a chart, and `source` or
`sources`, not both.

## Why it matters
The application is marked with an error of its specification and never synced: what is merged does not reach the cluster, and
`kubectl apply` of the application does not complain.

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
    name: in-cluster  # <-
    namespace: shop
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
```

## Fix
Keeps the address of two names for a cluster, names the cluster that Argo CD runs in where there is none, and removes a
`source` that `sources` outweigh. Unsafe: the application is synced from then on.

## References
- [Argo CD: application specification](https://argo-cd.readthedocs.io/en/stable/user-guide/application-specification/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from functools import partial

from rollsafe.artefacts.kubernetes import Application
from rollsafe.artefacts.kubernetes.gitops import Source
from rollsafe.formats.nodes import Mapping, Node, Scalar, walk
from rollsafe.formats.yaml_removal import remove_entry
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.rules.fields import place_of
from rollsafe.rules.manifest_edits import Fixes, put_all
from rollsafe.workspace.api_fields import is_whole
from rollsafe.workspace.graph import Graph

_HERE = "https://kubernetes.default.svc"


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(application: Application, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each thing that Argo CD refuses."""
    template = application.template
    if template is None or application.from_template or not is_whole(application, graph):
        return
    if _is_overridden(application):
        return
    if not application.is_set or application.node.at("spec", "templatePatch") is None:
        yield from _destination(application)
    several, one = template.at("sources"), template.key_at("source")
    if several is not None and one is not None:
        yield _told(
            application,
            one,
            "has `source` beside `sources`, which outweigh it",
            partial(_removing, application, template, "source"),
        )
    for source in application.sources:
        yield from _source(application, source)


def _is_overridden(application: Application) -> bool:
    """Say whether a generator of a set brings a template of its own, which may add what is not here."""
    generators = application.node.at("spec", "generators") if application.is_set else None
    return generators is not None and any(
        isinstance(node, Mapping) and node.entry("template") is not None for node in walk(generators)
    )


def _told(application: Application, where: Node, message: str, fixes: Fixes = tuple) -> Finding:
    return Finding(
        where,
        f"`{application.name}` {message}",
        fixes=fixes,
        detail="Argo CD marks the application with an error and does not sync it",
    )


def _destination(application: Application) -> Iterator[Finding]:
    destination = application.destination
    if destination is None:
        return
    server, name = (_is_given(destination.at(key)) for key in ("server", "name"))
    if server and name:
        key = destination.key_at("name") or destination
        fixes = partial(_removing, application, destination, "name")
        yield _told(application, key, "names its cluster by `server` and by `name`, and one has to do", fixes)
    elif not server and not name and not application.is_templated(destination):
        if not destination.entries and application.is_set:
            return
        fixes = partial(_here, application, destination)
        yield _told(application, place_of(destination), "does not say to which cluster it goes", fixes)


def _is_given(node: Node | None) -> bool:
    return node is not None and not (isinstance(node, Scalar) and (node.is_null or not node.text))


def _removing(application: Application, holder: Mapping, key: str) -> tuple[Fix, ...]:
    edit = remove_entry(application.file.text, holder, key)
    return (Fix(f"Remove `{key}`", Safety.UNSAFE, edits=(edit,)),) if edit is not None else ()


def _here(application: Application, destination: Mapping) -> tuple[Fix, ...]:
    title = "Go to the cluster that Argo CD runs in"
    return put_all(title, Safety.UNSAFE, application.file.text, destination, (("server",), _HERE))


def _source(application: Application, source: Source) -> Iterator[Finding]:
    if application.is_templated(source.node) or source.node.at("plugin") is not None:
        return
    is_folder = _is_given(source.node.at("path"))
    if not is_folder and not _is_given(source.chart) and source.node.at("ref") is None:
        yield _told(
            application, place_of(source.node), "takes its objects from neither a `path` nor a `chart`"
        )
    elif _is_given(source.chart) and not is_folder and not _is_given(source.node.at("targetRevision")):
        key = source.node.key_at("chart") or source.node
        yield _told(application, key, "does not say which version of its `chart` it takes")
