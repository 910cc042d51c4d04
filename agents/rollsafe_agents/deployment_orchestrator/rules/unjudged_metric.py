"""A metric of an analysis passes whatever is measured.

## What it does
Reports metrics of AnalysisTemplates that have neither a `successCondition` nor a `failureCondition`. A Job and Kayenta
judge by themselves, a web request fails by its status, what a plugin does is unknown, and a metric under `dryRun` is only
looked at.

## Why it matters
Without a condition each measurement that gives an answer counts as a success. The release looks guarded and is not: it
goes on to all users with any error rate.

## Bad
```yaml title="k8s/success-rate.yaml"
apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata:
  name: success-rate
spec:
  metrics:
    - name: success-rate  # <-
      provider:
        prometheus:
          address: http://prometheus.monitoring:9090
          query: sum(rate(web_ok_total[5m])) / sum(rate(web_requests_total[5m]))
```

## Good
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
Adds a condition for a rate of success. Manual: only you know what is measured and what is good enough.

## References
- [Argo Rollouts: analysis](https://argo-rollouts.readthedocs.io/en/stable/features/analysis/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import partial

from rollsafe.artefacts.kubernetes import AnalysisTemplate
from rollsafe.artefacts.kubernetes.analyses import Metric
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import add_entry_after
from rollsafe.rules import Finding, Fix, Safety, Severity, rule
from rollsafe.rules.intent import explained


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.MANUAL)
def check(template: AnalysisTemplate) -> Iterator[Finding]:
    """Yield a finding for each metric without a condition."""
    if template.is_patch:
        return
    for metric in template.metrics:
        if metric.is_judged or not metric.providers or template.is_templated(metric.node.at("provider")):
            continue
        is_looked_at = any(fnmatchcase(metric.name, one) or one == ".*" for one in template.dry_run)
        if not is_looked_at and not explained(template.file, metric.title_node):
            yield Finding(
                metric.title_node,
                f"`{metric.name or template.name}` passes whatever is measured: it has no `successCondition`",
                fixes=partial(_fixes, template, metric),
                detail="the release goes on to all users with any error rate",
            )


def _fixes(template: AnalysisTemplate, metric: Metric) -> tuple[Fix, ...]:
    entry = metric.node.entry("name")
    if entry is None or metric.node.flow or not isinstance(entry.value, Scalar):
        return ()
    value = "result[0] >= 0.95" if "prometheus" in metric.providers else "result >= 0.95"
    edit = add_entry_after(template.file.text, entry, "successCondition", value)
    return (Fix("Ask for a rate of success of 95 %", Safety.MANUAL, edits=(edit,)),)
