"""A secret is written into a file of the repository.

## What it does
Reports literal values of environment variables in manifests, Compose files and the files of platforms such as
`fly.toml`, `render.yaml` or a task definition of ECS, and values of ConfigMaps, that have the shape of a provider's
key, or belong to a name called a password, token or key, or hold a password inside an address. References, placeholders and development files are left alone.

## Why it matters
Everybody who can read the repository, its history, a fork or a backup of it has the secret, for as long as it
is valid. Rotating it means a change of code and a deployment, so nobody does.

## Bad
```yaml title="k8s/billing.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: billing
spec:
  replicas: 2
  selector:
    matchLabels: {app: billing}
  template:
    metadata:
      labels: {app: billing}
    spec:
      containers:
        - name: billing
          image: registry.example/billing:2.3.1
          env:
            - name: CARD_API_KEY
              value: sk_live_9f8Qm2xTt71LpVe0  # <-
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Good
```yaml title="k8s/billing.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: billing
spec:
  replicas: 2
  selector:
    matchLabels: {app: billing}
  template:
    metadata:
      labels: {app: billing}
    spec:
      containers:
        - name: billing
          image: registry.example/billing:2.3.1
          env:
            - name: CARD_API_KEY
              valueFrom:
                secretKeyRef:
                  name: billing
                  key: CARD_API_KEY
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Fix
Takes the value from a Secret, or in a Compose file from a variable that has to be set; on Render it is asked for when
the service is made, on Fly.io it goes to `fly secrets`. Manual: the Secret has to be made first, and the value has to be rotated because it is in the history.

## References
- [Kubernetes: Secrets](https://kubernetes.io/docs/concepts/configuration/secret/)

## Equivalent rules
- `kube-linter:env-var-secret`
- `kube-linter:configmap-with-credentials`
- `polaris:sensitiveConfigmapContent`
- `polaris:sensitiveContainerEnvVar`
- `trivy:KSV-0109`
"""

from collections.abc import Iterator

from rollsafe.artefacts.compose import ComposeService, EnvVariable
from rollsafe.artefacts.kubernetes import ConfigMap, Container, EnvVar, Secret
from rollsafe.artefacts.platforms import FlyApp, PlatformService, RenderService, Variable
from rollsafe.artefacts.secrets import Certainty, secret_in
from rollsafe.formats.nodes import Node
from rollsafe.formats.yaml_edit import (
    column_of,
    deepened,
    eol_of,
    indent_of,
    indented,
    line_start,
    whole_lines,
)
from rollsafe.rules import Confidence, Edit, Finding, Fix, Level, Safety, Severity, Span, rule
from rollsafe.text import Located
from rollsafe.text.records import replace
from rollsafe.workspace.graph import Graph

_IN_CONFIG_MAP = (
    "kube-linter:configmap-with-credentials",
    "polaris:sensitiveConfigmapContent",
    "trivy:KSV-0109",
)
_IN_VARIABLE = ("kube-linter:env-var-secret", "polaris:sensitiveContainerEnvVar")
_HOW = {
    Certainty.SHAPE: "has the shape of a provider's key",
    Certainty.NAME: "is a literal",
    Certainty.ADDRESS: "holds a password inside an address",
}


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.MANUAL)
def check(
    holder: Container | ConfigMap | ComposeService | PlatformService, graph: Graph
) -> Iterator[Finding]:
    """Yield a finding for each variable with a secret for a value."""
    if isinstance(holder, Container):
        yield from _in_manifest(holder)
    elif isinstance(holder, ConfigMap):
        yield from _in_config_map(holder)
    elif isinstance(holder, PlatformService):
        yield from _on_platform(holder)
    else:
        yield from _in_compose(holder, graph)


def _in_manifest(container: Container) -> Iterator[Finding]:
    for variable in container.env:
        node = variable.value_node
        how = secret_in(variable.name, variable.value) if variable.value is not None else None
        if how is not None and node is not None and not container.is_templated(node):
            fixes = _from_secret(container, variable)
            yield _finding(variable.name, node, how, f"container `{container.name}`", fixes)


def _in_config_map(holder: ConfigMap) -> Iterator[Finding]:
    """Yield the secrets of a ConfigMap; those of a Secret are `stringData`, which is where they belong."""
    if isinstance(holder, Secret):
        return
    for name, node in holder.data:
        how = secret_in(name, node.text)
        if how is not None and not holder.is_templated(node):
            yield replace(
                _finding(name, node, how, f"ConfigMap `{holder.name}`", ()), equivalents=_IN_CONFIG_MAP
            )


