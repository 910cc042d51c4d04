"""An analysis takes an argument that nobody sets.

## What it does
Reports `{{args.name}}` in a metric whose template does not declare the argument, and Rollouts that start an analysis
without a value for an argument that its template declares without one.

## Why it matters
Argo Rollouts cannot write the query: the analysis ends in an error before anything is measured. In the middle of a
release that aborts it, however good the new version is.

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
              - templateName: success-rate
            args:
              - name: servicename  # <-
                value: web
```
```yaml title="k8s/success-rate.yaml"
apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata:
  name: success-rate
spec:
  args:
    - name: service-name
  metrics:
    - name: success-rate
      successCondition: result[0] >= 0.95
      provider:
        prometheus:
          address: http://prometheus.monitoring:9090
          query: sum(rate(ok_total{service="{{args.service-name}}"}[5m]))
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
            args:
              - name: service-name
                value: web
```
```yaml title="k8s/success-rate.yaml"
apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata:
  name: success-rate
spec:
  args:
    - name: service-name
  metrics:
    - name: success-rate
      successCondition: result[0] >= 0.95
      provider:
        prometheus:
          address: http://prometheus.monitoring:9090
          query: sum(rate(ok_total{service="{{args.service-name}}"}[5m]))
```

## Fix
Corrects a name that is a slip away from the one that is wanted, or declares the argument in the template. Unsafe: the
analysis measures something from then on.

## References
- [Argo Rollouts: analysis template arguments](https://argo-rollouts.readthedocs.io/en/stable/features/analysis/#analysis-template-arguments)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from functools import partial

from rollsafe.artefacts.kubernetes import AnalysisTemplate, Workload
from rollsafe.artefacts.kubernetes.analyses import Analysis, analyses_of
from rollsafe.formats.nodes import Scalar, Sequence
from rollsafe.formats.yaml_edit import add_item, set_value
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, rule
from rollsafe.rules.manifest_edits import put
from rollsafe.text import Span, nearest
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(thing: Workload | AnalysisTemplate, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each argument without a value."""
    if thing.templated or thing.is_patch:
        return
    if isinstance(thing, AnalysisTemplate):
        yield from _undeclared(thing)
        return
    for analysis in analyses_of(thing):
        yield from _unset(thing, analysis, graph)


def _undeclared(template: AnalysisTemplate) -> Iterator[Finding]:
    declared = [one.name for one in template.arguments]
    seen: set[str] = set()
    for name, scalar in template.used_arguments:
        if name in declared or name in seen:
            continue
        seen.add(name)
        close = nearest(name, declared)
        hint = f"; the nearest is `{close}`" if close is not None else ""
        yield Finding(
            scalar,
            f"`{template.name}` takes the argument `{name}`, which it does not declare{hint}",
            fixes=partial(_declaring, template, name, close, scalar),
            detail="the analysis ends in an error before anything is measured",
        )


def _declaring(template: AnalysisTemplate, name: str, close: str | None, at: Scalar) -> tuple[Fix, ...]:
    text = template.file.text
    if close is not None:
        edits = tuple(
            Edit(Span(at.start + found, at.start + found + len(name)), close)
            for found in _places(text[at.start : at.end], name)
        )
        return (Fix(f"Take `{close}`", Safety.UNSAFE, edits=edits),) if edits else ()
    if template.spec is None:
        return ()
    args = template.spec.at("args")
    if isinstance(args, Sequence) and args.items:
        edit: Edit | None = add_item(text, args, f"name: {name}")
    else:
        edit = put(text, template.spec, ("args",), f"- name: {name}")
    return (Fix(f"Declare the argument `{name}`", Safety.UNSAFE, edits=(edit,)),) if edit is not None else ()


def _places(text: str, name: str) -> Iterator[int]:
    at = text.find(f"args.{name}")
    while at >= 0:
        end = at + 5 + len(name)
        if not (text[end : end + 1].isalnum() or text[end : end + 1] in "-_"):
            yield at + 5
        at = text.find(f"args.{name}", end)


def _unset(workload: Workload, analysis: Analysis, graph: Graph) -> Iterator[Finding]:
    given = {one.name: one for one in analysis.arguments}
    wanted: dict[str, AnalysisTemplate] = {}
    for use in analysis.templates:
        found = graph.find(AnalysisTemplate, f"{use.kind}/{use.name}")
        here = [one for one in found if one.shares_namespace(workload)]
        if len(here) == 1 and not here[0].templated and not here[0].is_patch:
            wanted |= {one.name: here[0] for one in here[0].arguments if not one.is_set}
    spare = {name: one for name, one in given.items() if name not in wanted}
    for name, template in wanted.items():
        if name in given and given[name].is_set:
            continue
        meant = given.get(name) or spare.get(nearest(name, spare) or "")
        fixes: tuple[Fix, ...] = ()
        if meant is not None and meant.name != name:
            fixes = (Fix(f"Write `{name}`", Safety.UNSAFE, edits=(set_value(meant.node, name),)),)
        hint = f"; the nearest is `{meant.name}`" if fixes and meant is not None else ""
        where = meant.node if meant is not None else workload.node
        key = next((one.node for one in analysis.templates if one.name == template.name), where)
        yield Finding(
            where if meant is not None else key,
            f"`{template.name}` needs the argument `{name}`, which `{workload.name}` does not set{hint}",
            fixes=fixes,
            detail="the analysis ends in an error before anything is measured, and the release is aborted",
        )
