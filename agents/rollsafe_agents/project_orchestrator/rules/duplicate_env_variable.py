"""A container sets an environment variable twice.

## What it does
Reports variables that stand more than once in the `env` of a container. With the same value each time it is told at
level `pedantic`.

## Why it matters
The last one counts, and the others look as if they did. Server-side apply refuses such a list, or drops one of
the two when another manager changes it: the container starts with the other value.

## Bad
```yaml title="k8s/worker.yaml"
apiVersion: v1
kind: Pod
metadata:
  name: worker
spec:
  containers:
    - name: worker
      image: registry.example/worker:1.4.2
      resources:
        requests: {cpu: 100m, memory: 128Mi}
      env:
        - name: LOG_LEVEL  # <-
          value: debug
        - name: REGION
          value: north
        - name: LOG_LEVEL
          value: info
```

## Good
```yaml title="k8s/worker.yaml"
apiVersion: v1
kind: Pod
metadata:
  name: worker
spec:
  containers:
    - name: worker
      image: registry.example/worker:1.4.2
      resources:
        requests: {cpu: 100m, memory: 128Mi}
      env:
        - name: REGION
          value: north
        - name: LOG_LEVEL
          value: info
```

## Fix
Removes the one that has no effect. Safe: the container gets the same environment. Nothing is offered where a variable
in between uses it.

## References
- [Kubernetes: environment variables](https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/)

## Equivalent rules
- `kube-linter:duplicate-env-var`
- `kube-score:environment-variable-key-duplication`
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Container, EnvVar, is_placeholder
from rollsafe.rules import Finding, Fix, Level, Related, Safety, Severity, rule
from rollsafe.rules.hardening import without_item


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.SAFE)
def check(container: Container) -> Iterator[Finding]:
    """Yield a finding for each variable that is set again further down."""
    last = {variable.name: variable for variable in container.env}
    if len(last) == len(container.env) or container.is_templated(container.node.at("env")):
        return
    for variable in container.env:
        final = last[variable.name]
        if variable is not final and not is_placeholder(variable.name):
            yield _finding(container, variable, final)


def _finding(container: Container, variable: EnvVar, final: EnvVar) -> Finding:
    name = variable.name
    used = any(f"$({name})" in (one.value or "") for one in container.env)
    edit = None if used else without_item(container.file.text, container.node, "env", variable.node)
    fix = Fix(f"Remove this `{name}`", Safety.SAFE, edits=(edit,) if edit is not None else ())
    is_same = variable.value is not None and variable.value == final.value
    return Finding(
        variable.name_node,
        f"container `{container.name}` of `{container.workload.name}` sets `{name}` again further down",
        fixes=(fix,) if edit is not None else (),
        related=(Related(container.file, final.name_node, "this one counts"),),
        level=Level.PEDANTIC if is_same else None,
    )
