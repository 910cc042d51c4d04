"""A Rollout is judged by an analysis template that nobody defines.

## What it does
Reports AnalysisTemplates and ClusterAnalysisTemplates that a Rollout, or another template, names and that are not in
the workspace. A template that may come from elsewhere is told only to auditors.

## Why it matters
Argo Rollouts counts a Rollout with an unknown template as invalid: it is not rolled out at all, neither the release
that brought the name nor the next one.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata:
  name: web
spec:
  workloadRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  strategy:
    canary:
      steps:
        - setWeight: 20
        - analysis:
            templates:
              - templateName: sucess-rate  # <-
```
```yaml title="k8s/success-rate.yaml"
apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata:
  name: success-rate
spec:
  metrics:
    - name: success-rate
      successCondition: result[0] >= 0.95
      provider:
        prometheus:
          address: http://prometheus.monitoring:9090
          query: sum(rate(web_ok_total[5m])) / sum(rate(web_requests_total[5m]))
```

## Good
```yaml title="k8s/web.yaml"
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata:
  name: web
spec:
  workloadRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  strategy:
    canary:
      steps:
        - setWeight: 20
        - analysis:
            templates:
              - templateName: success-rate
```
```yaml title="k8s/success-rate.yaml"
apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata:
  name: success-rate
spec:
  metrics:
    - name: success-rate
      successCondition: result[0] >= 0.95
      provider:
        prometheus:
          address: http://prometheus.monitoring:9090
          query: sum(rate(web_ok_total[5m])) / sum(rate(web_requests_total[5m]))
```

## Fix
Writes the nearest name of a template that exists. Unsafe: that template judges the release from then on.

## References
- [Argo Rollouts: analysis](https://argo-rollouts.readthedocs.io/en/stable/features/analysis/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import AnalysisTemplate, Workload
from rollsafe.artefacts.kubernetes.analyses import Analysis, TemplateUse, analyses_of
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Confidence, Finding, Fix, Level, Safety, Severity, rule
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.missing import missing


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(thing: Workload | AnalysisTemplate, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each template that is not there."""
    for use in _uses(thing):
        gone = missing(thing, AnalysisTemplate, use.kind, use.name, graph)
        if gone is None:
            continue
        hint = ""
        fixes: tuple[Fix, ...] = ()
        if gone.close is not None:
            edit = set_value(use.node, gone.close)
            hint = f"; the nearest is `{gone.close}`"
            fixes = (Fix(f"Judge by `{gone.close}`", Safety.UNSAFE, edits=(edit,)),)
        yield Finding(
            use.node,
            f"`{thing.name}` is judged by {use.kind} `{use.name}`, which nobody defines{hint}",
            fixes=fixes,
            severity=None if gone.is_sure else Severity.WARNING,
            confidence=None if gone.is_sure else Confidence.LOW,
            level=None if gone.is_sure else Level.AUDITOR,
            detail="Argo Rollouts counts the Rollout as invalid and rolls nothing out",
        )


def _uses(thing: Workload | AnalysisTemplate) -> Iterator[TemplateUse]:
    if isinstance(thing, AnalysisTemplate):
        if thing.spec is not None:
            yield from Analysis(thing.spec, "spec", has_to_end=False).templates
        return
    for analysis in analyses_of(thing):
        yield from analysis.templates
