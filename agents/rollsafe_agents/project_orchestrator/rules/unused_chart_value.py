"""A value of a chart is read by none of its templates.

## What it does
Reports values in `values.yaml` and in the values of environments that no template of the chart reads, alone or
as part of something larger. Charts are left alone whose templates read values they do not name (`tpl`,
`toYaml .Values`), that bring others along, or that are brought along.
Where templates read a value with nearly the same name that the file does not have, everybody is told.

## Why it matters
Setting it has no effect: the pods of production keep the default of the value that was meant, and the review
of the change shows the number that everybody wanted to see.

## Bad
```yaml title="chart/values-production.yaml"
replicas: 3
logLevle: warn  # <-
```
```yaml title="chart/values.yaml"
replicas: 1
logLevel: info
```
```yaml title="chart/templates/settings.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  LOG_LEVEL: {{ .Values.logLevel | quote }}
  REPLICAS: {{ .Values.replicas | quote }}
```
```yaml title="chart/Chart.yaml"
apiVersion: v2
name: orders
version: 1.0.0
```

## Good
```yaml title="chart/values-production.yaml"
replicas: 3
logLevel: warn
```
```yaml title="chart/values.yaml"
replicas: 1
logLevel: info
```
```yaml title="chart/templates/settings.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  LOG_LEVEL: {{ .Values.logLevel | quote }}
  REPLICAS: {{ .Values.replicas | quote }}
```
```yaml title="chart/Chart.yaml"
apiVersion: v2
name: orders
version: 1.0.0
```

## Fix
Gives the value the name that templates read. Unsafe: it takes effect then.

## References
- [Helm: best practices for values](https://helm.sh/docs/chart_best_practices/values/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import ChartValues
from rollsafe.artefacts.kubernetes.chart_files import ValuePath
from rollsafe.formats.nodes import Entry, Mapping
from rollsafe.formats.yaml_edit import rename_key
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.text import nearest
from rollsafe.text.tuples import NamedTuple
from rollsafe.workspace.chart_values import ChartView, chart_of_values
from rollsafe.workspace.graph import Graph

_DEEPEST: Final = 30


class _Read(NamedTuple):
    """What templates read, and everything that is a part of."""

    wholes: set[ValuePath]
    parts: set[ValuePath]


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(values: ChartValues, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each key that nothing reads, the outermost of several."""
    chart = chart_of_values(values, graph)
    if chart is None or not chart.templates or not chart.is_readable:
        return
    if any(one.reads_anything for one in chart.templates):
        return
    used = {use.path for one in chart.templates for use in one.uses}
    parts = {path[:n] for path in used for n in range(len(path))}
    yield from _below(values.root, (), _Read(used, parts), chart)


def _below(mapping: Mapping, path: ValuePath, used: _Read, chart: ChartView) -> Iterator[Finding]:
    for entry in mapping.entries:
        inner = (*path, entry.name)
        if inner in used.wholes or entry.name in ("<<", "") or inner == ("global",) or len(path) > _DEEPEST:
            continue
        if inner not in used.parts:
            yield from _finding(mapping, entry, inner, used, chart)
        elif isinstance(entry.value, Mapping):
            yield from _below(entry.value, inner, used, chart)


def _finding(
    mapping: Mapping, entry: Entry, path: ValuePath, used: _Read, chart: ChartView
) -> Iterator[Finding]:
    above = path[:-1]
    beside = {one[len(above)] for one in used.wholes if len(one) > len(above) and one[: len(above)] == above}
    close = nearest(entry.name, beside - set(mapping.keys()))
    if close is not None and not chart.defines((*above, close)):
        return  # the template may be what is misspelt, and it is told there
    fixes: tuple[Fix, ...] = ()
    if close is not None:
        fixes = (Fix(f"Call it `{close}`", Safety.UNSAFE, edits=(rename_key(entry, close),)),)
    yield Finding(
        entry.key,
        f"no template of chart `{chart.chart.name}` reads `{'.'.join(path)}`"
        + (f"; the nearest is `{'.'.join((*above, close))}`" if close else ""),
        fixes=fixes,
        severity=Severity.WARNING if close else Severity.HINT,
        level=None if close else Level.PEDANTIC,
        detail="what is written here changes nothing that is deployed",
    )
