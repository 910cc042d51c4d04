"""A security context contradicts itself, and the pod is refused.

## What it does
Reports combinations the API server or the kubelet refuses: `privileged: true` or `CAP_SYS_ADMIN` beside
`allowPrivilegeEscalation: false`, `runAsNonRoot: true` beside `runAsUser: 0`, `hostPID` beside
`shareProcessNamespace`.

## Why it matters
The API server rejects the object, or the pods stay in `CreateContainerConfigError`: the release does not happen, and
what ran before is not replaced.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: registry.example/web:1.4.2
      resources:
        requests: {cpu: 100m, memory: 128Mi}
      securityContext:
        runAsNonRoot: true
        runAsUser: 0  # <-
```

## Good
```yaml title="k8s/web.yaml"
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: registry.example/web:1.4.2
      resources:
        requests: {cpu: 100m, memory: 128Mi}
      securityContext:
        runAsNonRoot: true
        runAsUser: 10001
```

## Fix
Keeps the stricter of the two settings and changes the other. Unsafe: which was meant is a guess.

## References
- [Kubernetes: security context](https://kubernetes.io/docs/tasks/configure-pod-container/security-context/)

## Equivalent rules
- `trivy:KSV-0105`
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Container, Workload
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Finding, Fix, Safety, Severity, rule


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(workload: Workload) -> Iterator[Finding]:
    """Yield a finding for each contradiction."""
    spec = workload.pod_spec
    if spec is None:
        return
    if spec.bool_at("hostPID") and spec.bool_at("shareProcessNamespace"):
        words = f"the pods of `{workload.name}` have `hostPID` and `shareProcessNamespace`, which is refused"
        edit = set_value(spec.at("hostPID") or spec, "false")
        place = spec.key_at("hostPID") or workload.title_node
        yield Finding(place, words, fixes=(Fix("Set `hostPID: false`", Safety.UNSAFE, edits=(edit,)),))
    for container in workload.all_containers:
        if container.security.own is not None:
            who = f"container `{container.name}` of `{workload.name}`"
            yield from _escalation(container, who)
        yield from _root(container)


def _escalation(container: Container, who: str) -> Iterator[Finding]:
    security = container.security
    if security.flag("allowPrivilegeEscalation") is not False:
        return
    privileged = security.at("privileged")
    if privileged is not None and security.is_privileged:
        words = f"{who} is refused: `privileged: true` beside `allowPrivilegeEscalation: false`"
        fix = Fix("Take the privilege away", Safety.UNSAFE, edits=(set_value(privileged, "false"),))
        yield Finding(privileged, words, fixes=(fix,), equivalents=())
    for capability in security.added:
        if capability.node.text == "CAP_SYS_ADMIN":
            words = f"{who} is refused: `CAP_SYS_ADMIN` beside `allowPrivilegeEscalation: false`"
            yield Finding(capability.node, words, equivalents=())


def _root(container: Container) -> Iterator[Finding]:
    security = container.security
    node = security.at("runAsUser")
    if security.user != 0 or security.flag("runAsNonRoot") is not True or node is None:
        return
    is_own = container.start <= node.start < container.end
    fix = Fix("Run as user 10001", Safety.UNSAFE, edits=(set_value(node, "10001"),))
    yield Finding(
        node if is_own else container.title_node,
        f"container `{container.name}` of `{container.workload.name}` never starts: `runAsUser: 0` beside "
        "`runAsNonRoot: true`",
        fixes=(fix,),
        detail="the kubelet answers `CreateContainerConfigError`, and the rollout stalls",
    )
