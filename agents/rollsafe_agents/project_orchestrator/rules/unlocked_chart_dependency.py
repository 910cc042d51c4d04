"""A chart leaves open which versions of other charts it brings along.

## What it does
Reports dependencies of a chart with a range of versions, or none, in a chart without `Chart.lock`. Charts of the repository
itself are left alone.

## Why it matters
`helm dependency update` takes the newest version of the day. The release of a Tuesday is not the one that was tried on Monday,
and going back to the last commit does not bring back what it deployed.

## Bad
```yaml title="chart/Chart.yaml"
apiVersion: v2
name: orders
version: 1.0.0
dependencies:
  - name: postgresql
    version: ">=15.0.0"  # <-
    repository: https://charts.example.com
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
```

## Fix
None: `helm dependency update` writes the lock, and which version was tried only you know.

## References
- [Helm: dependencies](https://helm.sh/docs/chart_best_practices/dependencies/)

## Equivalent rules
None known.
"""

import re
from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import HelmChart
from rollsafe.rules import Finding, Level, Severity, rule
from rollsafe.workspace.graph import Graph

_EXACT: Final = re.compile(r"=?\s*v?\d+\.\d+\.\d+(?:[-+][\w.+-]+)?\Z")


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC)
def check(chart: HelmChart, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each dependency whose version is open."""
    locks = [f"{chart.directory}/{name}".lstrip("/") for name in ("Chart.lock", "requirements.lock")]
    if not chart.dependencies or any(graph.has_file(one) for one in locks):
        return
    for one in chart.dependencies:
        if one.repository.startswith("file://") or not one.repository or _EXACT.match(one.version.strip()):
            continue
        if "{" in one.version or "$" in one.version:
            continue
        yield Finding(
            one.node.at("version") or one.node.at("name") or one.node,
            f"chart `{chart.name}` brings along `{one.name}` in any version"
            + (f" of `{one.version}`" if one.version else "")
            + ", and has no `Chart.lock`",
            detail="each build takes the newest version of the day",
        )
