"""A template of a chart loops over a value that is no list and no map.

## What it does
Reports values in `values.yaml` and in the values of environments that are a text, a number or `true` while a
template of the chart has `range .Values.…` over them. Empty ones are left alone, and so are templates that look
at what kind of value they get.

## Why it matters
Helm stops with `range can't iterate over`: the release is refused, in the middle of a deployment if the values
of production alone are wrong. `hosts: example.com` looks right and works for everything but a loop.

## Bad
```yaml title="chart/values.yaml"
hosts: orders.example.com  # <-
```
```yaml title="chart/templates/settings.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  {{- range $number, $host := .Values.hosts }}
  HOST_{{ $number }}: {{ $host }}
  {{- end }}
```
```yaml title="chart/Chart.yaml"
apiVersion: v2
name: orders
version: 1.0.0
```

## Good
```yaml title="chart/values.yaml"
hosts: [orders.example.com]
```
```yaml title="chart/templates/settings.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  {{- range $number, $host := .Values.hosts }}
  HOST_{{ $number }}: {{ $host }}
  {{- end }}
```
```yaml title="chart/Chart.yaml"
apiVersion: v2
name: orders
version: 1.0.0
```

## Fix
Makes it a list of one. Unsafe: the loop runs then.

## References
- [Helm: looping with range](https://helm.sh/docs/chart_template_guide/control_structures/#looping-with-the-range-action)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import ChartValues
from rollsafe.formats.nodes import Scalar
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.workspace.chart_values import chart_of_values
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(values: ChartValues, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each value that a template loops over and that has no parts."""
    chart = chart_of_values(values, graph)
    if chart is None:
        return
    for path in sorted({path for one in chart.templates for path in one.looped}):
        node = values.root.at(*path)
        if not isinstance(node, Scalar) or not _is_refused(node):
            continue
        yield Finding(
            node,
            f"`{'.'.join(path)}` is no list and no map, and a template of chart `{chart.chart.name}` loops over it",
            fixes=_fixes(node, values.file.slice(node)),
            detail="Helm stops with `range can't iterate over`",
        )


def _is_refused(node: Scalar) -> bool:
    """Say whether Helm would stop at it; what is empty or false is often left out by an `if`."""
    return bool(node.text) and not node.is_null and node.as_bool() is not False


def _fixes(node: Scalar, written: str) -> tuple[Fix, ...]:
    if node.block or node.as_bool() is not None or set(written) & set("[]{},#&*!|>\n"):
        return ()
    return (Fix("Make it a list of one", Safety.UNSAFE, edits=(Edit(Span.of(node), f"[{written}]"),)),)
