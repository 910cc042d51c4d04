"""A generated ConfigMap keeps its name, so that a change of it reaches no running pod.

## What it does
Reports generators of a kustomization with `disableNameSuffixHash: true` whose ConfigMap or Secret gives a workload of the project its
environment. Pods with a checksum or a reloader's annotation are left alone, and a comment beside the setting counts as a reason.

## Why it matters
Environment variables are read when a container starts. With a hash in the name, a change makes a new object and rolls out the
pods that use it, and going back brings the old one back. Without it the deployment succeeds and nothing restarts.

## Bad
```yaml title="kustomization.yaml"
resources:
  - web.yaml
configMapGenerator:
  - name: web
    literals:
      - LOG_LEVEL=info
    options:
      disableNameSuffixHash: true  # <-
```
```yaml title="web.yaml"
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
                name: web
          resources:
            requests: {cpu: 100m, memory: 128Mi}
            limits: {memory: 128Mi}
```

## Good
```yaml title="kustomization.yaml"
resources:
  - web.yaml
configMapGenerator:
  - name: web
    literals:
      - LOG_LEVEL=info
    options:
      disableNameSuffixHash: false
```
```yaml title="web.yaml"
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
                name: web
          resources:
            requests: {cpu: 100m, memory: 128Mi}
            limits: {memory: 128Mi}
```

## Fix
Has kustomize put the hash into the name. Unsafe: who refers to the object by its name from elsewhere does not find it any more.

## References
- [Kustomize: generatorOptions](https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/generatoroptions/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Kustomization, Workload
from rollsafe.formats.nodes import Scalar
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Confidence, Finding, Fix, Level, Related, Safety, Severity, rule
from rollsafe.rules.intent import explained
from rollsafe.rules.reloading import is_reloaded
from rollsafe.workspace.graph import Graph

_OPTION = "disableNameSuffixHash"


@rule(
    severity=Severity.WARNING,
    since="0.1.0",
    fix=Safety.UNSAFE,
    confidence=Confidence.MEDIUM,
    level=Level.PEDANTIC,
)
def check(layer: Kustomization, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each switch that keeps a name that pods start with."""
    told: set[int] = set()
    for generator in layer.generators:
        switch = generator.node.at("options", _OPTION) or layer.root.at("generatorOptions", _OPTION)
        user = _user(generator.kind, generator.name, graph) if not generator.has_hash else None
        if user is None or not isinstance(switch, Scalar) or switch.start in told:
            continue
        told.add(switch.start)
        if explained(layer.file, switch):
            continue
        yield Finding(
            switch,
            f"a change of `{generator.name}` restarts no pod of `{user.name}`: its name has no hash",
            fixes=(Fix("Put the hash into the name", Safety.UNSAFE, edits=(set_value(switch, "false"),)),),
            related=(Related(user.file, user.title_node, "reads it when it starts"),),
        )


def _user(kind: str, name: str, graph: Graph) -> Workload | None:
    """Return a workload that keeps running and has its environment from a generated object."""
    for workload in graph.find(Workload, f"uses:{kind}/{name}"):
        reads = (one for container in workload.containers for one in container.references)
        is_read = any(one.kind == kind and one.name == name for one in reads)
        if is_read and workload.is_long_running and not workload.is_patch and not is_reloaded(workload):
            return workload
    return None
