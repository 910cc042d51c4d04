"""A manifest uses an API version that the cluster no longer serves.

## What it does
Reports objects whose `apiVersion` has been removed from Kubernetes for their kind. With `version` under
`[kubernetes]` in `rollsafe.toml` it judges by that version, and warns of those that are deprecated in it; without, it
reports what no supported release serves.

## Why it matters
`no matches for kind`: the object is refused. An upgrade of the cluster does that to a release that worked the day
before, and `helm upgrade` fails even for objects that have not changed.

## Bad
```yaml title="k8s/report.yaml"
apiVersion: batch/v1beta1  # <-
kind: CronJob
metadata:
  name: report
spec:
  schedule: "0 4 * * *"
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      backoffLimit: 2
      activeDeadlineSeconds: 600
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: report
              image: registry.example/report:1.0.3
              resources:
                requests: {cpu: 100m, memory: 128Mi}
```

## Good
```yaml title="k8s/report.yaml"
apiVersion: batch/v1
kind: CronJob
metadata:
  name: report
spec:
  schedule: "0 4 * * *"
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      backoffLimit: 2
      activeDeadlineSeconds: 600
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: report
              image: registry.example/report:1.0.3
              resources:
                requests: {cpu: 100m, memory: 128Mi}
```

## Fix
Writes the version that replaces it, and the fields that differ in its words: selectors, backends of an Ingress, aims
of an autoscaler. Safe where the fields and their defaults are the same, else unsafe; none where other fields differ.

## References
- [Kubernetes: deprecated API migration guide](https://kubernetes.io/docs/reference/using-api/deprecation-guide/)

## Equivalent rules
- `kube-linter:no-extensions-v1beta`
- `kube-score:stable-version`
- `trivy:KSV-0107`
- `kubeconform:schema`
- `kics:api_version_is_deprecated`
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import KubernetesObject
from rollsafe.artefacts.kubernetes.api import DIALECT, RetiredVersion, retired
from rollsafe.artefacts.shapes import faults_in, kubernetes_table
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.api_conversions import convert
from rollsafe.workspace.settings import Settings

_OLDEST_IN_USE = 32
"""What was removed up to here is gone from every release that is still supported somewhere."""
_DEPRECATED_FOR_KUBE_SCORE = 18
"""kube-score judges by Kubernetes 1.18 unless told otherwise."""


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.SAFE)
def check(thing: KubernetesObject, settings: Settings) -> Iterator[Finding]:
    """Yield a finding for an API version that is gone, or on its way out."""
    node = thing.node.at("apiVersion")
    gone = retired(thing.api_version, thing.kind)
    if gone is None or not isinstance(node, Scalar):
        return
    minor = settings.kubernetes.minor
    is_removed = minor is None or minor >= gone.removed
    if minor is not None and minor < gone.deprecated:
        return
    when = f"was removed in Kubernetes 1.{gone.removed}" if is_removed else f"is removed in 1.{gone.removed}"
    instead = f"; `{gone.replacement}` replaces it" if gone.replacement else "; nothing replaces it"
    is_old = minor is not None or gone.removed <= _OLDEST_IN_USE
    yield Finding(
        node,
        f"`{thing.api_version}` of a `{thing.kind}` {when}{instead}",
        fixes=tuple(_fixes(thing, node, gone)),
        severity=None if is_removed else Severity.WARNING,
        level=None if is_old and is_removed else Level.PEDANTIC,
        detail=f'the API server answers `no matches for kind "{thing.kind}"`',
        equivalents=tuple(_equivalents(thing, gone, is_removed=is_removed)),
    )


def _equivalents(thing: KubernetesObject, gone: RetiredVersion, *, is_removed: bool) -> Iterator[str]:
    if thing.api_version == "extensions/v1beta1":
        yield "kube-linter:no-extensions-v1beta"
    if gone.deprecated < _DEPRECATED_FOR_KUBE_SCORE:
        yield "kube-score:stable-version"
    yield from ("trivy:KSV-0107", "kics:api_version_is_deprecated")
    if is_removed:
        yield "kubeconform:schema"


def _fixes(thing: KubernetesObject, node: Scalar, gone: RetiredVersion) -> Iterator[Fix]:
    known = kubernetes_table().kind(gone.replacement or "", thing.kind)
    if gone.replacement is None or known is None:
        return
    edit = set_value(node, gone.replacement)
    faults = list(faults_in(thing.node, known[0], DIALECT))
    if faults:
        edits = convert(thing, faults)
        title = f"Use `{gone.replacement}`, and rewrite the fields that differ"
        if edits is not None:
            yield Fix(title, Safety.UNSAFE, edits=(edit, *edits))
    else:
        safety = Safety.SAFE if gone.same_fields else Safety.UNSAFE
        yield Fix(f"Use `{gone.replacement}`", safety, edits=(edit,))
