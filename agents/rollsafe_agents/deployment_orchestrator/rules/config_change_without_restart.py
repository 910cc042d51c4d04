"""A change of configuration reaches no running pod.

## What it does
Reports workloads that take their environment from a ConfigMap or Secret of the repository that keeps its name: the
one that differs from the base while the workload does not. Without a base, or where nothing differs, charts whose
pods carry no checksum of such a ConfigMap are reported at level `pedantic`. Names that kustomize generates, pods
with a checksum or a reloader's annotation are left alone.

## Why it matters
Environment variables are read when a container starts. The deployment succeeds, the pods keep the old values, and
the new ones begin to hold at the next crash or drain, for one pod after the other.

## Bad
```yaml title="charts/web/Chart.yaml"
apiVersion: v2
name: web
version: 1.0.0
```
```yaml title="charts/web/templates/config.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
data:
  LOG_LEVEL: info
```
```yaml title="charts/web/templates/web.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: registry.example/web:1.4.2
          envFrom:
            - configMapRef:
                name: web  # <-
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Good
```yaml title="charts/web/Chart.yaml"
apiVersion: v2
name: web
version: 1.0.0
```
```yaml title="charts/web/templates/config.yaml"
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
data:
  LOG_LEVEL: info
```
```yaml title="charts/web/templates/web.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
      annotations:
        checksum/web: {{ include (print $.Template.BasePath "/config.yaml") . | sha256sum }}
    spec:
      containers:
        - name: web
          image: registry.example/web:1.4.2
          envFrom:
            - configMapRef:
                name: web
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Fix
Adds the checksum of the template to the annotations of the pods, so that they are replaced when it differs. Unsafe:
a change of the configuration restarts the pods.

## References
- [Helm: automatically roll deployments](https://helm.sh/docs/howto/charts_tips_and_tricks/#automatically-roll-deployments)
- [Kustomize: configMapGenerator](https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/configmapgenerator/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import ConfigMap, HelmChart, Reference, Workload
from rollsafe.formats.yaml import read_yaml
from rollsafe.rules import Finding, Fix, Level, Related, Safety, Severity, rule
from rollsafe.rules.manifest_edits import put_all
from rollsafe.rules.reloading import is_reloaded
from rollsafe.workspace.facts import Base
from rollsafe.workspace.graph import Graph


@rule(
    severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, earliest=Level.REGULAR, fix=Safety.UNSAFE
)
def check(workload: Workload, graph: Graph, base: Base) -> Iterator[Finding]:
    """Yield a finding for configuration whose change restarts nothing."""
    if not workload.is_long_running or workload.is_patch or is_reloaded(workload):
        return
    seen: set[str] = set()
    for container in workload.containers:
        for reference in container.references:
            config = _source(reference, workload, graph)
            if config is not None and reference.name not in seen and reference.is_static:
                seen.add(reference.name)
                yield from _judge(workload, reference, config, base, graph)


def _judge(
    workload: Workload, reference: Reference, config: ConfigMap, base: Base, graph: Graph
) -> Iterator[Finding]:
    is_changed = _has_changed(config, base) and base.is_unchanged(workload.file.path, workload.file.text)
    fixes = _fixes(workload, config, graph)
    if not is_changed and not fixes:
        return
    told = "the change of" if is_changed else "a change of"
    yield Finding(
        reference.name_node,
        f"{told} `{config.name}` restarts no pod of `{workload.name}`, which reads it at its start",
        fixes=fixes,
        related=(Related(config.file, config.title_node, f"{config.kind} `{config.name}`"),),
        level=Level.REGULAR if is_changed else None,
        detail="running pods keep the old values until each is replaced for another reason",
    )


def _source(reference: Reference, workload: Workload, graph: Graph) -> ConfigMap | None:
    for one in graph.find(ConfigMap, f"{reference.kind}/{reference.name}"):
        if one.shares_namespace(workload) and one.from_template == workload.from_template:
            return one
    return None


def _has_changed(config: ConfigMap, base: Base) -> bool:
    """Say whether the object holds other values than at the base; no for a new one."""
    if not base.had(config.file.path):
        return False
    before = base.read(config.file.path)
    if before is None or before == config.file.text:
        return False
    for document in read_yaml(before).documents:
        named = (document.text_at("kind"), document.text_at("metadata", "name"))
        if named == (config.kind, config.name):
            return before[document.start : document.end] != config.file.slice(config)
    return False


def _fixes(workload: Workload, config: ConfigMap, graph: Graph) -> tuple[Fix, ...]:
    chart, template = workload.chart_directory, workload.pod_template
    if chart is None or template is None or config.chart_directory != chart:
        return ()
    if graph.first(HelmChart, f"dir:{chart}") is None or workload.file.path == config.file.path:
        return ()
    inside = config.file.path.removeprefix(f"{chart}/templates" if chart else "templates")
    digest = f'{{{{ include (print $.Template.BasePath "{inside}") . | sha256sum }}}}'
    return put_all(
        f"Restart the pods when `{config.name}` differs",
        Safety.UNSAFE,
        workload.file.text,
        template,
        (("metadata", "annotations", f"checksum/{config.name}"), digest),
    )
