"""Production follows whatever is on a branch.

## What it does
Reports applications of Argo CD that go to production and whose `targetRevision` is left out, `HEAD` or the name of a branch
that everybody pushes to, and charts taken in any version that fits a range.

## Why it matters
Each push is a release: there is no step at which somebody decides that production takes it, and no version to go back to
but a commit that reverts. A chart in a range changes without any commit of your own.

## Bad
```yaml title="argocd/shop-production.yaml"
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: shop-production
spec:
  project: default
  source:
    repoURL: https://git.example/shop
    path: k8s
    targetRevision: HEAD  # <-
  destination:
    server: https://kubernetes.default.svc
    namespace: shop
```

## Good
```yaml title="argocd/shop-production.yaml"
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: shop-production
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
None: which version is to run in production is yours to say.

## References
- [Argo CD: tracking and deployment strategies](https://argo-cd.readthedocs.io/en/stable/user-guide/tracking_strategies/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Application
from rollsafe.artefacts.kubernetes.gitops import Source
from rollsafe.artefacts.recognition.production import EnvironmentKind, environment_of
from rollsafe.rules import Finding, Level, Severity, rule
from rollsafe.rules.intent import explained

_BRANCHES: Final = frozenset({"HEAD", "main", "master", "develop", "dev", "trunk", "latest"})
_RANGE: Final = ("*", "^", "~", ">", "<")


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC)
def check(application: Application) -> Iterator[Finding]:
    """Yield a finding for each source of production that moves by itself."""
    if application.is_set or application.is_patch or not _is_production(application):
        return
    for source in application.sources:
        key = source.revision_node or source.node.key_at("repoURL")
        said = _moving(application, source)
        if said is not None and key is not None and not explained(application.file, key):
            yield Finding(key, f"`{application.name}` goes to production with {said}")


def _is_production(application: Application) -> bool:
    destination = application.destination
    places = [application.name]
    places += (
        [destination.text_at(key) or "" for key in ("name", "namespace")] if destination is not None else []
    )
    kinds = {environment_of(place) for place in places if place}
    return EnvironmentKind.PRODUCTION in kinds and kinds <= {
        EnvironmentKind.PRODUCTION,
        EnvironmentKind.UNKNOWN,
    }


def _moving(application: Application, source: Source) -> str | None:
    revision = source.node.at("targetRevision")
    if application.is_templated(revision) or (revision is not None and source.revision_node is None):
        return None
    written = source.revision_node.text if source.revision_node is not None else ""
    if source.chart is not None:
        is_range = written.startswith(_RANGE) or written.endswith((".x", ".*"))
        return f"any version `{written}` of its chart" if is_range else None
    if not written:
        return None if application.lacks("spec") else "whatever is on the default branch"
    return f"whatever is on `{written}`" if written in _BRANCHES else None
