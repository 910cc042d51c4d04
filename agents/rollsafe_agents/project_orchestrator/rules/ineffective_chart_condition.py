"""The condition of a dependency is about a value that nothing has.

## What it does
Reports paths in `condition` of a chart's dependencies that no values of the chart have. Where a value with nearly the same name
is there everybody is told. Of several paths one that exists is enough.

## Why it matters
Helm takes a condition that leads nowhere for none: the dependency is installed wherever nobody gives the value on the command
line. The database that `postgresql.enabled: false` was to leave out of production starts there, beside the one that is used.

## Bad
```yaml title="chart/Chart.yaml"
apiVersion: v2
name: orders
version: 1.0.0
dependencies:
  - name: postgresql
    version: 15.5.38
    repository: https://charts.example.com
    condition: postgres.enabled  # <-
```
```yaml title="chart/values.yaml"
postgresql:
  enabled: false
```

## Good
```yaml title="chart/Chart.yaml"
apiVersion: v2
name: orders
version: 1.0.0
dependencies:
  - name: postgresql
    version: 15.5.38
    repository: https://charts.example.com
    condition: postgresql.enabled
```
```yaml title="chart/values.yaml"
postgresql:
  enabled: false
```

## Fix
Writes the path that is there. Unsafe: the dependency may go, with what it holds.

## References
- [Helm: tags and conditions](https://helm.sh/docs/topics/charts/#tags-and-condition-fields-in-dependencies)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from functools import partial

from rollsafe.artefacts.kubernetes import ChartValues, HelmChart
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.text import nearest
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(chart: HelmChart, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each condition that leads nowhere."""
    if chart.is_library or not chart.dependencies:
        return
    values = [one for one in graph.every(ChartValues, "values:") if _may_be_of(one, chart)]
    if not any(one.is_default and one.file.directory == chart.directory for one in values):
        return
    for dependency in chart.dependencies:
        node = dependency.node.at("condition")
        if not isinstance(node, Scalar) or not node.text.strip():
            continue
        paths = [tuple(one.strip().split(".")) for one in node.text.split(",") if one.strip()]
        if any(one.defines(path) for one in values for path in paths):
            continue
        key = dependency.node.text_at("alias") or dependency.name
        close = _near(paths[0], key, values)
        yield Finding(
            node,
            f"no values of chart `{chart.name}` have `{node.text.strip()}`"
            + (f"; the nearest is `{close}`" if close else "")
            + f": `{key}` is installed whatever they say",
            fixes=partial(_fixes, node, close),
            severity=None if close else Severity.INFO,
            level=None if close else Level.PEDANTIC,
        )


def _may_be_of(values: ChartValues, chart: HelmChart) -> bool:
    """Say whether values may be the chart's: they lie beside it, below or right above it."""
    here, home = values.file.directory, chart.directory
    above = home.rpartition("/")[0]
    return here == home or (not values.is_default and (here.startswith(f"{home}/") or here == above))


def _near(path: tuple[str, ...], key: str, values: list[ChartValues]) -> str | None:
    """Return the path that was meant: of the dependency itself, or one nearly like what is written."""
    last = path[-1]
    if any(one.defines((key, last)) for one in values):
        return f"{key}.{last}"
    names = sorted({name for one in values for name in one.names_at(path[:-1])})
    close = nearest(last, names)
    return ".".join((*path[:-1], close)) if close else None


def _fixes(node: Scalar, close: str | None) -> tuple[Fix, ...]:
    if close is None or "," in node.text or node.block:
        return ()
    return (Fix(f"Ask for `{close}`", Safety.UNSAFE, edits=(set_value(node, close),)),)
