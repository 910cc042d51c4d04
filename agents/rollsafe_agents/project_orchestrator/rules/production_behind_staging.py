"""The overlay for production lacks what the overlay for staging has.

## What it does
Compares what a kustomization for production builds with what the one for staging builds from the same base. Reports
fewer replicas and probes that only staging has; at level `pedantic` also variables, keys of generated ConfigMaps and
Secrets, disruption budgets, autoscalers and network policies that only staging has; for auditors images that come from
another registry. Variables that are about logs, debugging and tests are left alone.

## Why it matters
A release is tried in staging. What only staging has was never tried without it: the variable that somebody added to the
one overlay is unset in production, and the probe that held bad pods back there is missing where users are.

## Bad
```yaml title="overlays/production/kustomization.yaml"
resources:
  - ../../base
replicas:
  - name: web
    count: 2  # <-
```
```yaml title="overlays/staging/kustomization.yaml"
resources:
  - ../../base
replicas:
  - name: web
    count: 3
```
```yaml title="base/kustomization.yaml"
resources:
  - web.yaml
```
```yaml title="base/web.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: registry.example/web:1.4.2
          resources:
            requests: {cpu: 100m, memory: 128Mi}
            limits: {memory: 128Mi}
```

## Good
```yaml title="overlays/production/kustomization.yaml"
resources:
  - ../../base
replicas:
  - name: web
    count: 3
```
```yaml title="overlays/staging/kustomization.yaml"
resources:
  - ../../base
replicas:
  - name: web
    count: 3
```
```yaml title="base/kustomization.yaml"
resources:
  - web.yaml
```
```yaml title="base/web.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: registry.example/web:1.4.2
          resources:
            requests: {cpu: 100m, memory: 128Mi}
            limits: {memory: 128Mi}
```

## Fix
There is none: whether production or staging is right is for somebody to decide. What both are to have belongs into the base.

## References
- [Kustomize: bases and overlays](https://kubectl.docs.kubernetes.io/references/kustomize/glossary/#overlay)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.recognition import EnvironmentKind
from rollsafe.rules import Confidence, Finding, Level, Related, Severity, rule
from rollsafe.rules.drift import is_for_trials
from rollsafe.rules.intent import explained
from rollsafe.text import Located, Span
from rollsafe.workspace.built.drift import Aspect, Difference, differences
from rollsafe.workspace.built.overlay import Overlay

_LEVELS: Final = {
    Aspect.REPLICAS: Level.REGULAR,
    Aspect.PROBE: Level.REGULAR,
    Aspect.VARIABLE: Level.PEDANTIC,
    Aspect.KEY: Level.PEDANTIC,
    Aspect.OBJECT: Level.PEDANTIC,
    Aspect.REGISTRY: Level.AUDITOR,
}


@rule(severity=Severity.WARNING, since="0.1.0", confidence=Confidence.MEDIUM)
def check(overlay: Overlay) -> Iterator[Finding]:
    """Yield a finding for each thing that only staging has."""
    if overlay.environment is not EnvironmentKind.PRODUCTION or overlay.staging is None:
        return
    name = overlay.staging.root.directory
    for one in differences(overlay.building, overlay.staging):
        if one.aspect in (Aspect.VARIABLE, Aspect.KEY) and is_for_trials(one.name):
            continue
        where = _where(overlay, one)
        if explained(one.there.file, one.there) or explained(overlay.file, where):
            continue
        yield Finding(
            where,
            _message(one, name),
            related=(
                Related(one.there.file, Span(one.there.start, one.there.end), f"`{name}` has it from here"),
            ),
            level=_LEVELS[one.aspect],
        )


def _where(overlay: Overlay, one: Difference) -> Located:
    if one.here is not None and one.here.file is overlay.file:
        return Span(one.here.start, one.here.end)
    root = overlay.building.root.root
    named = (root.key_at(key) for key in ("resources", "bases", "components"))
    return next((key for key in named if key is not None), root)


def _message(one: Difference, other: str) -> str:
    match one.aspect:
        case Aspect.REPLICAS:
            return f"`{one.owner}` runs {one.less} replica{'s' * (one.less != '1')} here and {one.more} in `{other}`"
        case Aspect.PROBE:
            return f"container `{one.owner}` has a `{one.name}` in `{other}` and none here"
        case Aspect.VARIABLE:
            return f"`{one.owner}` is given `{one.name}` in `{other}` and not here"
        case Aspect.KEY:
            return f"`{one.owner}` holds `{one.name}` in `{other}` and not here"
        case Aspect.OBJECT:
            return f"{one.owner} `{one.name}` is part of `{other}` and not of this overlay"
        case Aspect.REGISTRY:
            return f"`{one.name}` comes from `{one.less}` here and from `{one.more}` in `{other}`"