def _on_platform(service: PlatformService) -> Iterator[Finding]:
    for variable in service.variables:
        how = secret_in(variable.name, variable.node.text)
        if how is None or service.is_templated:
            continue
        level = Level.PEDANTIC if service.is_development and how is not Certainty.SHAPE else None
        who = f"`{service.name}` on {service.platform}" if service.name else f"`{service.file.name}`"
        fixes = _to_platform(service, variable)
        found = _finding(variable.name, variable.node, how, who, fixes, level)
        yield replace(found, equivalents=())


def _to_platform(service: PlatformService, variable: Variable) -> tuple[Fix, ...]:
    """Return the fix that leaves the value to the platform, where the file can say so."""
    text = service.file.text
    if isinstance(service, RenderService) and variable.holder is not None and not variable.holder.flow:
        key = variable.holder.key_at("value")
        if key is None or variable.node.block:
            return ()
        edit = Edit(Span(key.start, variable.node.end), "sync: false")
        title = f"Set `{variable.name}` in Render's dashboard"
        return (Fix(title, Safety.MANUAL, edits=(edit,)),)
    env = service.node.map_at("env") if isinstance(service, FlyApp) else None
    entry = env.entry(variable.name) if env is not None and not env.flow else None
    if entry is None:
        return ()
    edit = Edit(whole_lines(text, line_start(text, entry.start), entry.end), "")
    title = f"Remove `{variable.name}` (set it with `fly secrets set` first)"
    return (Fix(title, Safety.MANUAL, edits=(edit,)),)


def _in_compose(service: ComposeService, graph: Graph) -> Iterator[Finding]:
    for variable in service.environment:
        how = secret_in(variable.name, variable.value) if variable.value is not None else None
        if how is not None and variable.value_span is not None:
            quiet = service.compose.is_development or (
                how is not Certainty.SHAPE and service.known is not None
            )
            level = Level.PEDANTIC if quiet else None
            fixes = _from_variable(service, variable)
            yield _finding(variable.name, variable.value_span, how, f"service `{service.name}`", fixes, level)


def _heard(how: Certainty) -> Level | None:
    """Return the level of a finding: a value that has the shape of a key is one in tests and examples too."""
    return Level.REGULAR if how is Certainty.SHAPE else None


def _finding(
    name: str,
    place: Located,
    how: Certainty,
    who: str,
    fixes: tuple[Fix, ...],
    level: Level | None = None,
) -> Finding:
    return Finding(
        place,
        f"the value of `{name}` in {who} {_HOW[how]}: a secret in plain text",
        fixes=fixes,
        severity=None if how is Certainty.SHAPE else Severity.WARNING,
        confidence=Confidence.HIGH if how is Certainty.SHAPE else Confidence.MEDIUM,
        level=level or _heard(how),
        detail=f"whoever reads this repository or its history can use `{name}` until it is rotated",
        equivalents=_IN_VARIABLE,
        sensitive=True,
    )


def _from_secret(container: Container, variable: EnvVar) -> tuple[Fix, ...]:
    key: Node | None = variable.node.key_at("value")
    value = variable.value_node
    if key is None or value is None or variable.node.flow:
        return ()
    text = container.file.text
    name = container.workload.name
    block = f"valueFrom:\n  secretKeyRef:\n    name: {name}\n    key: {variable.name}"
    block = indented(deepened(block, indent_of(text)), " " * column_of(text, key.start))
    lines = block.lstrip(" ").replace("\n", eol_of(text))
    edit = Edit(Span(key.start, value.end), lines)
    title = f"Take `{variable.name}` from the Secret `{name}` (make it first)"
    return (Fix(title, Safety.MANUAL, edits=(edit,)),)


def _from_variable(service: ComposeService, variable: EnvVariable) -> tuple[Fix, ...]:
    span = variable.value_span
    if span is None:
        return ()
    if service.file.slice(span)[:1] in ("'", '"'):
        span = Span(span.start + 1, span.end - 1)
    edit = Edit(span, f"${{{variable.name}:?set {variable.name}}}")
    title = f"Take `{variable.name}` from the environment (set it there first)"
    return (Fix(title, Safety.MANUAL, edits=(edit,)),)
