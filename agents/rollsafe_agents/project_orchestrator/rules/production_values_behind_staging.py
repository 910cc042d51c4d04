"""The values for production lack what the values for staging have.

## What it does
Compares the values a chart is deployed with in production and in staging, both over the defaults. Reports fewer replicas, and
probes that are on in staging and off in production; at level `pedantic` also disruption budgets, autoscalers and network policies
that are off in production alone, and keys that only staging has. Values that are about logs, debugging and tests are left alone.

## Why it matters
A release is tried in staging. What only staging has was never tried without it: the probe that held bad pods back there is off
where users are, and the value that somebody added to the one file is empty in the other.

## Bad
```yaml title="chart/values-production.yaml"
replicas: 4
readinessProbe:
  enabled: false  # <-
```
```yaml title="chart/values-staging.yaml"
replicas: 2
```
```yaml title="chart/values.yaml"
replicas: 1
readinessProbe:
  enabled: true
```
```yaml title="chart/Chart.yaml"
apiVersion: v2
name: orders
version: 1.0.0
```

## Good
```yaml title="chart/values-production.yaml"
replicas: 4
readinessProbe:
  enabled: true
```
```yaml title="chart/values-staging.yaml"
replicas: 2
```
```yaml title="chart/values.yaml"
replicas: 1
readinessProbe:
  enabled: true
```
```yaml title="chart/Chart.yaml"
apiVersion: v2
name: orders
version: 1.0.0
```

## Fix
Switches on what is off. Unsafe: pods may not become ready. For other differences there is none: which of the two is right is for
somebody to decide.

## References
- [Helm: values files](https://helm.sh/docs/chart_template_guide/values_files/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from functools import partial
from posixpath import basename
from typing import Final

from rollsafe.artefacts.recognition import EnvironmentKind
from rollsafe.formats.nodes import Mapping, Node, Scalar, resolve
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Confidence, Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.drift import is_for_trials
from rollsafe.rules.intent import explained
from rollsafe.text import Located
from rollsafe.workspace.system.charts.deployed import DeployedValues
from rollsafe.workspace.system.charts.drift import Aspect, Drift, drift_of

_LEVELS: Final = {
    Aspect.REPLICAS: Level.REGULAR,
    Aspect.PROBE: Level.REGULAR,
    Aspect.GUARD: Level.PEDANTIC,
    Aspect.KEY: Level.PEDANTIC,
}


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.UNSAFE, confidence=Confidence.MEDIUM)
def check(values: DeployedValues) -> Iterator[Finding]:
    """Yield a finding for each thing that only staging has."""
    if values.environment is not EnvironmentKind.PRODUCTION:
        return
    for one in drift_of(values):
        if one.aspect is Aspect.KEY and any(map(is_for_trials, one.path)):
            continue
        node, where = _where(values.root, one.path)
        if explained(values.file, where):
            continue
        yield Finding(where, _told(one), fixes=partial(_fixes, one, node), level=_LEVELS[one.aspect])


def _told(one: Drift) -> str:
    path, other = ".".join(one.path), basename(one.other)
    match one.aspect:
        case Aspect.REPLICAS:
            return f"`{path}` is {one.less} in production and {one.more} in `{other}`"
        case Aspect.PROBE | Aspect.GUARD:
            return f"`{path}` is off in production and on in `{other}`"
        case Aspect.KEY:
            return f"`{path}` is given in `{other}` and not in production"


def _where(root: Mapping, path: tuple[str, ...]) -> tuple[Node | None, Located]:
    """Return the value at a path, and where to point: at it, or at the last key on the way that is there."""
    at: Node | None = root
    found: Located = root.entries[0].key if root.entries else root
    for step in path:
        at = resolve(at)
        key = at.key_at(step) if isinstance(at, Mapping) else None
        if not isinstance(at, Mapping) or key is None:
            return None, found
        found, at = key, at.value(step)
    return (at, at) if isinstance(at, Scalar) else (at, found)


def _fixes(one: Drift, node: Node | None) -> tuple[Fix, ...]:
    if one.aspect not in (Aspect.PROBE, Aspect.GUARD) or not isinstance(node, Scalar) or not node.plain:
        return ()
    return (Fix(f"Switch `{'.'.join(one.path)}` on", Safety.UNSAFE, edits=(set_value(node, "true"),)),)
