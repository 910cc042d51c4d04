"""Every name a pod looks up is tried with several endings first.

## What it does
Reports workloads whose pods set no `dnsConfig` options.

## Why it matters
By default a name with fewer than five dots is tried with every search domain of the cluster before it is asked as it
is: an outside name costs several questions each time, and the cluster's name server bears them.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web  # <-
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
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Good
```yaml title="k8s/web.yaml"
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
      dnsConfig:
        options:
          - name: ndots
            value: "2"
      containers:
        - name: web
          image: registry.example/web:1.4.2
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Fix
Asks names with two dots or more as they are. Unsafe: a short form such as `web.shop.svc` is asked outside first.

## References
- [Kubernetes: pod's DNS config](https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-dns-config)

## Equivalent rules
- `kube-linter:dnsconfig-options`
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.rules import Finding, Level, Safety, Severity, rule
from rollsafe.rules.manifest_edits import putting

_OPTIONS = ("dnsConfig", "options")


@rule(severity=Severity.HINT, since="0.1.0", level=Level.AUDITOR, fix=Safety.UNSAFE)
def check(workload: Workload) -> Iterator[Finding]:
    """Yield a finding for pods with the default number of dots."""
    spec = workload.pod_spec
    if workload.is_patch or spec is None or not workload.pod_lacks(*_OPTIONS):
        return
    value = (_OPTIONS, '- name: ndots\n  value: "2"')
    yield Finding(
        workload.title_node,
        f"pods of `{workload.name}` try every name with the cluster's endings first",
        fixes=putting("Ask names with two dots as they are", Safety.UNSAFE, workload.file, spec, value),
    )
