"""A chart's lock is not of the dependencies it has.

## What it does
Makes the digest of the dependencies in `Chart.yaml` as Helm does, and compares it with the one in `Chart.lock`.
Dependencies with `import-values`, and repositories that are known by an alias, are left alone.

## Why it matters
`helm dependency build` refuses the chart: the lock file is out of sync with the dependencies. The pipeline that packs or
releases the chart stops, or goes on with `helm dependency update` and other versions than those that were tried.

## Bad
```yaml title="chart/Chart.yaml"
apiVersion: v2
name: orders
version: 1.0.0
dependencies:  # <-
  - name: postgresql
    version: 15.5.38
    repository: https://charts.example.com
    condition: postgresql.enabled
```
```yaml title="chart/Chart.lock"
dependencies:
- name: postgresql
  repository: https://charts.example.com
  version: 15.5.38
digest: sha256:05fb9b0ce0d9c4b0c2c3a3d2c8d7ef5e4b3e7b6e2ab0f0a3a3bd4f6b4a5a1f10
generated: "2026-05-04T10:00:00Z"
```
```yaml title="chart/values.yaml"
postgresql:
  enabled: true
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
```yaml title="chart/Chart.lock"
dependencies:
- name: postgresql
  repository: https://charts.example.com
  version: 15.5.38
digest: sha256:898bcc7baa28c561cfc15d646c99a5b3349affc8608aef9fb324f6f973c30537
generated: "2026-05-04T10:00:00Z"
```
```yaml title="chart/values.yaml"
postgresql:
  enabled: true
```

## Fix
Where the lock names the same charts, in versions that are written out, writes the digest of the dependencies as they are.
Unsafe: nobody has looked whether the versions still exist.

## References
- [Helm: dependency build](https://helm.sh/docs/helm/helm_dependency_build/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import ChartLock, HelmChart
from rollsafe.artefacts.kubernetes.chart_lock import digest_of
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import FileEdit, Finding, Fix, Related, Safety, Severity, rule
from rollsafe.workspace.graph import Graph


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE)
def check(chart: HelmChart, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for dependencies that are not those of the lock."""
    key = chart.root.key_at("dependencies")
    lock = graph.first(ChartLock, f"lock:{chart.directory}") if key is not None else None
    if key is None or lock is None or lock.digest is None or chart.root.text_at("apiVersion") != "v2":
        return
    digest = digest_of(chart, lock)
    if digest is None or digest == lock.digest.text:
        return
    missing = [one.name for one in chart.dependencies if one.name not in lock.names]
    yield Finding(
        key,
        f"`Chart.lock` is of other dependencies than chart `{chart.name}` has"
        + (f": it has no `{missing[0]}`" if missing else ""),
        fixes=_fixes(chart, lock, digest),
        related=(Related(lock.file, lock.digest, "the digest of the dependencies it was made for"),),
        detail="`helm dependency build` stops: the lock file is out of sync",
    )


def _fixes(chart: HelmChart, lock: ChartLock, digest: str) -> tuple[Fix, ...]:
    wanted = [(one.name, one.version, one.repository) for one in chart.dependencies]
    chosen = [
        (one.text_at("name"), one.text_at("version"), one.text_at("repository"))
        for one in lock.root.items_at("dependencies")
    ]
    if wanted != chosen or lock.digest is None:
        return ()
    edit = FileEdit(lock.file.path, set_value(lock.digest, digest))
    return (Fix("Write the digest of the dependencies", Safety.UNSAFE, elsewhere=(edit,)),)
