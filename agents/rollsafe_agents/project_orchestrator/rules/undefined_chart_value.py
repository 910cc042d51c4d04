"""A template of a chart reads a value that no values file has.

## What it does
Reports `.Values.…` in templates of charts in this repository that neither `values.yaml` nor the values of an
environment define. Values with a `default`, those that are `required`, and those read inside of an `if` or
`with` about them are left alone, as are `global` values, and charts that bring others along or are brought.
Where a value with nearly the same name stands beside it everybody is told, else those who like hygiene: it may
be given on the command line.

## Why it matters
Helm prints nothing for such a value, and stops where something inside of it is read. An empty port, image tag
or number of replicas is found out by the API server at the earliest, in the middle of an upgrade.

## Bad
```yaml title="chart/templates/settings.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  LOG_LEVEL: {{ .Values.log.levle | quote }}  # <-
```
```yaml title="chart/values.yaml"
log:
  level: info
```
```yaml title="chart/Chart.yaml"
apiVersion: v2
name: orders
version: 1.0.0
```

## Good
```yaml title="chart/templates/settings.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  LOG_LEVEL: {{ .Values.log.level | quote }}
```
```yaml title="chart/values.yaml"
log:
  level: info
```
```yaml title="chart/Chart.yaml"
apiVersion: v2
name: orders
version: 1.0.0
```

## Fix
Reads the value with nearly the same name. Unsafe: it changes what is rendered.

## References
- [Helm: values files](https://helm.sh/docs/chart_template_guide/values_files/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import ChartTemplate
from rollsafe.artefacts.kubernetes.chart_files import ValuePath, ValueUse
from rollsafe.rules import Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.text import nearest
from rollsafe.workspace.chart_values import ChartView, chart_at
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(template: ChartTemplate, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each value, at the first place that reads it."""
    uses = [use for use in template.uses if use.path and not use.is_guarded and use.path[0] != "global"]
    chart = chart_at(template.directory, graph) if uses else None
    if chart is None or chart.defaults is None:
        return
    told: set[ValuePath] = set()
    for use in uses:
        if use.path not in told and not chart.defines(use.path):
            told.add(use.path)
            yield _finding(template, use, chart)


def _finding(template: ChartTemplate, use: ValueUse, chart: ChartView) -> Finding:
    known = next(n for n in range(len(use.path)) if not chart.defines(use.path[: n + 1]))
    missing = use.path[known]
    close = nearest(missing, [name for one in chart.values for name in one.names_at(use.path[:known])])
    likely = close is not None and not chart.reads((*use.path[:known], close))
    return Finding(
        Span(use.start, use.end),
        f"no values of chart `{chart.chart.name}` have `{'.'.join(use.path)}`"
        + (f"; the nearest is `{'.'.join((*use.path[:known], close))}`" if close else ""),
        fixes=_fixes(use, known, close) if close else (),
        level=None if likely else Level.PEDANTIC,
        detail="Helm prints nothing there"
        if known == len(use.path) - 1
        else "unless it is given on the command line, Helm stops with `nil pointer evaluating interface {}`",
    )


def _fixes(use: ValueUse, known: int, close: str) -> tuple[Fix, ...]:
    start = use.start + sum(len(step) + 1 for step in use.path[:known])
    edit = Edit(Span(start, start + len(use.path[known])), close)
    title = f"Read `{'.'.join((*use.path[:known], close, *use.path[known + 1 :]))}`"
    return (Fix(title, Safety.UNSAFE, edits=(edit,)),)
