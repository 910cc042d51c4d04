"""A value of a chart is not what the chart's schema allows.

## What it does
Holds `values.yaml` and the values of environments against the chart's `values.schema.json`: types, words, patterns, bounds,
unknown keys where the schema allows no others, and required keys that neither the file nor the defaults give. Defaults
that every environment replaces are left alone; what the defaults alone lack, somebody has to give, and is told to those who
like hygiene.

## Why it matters
Helm holds the values against the schema before it renders, and refuses the release. Values for production that nobody tries
elsewhere are found wrong on the day of the release.

## Bad
```yaml title="chart/values-production.yaml"
replicas: "3"  # <-
```
```yaml title="chart/values.yaml"
replicas: 1
```
```json title="chart/values.schema.json"
{
  "type": "object",
  "properties": {"replicas": {"type": "integer", "minimum": 1}}
}
```
```yaml title="chart/templates/settings.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
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
```
```yaml title="chart/values.yaml"
replicas: 1
```
```json title="chart/values.schema.json"
{
  "type": "object",
  "properties": {"replicas": {"type": "integer", "minimum": 1}}
}
```
```yaml title="chart/templates/settings.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  REPLICAS: {{ .Values.replicas | quote }}
```
```yaml title="chart/Chart.yaml"
apiVersion: v2
name: orders
version: 1.0.0
```

## Fix
Writes the value as the type that is wanted, the nearest word, or the nearest key. Unsafe: it takes effect then.

## References
- [Helm: schema files](https://helm.sh/docs/topics/charts/#schema-files)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from rollsafe.artefacts.contracts.flaws import Flaw, FlawKind
from rollsafe.formats.nodes import Mapping, Node, Scalar, Sequence, resolve
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.contracts import key_fixes, matter, near, type_fixes, wanted, word_fixes
from rollsafe.text import Located
from rollsafe.text.records import replace
from rollsafe.workspace.system.charts.deployed import DeployedValues
from rollsafe.workspace.system.charts.schemas import lacking_keys, wrong_values

_EMPTY: Final = frozenset({FlawKind.WORD, FlawKind.PATTERN, FlawKind.RANGE, FlawKind.COUNT})


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(values: DeployedValues) -> Iterator[Finding]:
    """Yield a finding for each value that Helm refuses."""
    if values.schema is None:
        return
    for flaw in wrong_values(values):
        is_to_fill = values.is_default and _is_to_fill(flaw)
        yield Finding(
            _where(values, flaw.path, flaw.where),
            _told(flaw),
            fixes=partial(_fixes, values, flaw),
            severity=Severity.INFO if is_to_fill else None,
            level=Level.PEDANTIC if is_to_fill else None,
            detail="Helm refuses the release: the values do not meet `values.schema.json`",
        )
    if values.is_default and values.others:
        return
    for lacking in lacking_keys(values):
        yield Finding(
            _where(values, lacking.path[:-1], values.root),
            f"`{'.'.join(lacking.path)}` is required by `values.schema.json`, and nothing gives it",
            severity=Severity.INFO if values.is_default else Severity.WARNING,
            level=Level.PEDANTIC,
            detail="Helm refuses the release unless it is given on the command line",
        )


def _is_to_fill(flaw: Flaw) -> bool:
    """Say whether a value is empty, as what everybody has to give is in the defaults."""
    return flaw.kind in _EMPTY and isinstance(flaw.where, Scalar) and not flaw.where.text


def _told(flaw: Flaw) -> str:
    path = ".".join(flaw.path)
    if flaw.kind is FlawKind.UNKNOWN:
        close = near(flaw)
        whole = path if path.endswith(flaw.key) else ".".join((*flaw.path, flaw.key))
        return f"`values.schema.json` allows no `{whole}`" + (f"; the nearest is `{close}`" if close else "")
    node = flaw.where
    if flaw.kind is FlawKind.TYPE and isinstance(node, Scalar) and not node.plain:
        return f"`{path}` is the text `{node.text[:60]}` and not {wanted(flaw)}"
    return f"`{path}` {matter(flaw)}"


def _fixes(values: DeployedValues, flaw: Flaw) -> tuple[Fix, ...]:
    match flaw.kind:
        case FlawKind.UNKNOWN:
            return key_fixes(values, flaw) if near(flaw) else ()
        case FlawKind.TYPE:
            return tuple(replace(one, safety=Safety.UNSAFE) for one in type_fixes(flaw))
        case FlawKind.WORD:
            return word_fixes(flaw)
        case _:
            return ()


def _where(values: DeployedValues, path: tuple[str, ...], node: Node) -> Located:
    """Return where to point: a scalar or key itself, and for a whole the key that leads to it."""
    if not isinstance(node, Mapping | Sequence):
        return node
    found: Located | None = None
    at: Node | None = values.root
    for step in path:
        at = resolve(at)
        if not isinstance(at, Mapping):
            break
        found, at = at.key_at(step) or found, at.value(step)
    return found or next(iter(values.root.entries)).key
