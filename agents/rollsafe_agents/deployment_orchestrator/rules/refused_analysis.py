"""Argo Rollouts refuses what an analysis measures.

## What it does
Checks the metrics of AnalysisTemplates as Argo Rollouts does: each asks one provider, has a name of its own, measures
in intervals where it measures more than once, and may fail no more often than it measures. An analysis that a rollout
waits for has to come to an end, so a metric with an `interval` needs a `count` there.

## Why it matters
The Rollout that names the template is marked invalid: the release is not rolled out, and nothing tells why but the status of
the Rollout.

## Bad
```yaml title="k8s/success-rate.yaml"
apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata:
  name: success-rate
spec:
  metrics:
    - name: success-rate
      count: 5  # <-
      successCondition: result[0] >= 0.95
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
      count: 5
      interval: 1m
      successCondition: result[0] >= 0.95
      provider:
        prometheus:
          address: http://prometheus.monitoring:9090
          query: sum(rate(web_ok_total[5m])) / sum(rate(web_requests_total[5m]))
```

## Fix
Measures once a minute where no interval is given, five times where there is no end, and as often as failures are allowed.
Unsafe: how long a release takes depends on it.

## References
- [Argo Rollouts: analysis](https://argo-rollouts.readthedocs.io/en/stable/features/analysis/)

## Equivalent rules
- `argo-rollouts:lint`
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.durations import seconds_of
from rollsafe.artefacts.kubernetes import AnalysisTemplate, Workload, is_placeholder
from rollsafe.artefacts.kubernetes.analyses import Metric, analyses_of
from rollsafe.formats.nodes import Entry, Node, Scalar
from rollsafe.formats.yaml_edit import add_entry, add_entry_after, set_value
from rollsafe.rules import Edit, FileEdit, Finding, Fix, Related, Safety, Severity, rule
from rollsafe.workspace.graph import Graph

_LIMITS: Final = ("failureLimit", "inconclusiveLimit")
_DURATIONS: Final = ("interval", "initialDelay")
_DETAIL: Final = "the Rollout is marked invalid, and neither this release nor the next is rolled out"


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(thing: AnalysisTemplate | Workload, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each thing that Argo Rollouts refuses of an analysis."""
    if thing.templated or thing.is_patch:
        return
    if isinstance(thing, Workload):
        yield from _endless(thing, graph)
        return
    seen: set[str] = set()
    for metric in thing.metrics:
        yield from _providers(thing, metric)
        yield from _numbers(thing, metric)
        if metric.name in seen:
            yield _told(metric.title_node, f"`{thing.name}` has two metrics called `{metric.name}`")
        seen.add(metric.name)


def _told(where: Node, message: str, *fixes: Fix) -> Finding:
    return Finding(where, message, fixes=fixes, detail=_DETAIL)


def _providers(template: AnalysisTemplate, metric: Metric) -> Iterator[Finding]:
    names = metric.providers
    if len(names) > 1:
        key = metric.node.key_at("provider", names[1]) or metric.title_node
        yield _told(
            key, f"`{metric.name}` of `{template.name}` asks `{names[0]}` and `{names[1]}`, and may ask one"
        )
    elif not names and metric.node.at("provider") is not None:
        yield _told(metric.title_node, f"`{metric.name}` of `{template.name}` asks no provider")


def _numbers(template: AnalysisTemplate, metric: Metric) -> Iterator[Finding]:
    text = template.file.text
    count = metric.node.int_at("count")
    entry = metric.node.entry("count")
    if count is not None and count > 1 and entry is not None and metric.node.at("interval") is None:
        edit = _beside(text, metric, entry, ("interval", "1m"))
        yield _told(
            entry.key,
            f"`{metric.name}` of `{template.name}` is measured {count} times without an `interval`",
            Fix("Measure once a minute", Safety.UNSAFE, edits=(edit,)),
        )
    for key in _LIMITS:
        limit, node = metric.node.int_at(key), metric.node.at("count")
        where = metric.node.at(key)
        if count and limit is not None and limit > count and node is not None and where is not None:
            fix = Fix(f"Measure {limit} times", Safety.UNSAFE, edits=(set_value(node, str(limit)),))
            yield _told(
                where,
                f"`{key}` {limit} of `{metric.name}` is more than the {count} times it is measured",
                fix,
            )
    for key in _DURATIONS:
        node = metric.node.at(key)
        if isinstance(node, Scalar) and not node.is_null and _is_no_duration(node.text):
            yield _told(
                node, f"`{key}` of `{metric.name}` is `{node.text}`, which is no duration such as `1m`"
            )


def _is_no_duration(text: str) -> bool:
    return not is_placeholder(text) and seconds_of(text) is None


def _endless(workload: Workload, graph: Graph) -> Iterator[Finding]:
    for analysis in analyses_of(workload):
        for use in analysis.templates if analysis.has_to_end else ():
            for template in graph.find(AnalysisTemplate, f"{use.kind}/{use.name}"):
                metric = next((one for one in template.metrics if one.runs_on), None)
                if metric is None or template.templated or not template.shares_namespace(workload):
                    continue
                yield Finding(
                    use.node,
                    f"`{workload.name}` waits for `{use.name}`, whose metric `{metric.name}` is measured without an end",
                    fixes=partial(_ending, template, metric, workload),
                    related=(Related(template.file, metric.title_node, "has an `interval` and no `count`"),),
                    detail=_DETAIL,
                )


def _ending(template: AnalysisTemplate, metric: Metric, workload: Workload) -> tuple[Fix, ...]:
    entry = metric.node.entry("interval")
    if entry is None:
        return ()
    edit = _beside(template.file.text, metric, entry, ("count", "5"))
    title = f"Measure `{metric.name}` five times"
    if template.file.path == workload.file.path:
        return (Fix(title, Safety.UNSAFE, edits=(edit,)),)
    return (Fix(title, Safety.UNSAFE, elsewhere=(FileEdit(template.file.path, edit),)),)


def _beside(text: str, metric: Metric, entry: Entry, added: tuple[str, str]) -> Edit:
    return add_entry(text, metric.node, *added) if metric.node.flow else add_entry_after(text, entry, *added)
