"""A topology spread has no effect, or is refused.

## What it does
Reports topology spread constraints without a selector or with one that does not match the pods' own labels, and
those with a `maxSkew` below one, without a `topologyKey` or with an unknown `whenUnsatisfiable`, which Kubernetes
refuses.

## Why it matters
A constraint counts the pods its selector finds. Where it finds none of its own, every node looks empty and all pods
may land on one: the file promises what does not happen.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      topologySpreadConstraints:
        - maxSkew: 1  # <-
          topologyKey: topology.kubernetes.io/zone
          whenUnsatisfiable: DoNotSchedule
          labelSelector:
            matchLabels: {app: website}
      containers:
        - name: web
          image: registry.example/web:1.4.2
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Good
```yaml title="k8s/web.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: topology.kubernetes.io/zone
          whenUnsatisfiable: DoNotSchedule
          labelSelector:
            matchLabels: {app: web}
      containers:
        - name: web
          image: registry.example/web:1.4.2
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Fix
Selects the pods' own labels. Unsafe: pods are placed anew, and wait where the constraint cannot be met.

## References
- [Kubernetes: topology spread constraints](https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/)

## Equivalent rules
- `kube-score:pod-topology-spread-constraints`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.artefacts.kubernetes.labels import read_selector
from rollsafe.artefacts.kubernetes.templates import amount_at
from rollsafe.formats.nodes import Mapping
from rollsafe.formats.yaml_edit import add_entry
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule

_CHOICES: Final = ("DoNotSchedule", "ScheduleAnyway")


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(workload: Workload) -> Iterator[Finding]:
    """Yield a finding for each constraint that does not spread."""
    spec = workload.pod_spec
    for item in spec.items_at("topologySpreadConstraints") if spec is not None else ():
        if not isinstance(item, Mapping) or workload.is_templated(item) or not item.entries:
            continue
        refused = _refused(item)
        place = item.entries[0].key
        if refused is not None:
            yield Finding(place, f"Kubernetes refuses `{workload.name}`: {refused}", severity=Severity.ERROR)
        elif workload.pod_labels_are_known and not _counts_itself(item, workload):
            yield Finding(
                place,
                f"the topology spread of `{workload.name or workload.kind}` has no effect: it does not select its own pods",
                fixes=tuple(_fixes(workload, item)),
                detail="every node looks empty to it, so all pods may land on one",
            )


def _refused(item: Mapping) -> str | None:
    skew = amount_at(item, "maxSkew")
    if skew is None or (isinstance(skew, int) and skew < 1):
        return f"`maxSkew` is {item.text_at('maxSkew') or 'missing'}"
    if not item.text_at("topologyKey"):
        return "`topologyKey` is missing"
    choice = item.text_at("whenUnsatisfiable")
    if choice not in _CHOICES:
        return f"`whenUnsatisfiable` is `{choice}`" if choice else "`whenUnsatisfiable` is missing"
    return None


def _counts_itself(item: Mapping, workload: Workload) -> bool:
    selector = item.at("labelSelector")
    if selector is None:
        return bool(item.items_at("matchLabelKeys"))
    found = read_selector(selector)
    return not found.is_known or found.selects(workload.pod_labels)


def _fixes(workload: Workload, item: Mapping) -> Iterator[Fix]:
    labels = ", ".join(f"{key}: {value}" for key, value in workload.pod_labels.items())
    entry = item.entry("labelSelector")
    if not labels:
        return
    title = "Select the pods' own labels"
    if entry is None:
        edit = add_entry(workload.file.text, item, "labelSelector", f"matchLabels: {{{labels}}}")
        yield Fix(title, Safety.UNSAFE, edits=(edit,))
        return
    below = entry.value.map_at("matchLabels")
    if below is not None and below.flow and entry.value.at("matchExpressions") is None:
        edit = Edit(Span.of(below), f"{{{labels}}}")
        yield Fix(title, Safety.UNSAFE, edits=(edit,))
