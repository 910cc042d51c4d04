"""A template requires a value that the values of an environment do not give.

## What it does
Renders charts of this repository with the values of each environment and reports `required` where it stops. What only one
environment lacks and others give is told to everybody. What no file gives is told to those who like hygiene: it may be
given on the command line. Values that a pipeline sets with `--set` count as given; values for development are left alone.

## Why it matters
Helm stops before it changes anything, and the release does not happen. What staging gave was never missed there, so this is
found out on the day of the release to production.

## Bad
```yaml title="chart/templates/settings.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  DATABASE_HOST: {{ required "database.host is required" .Values.database.host | quote }}  # <-
```
```yaml title="chart/values.yaml"
database: {}
```
```yaml title="chart/values-staging.yaml"
database:
  host: db.staging.example.com
```
```yaml title="chart/values-production.yaml"
database: {}
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
  DATABASE_HOST: {{ required "database.host is required" .Values.database.host | quote }}
```
```yaml title="chart/values.yaml"
database: {}
```
```yaml title="chart/values-staging.yaml"
database:
  host: db.staging.example.com
```
```yaml title="chart/values-production.yaml"
database:
  host: db.example.com
```
```yaml title="chart/Chart.yaml"
apiVersion: v2
name: orders
version: 1.0.0
```

## Fix
None: the value only you know.

## References
- [Helm: the required function](https://helm.sh/docs/howto/charts_tips_and_tricks/#using-the-required-function)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from posixpath import basename

from rollsafe.rules import Finding, Level, Severity, rule
from rollsafe.workspace.system.charts.deployed import RequiredValue

_MOST = 3


@rule(severity=Severity.ERROR, since="0.1.0")
def check(demand: RequiredValue) -> Iterator[Finding]:
    """Yield a finding for a tag that stops a release."""
    files = [path for path in demand.lacking if path]
    is_told = bool(files and demand.giving)
    named = ", ".join(f"`{basename(path)}`" for path in files[:_MOST])
    where = (
        named + (" …" if len(files) > _MOST else "") if files else f"the defaults of chart `{demand.chart}`"
    )
    value = f"`{'.'.join(demand.value)}`" if demand.value else "the value"
    yield Finding(
        demand,
        f"{value} is required and missing in {where}: {_on_one_line(demand.message)}",
        severity=None if is_told else Severity.INFO,
        level=None if is_told else Level.PEDANTIC,
        detail="Helm stops there, unless it is given on the command line"
        + (
            f"; {', '.join(f'`{basename(path)}`' for path in demand.giving[:_MOST])} give it"
            if is_told
            else ""
        ),
    )


def _on_one_line(message: str) -> str:
    return " ".join(message.split())[:200] or "no reason is given"
