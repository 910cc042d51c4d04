"""An application of Argo CD sets a value that its chart does not have.

## What it does
Compares the parameters that an application hands to a chart in the workspace with the values that the chart's templates read
and its files define. Only names that are nearly those of such a value are told, and only of charts that can be read in whole.

## Why it matters
Helm takes any value and says nothing: the image, the replicas or the limit that was meant stays what the chart has as
default, in the environment that was to differ.

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
      parameters:
        - name: greting  # <-
          value: hello
  destination:
    server: https://kubernetes.default.svc
    namespace: shop
```
```yaml title="charts/shop/Chart.yaml"
apiVersion: v2
name: shop
version: 1.4.0
```
```yaml title="charts/shop/values.yaml"
greeting: hi
```
```yaml title="charts/shop/templates/config.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: shop
data:
  GREETING: {{ .Values.greeting | quote }}
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
      parameters:
        - name: greeting
          value: hello
  destination:
    server: https://kubernetes.default.svc
    namespace: shop
```
```yaml title="charts/shop/Chart.yaml"
apiVersion: v2
name: shop
version: 1.4.0
```
```yaml title="charts/shop/values.yaml"
greeting: hi
```
```yaml title="charts/shop/templates/config.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: shop
data:
  GREETING: {{ .Values.greeting | quote }}
```

## Fix
Writes the nearest value that the chart has. Unsafe: it takes effect from then on.

## References
- [Argo CD: Helm parameters](https://argo-cd.readthedocs.io/en/stable/user-guide/helm/#helm-parameters)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Application
from rollsafe.artefacts.kubernetes.gitops import Source
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.text import nearest
from rollsafe.workspace.chart_values import ChartView, chart_at
from rollsafe.workspace.gitops import own_repositories
from rollsafe.workspace.graph import Graph

_OPEN = ("{{", "$", "[", "\\")


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(application: Application, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each parameter that the chart does not have."""
    for source in application.sources:
        named = list(_named(source))
        if not named or not source.path or source.repository not in own_repositories(graph):
            continue
        chart = chart_at(source.path, graph)
        if chart is None or not chart.templates or not chart.is_readable:
            continue
        if not any(one.reads_anything for one in chart.templates):
            for node in named:
                yield from _unread(application, node, chart)


def _named(source: Source) -> Iterator[Scalar]:
    for item in source.node.items_at("helm", "parameters"):
        name = item.at("name")
        if isinstance(name, Scalar) and name.text and not any(sign in name.text for sign in _OPEN):
            yield name


def _unread(application: Application, node: Scalar, chart: ChartView) -> Iterator[Finding]:
    path = tuple(node.text.split("."))
    if path[0] == "global" or chart.reads(path) or chart.defines(path):
        return
    close = nearest(node.text, {".".join(use.path) for one in chart.templates for use in one.uses})
    if close is not None:
        yield Finding(
            node,
            f"chart `{chart.chart.name}` has no value `{node.text}`, which `{application.name}` sets; the nearest is "
            f"`{close}`",
            fixes=(Fix(f"Set `{close}`", Safety.UNSAFE, edits=(set_value(node, close),)),),
        )
