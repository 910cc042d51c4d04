"""A container gets a secret as an environment variable.

## What it does
Reports variables and `envFrom` items that take their value from a Secret, once for each container.

## Why it matters
The environment is passed on to every program the container starts, printed by crash reports and debug pages, and
shown by `docker inspect` on the node. A mounted file has permissions, is not passed on, and follows a rotated Secret
without a restart.

## Bad
```yaml title="k8s/api.yaml"
apiVersion: v1
kind: Pod
metadata:
  name: api
spec:
  containers:
    - name: api
      image: registry.example/api:1.4.2
      resources:
        requests: {cpu: 100m, memory: 128Mi}
      env:
        - name: TOKEN
          valueFrom:  # <-
            secretKeyRef:
              name: api
              key: token
```

## Good
```yaml title="k8s/api.yaml"
apiVersion: v1
kind: Pod
metadata:
  name: api
spec:
  containers:
    - name: api
      image: registry.example/api:1.4.2
      resources:
        requests: {cpu: 100m, memory: 128Mi}
      volumeMounts:
        - name: secrets
          mountPath: /run/secrets/api
          readOnly: true
  volumes:
    - name: secrets
      secret:
        secretName: api
```

## Fix
None: the program has to read a file instead.

## References
- [Kubernetes: good practices for Secrets](https://kubernetes.io/docs/concepts/security/secrets-good-practices/#developers)

## Equivalent rules
- `kube-linter:read-secret-from-env-var`
- `checkov:CKV_K8S_35`
- `kubesec:SecretsAsEnvironmentVariables`
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Container
from rollsafe.formats.nodes import Node
from rollsafe.rules import Finding, Level, Related, Severity, rule


@rule(severity=Severity.INFO, since="0.1.0", level=Level.AUDITOR)
def check(container: Container) -> Iterator[Finding]:
    """Yield a finding for a container with secrets in its environment."""
    found: list[tuple[str, Node]] = []
    for variable in container.env:
        if variable.reference is not None and variable.reference.kind == "Secret":
            found.append((f"`{variable.name}`", variable.node.key_at("valueFrom") or variable.node))
    for source in container.env_from:
        if source.reference.kind == "Secret":
            found.append((f"all of `{source.reference.name}`", source.reference.name_node))
    if found:
        words = found[0][0] + (f" and {len(found) - 1} more" if len(found) > 1 else "")
        related = tuple(Related(container.file, node, f"{name} too") for name, node in found[1:5])
        who = f"container `{container.name}` of `{container.workload.name}`"
        yield Finding(found[0][1], f"{who} has secrets in its environment: {words}", related=related)
