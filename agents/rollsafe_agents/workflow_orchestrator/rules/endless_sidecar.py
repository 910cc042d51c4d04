"""A Job never ends, because a helper beside its work goes on.

## What it does
Reports Jobs and CronJobs with a second main container that is known to serve without an end: a database or service
mesh proxy, a shipper of logs or metrics.

## Why it matters
A Job is done when all of its main containers are. The work ends, the proxy does not: the Job counts as running until
its deadline and as failed then, a CronJob that forbids overlaps never starts again, and a release waits.

## Bad
```yaml title="k8s/migrate.yaml"
apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
spec:
  activeDeadlineSeconds: 600
  backoffLimit: 1
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: migrate
          image: registry.example/shop/worker:2.4.0
          resources:
            requests: {cpu: 100m, memory: 128Mi}
        - name: proxy  # <-
          image: gcr.io/cloud-sql-connectors/cloud-sql-proxy:2.13.0
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Good
```yaml title="k8s/migrate.yaml"
apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
spec:
  activeDeadlineSeconds: 600
  backoffLimit: 1
  template:
    spec:
      restartPolicy: Never
      initContainers:
        - name: proxy
          image: gcr.io/cloud-sql-connectors/cloud-sql-proxy:2.13.0
          restartPolicy: Always
          resources:
            requests: {cpu: 100m, memory: 128Mi}
      containers:
        - name: migrate
          image: registry.example/shop/worker:2.4.0
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Fix
None: a helper that is an init container with `restartPolicy: Always` ends with the work, from Kubernetes 1.29 on; in
older ones the work has to end the helper itself.

## References
- [Kubernetes: sidecar containers](https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Container
from rollsafe.rules import Finding, Severity, rule
from rollsafe.text.patterns import lazily

_HELPERS: Final = lazily(
    r"(?:^|/)(?:cloud-sql-proxy|gce-proxy|cloudsql-proxy|proxyv2|linkerd2?-proxy|proxy-init|envoy|pgbouncer|pgcat"
    r"|fluent-bit|fluentd|filebeat|vector|promtail|alloy|otelcol\w*|opentelemetry-collector\S*|statsd-exporter"
    r"|cloudwatch-agent|datadog-agent|vault-agent|alloydb-auth-proxy)\Z"
)
_ENDS: Final = ("quitquitquit", "exit-zero-on-sigterm", "--quitquitquit", "pkill", "SIGTERM", "kill ")


@rule(severity=Severity.WARNING, since="0.1.0")
def check(container: Container) -> Iterator[Finding]:
    """Yield a finding for a helper that keeps its Job from ending."""
    workload = container.workload
    image = container.image
    if not workload.is_job or container.is_init or image is None or len(workload.containers) < 2:
        return
    if not _HELPERS.search(image.repository) or workload.is_patch or workload.pod_spec is None:
        return
    if any(word in workload.file.slice(workload) for word in _ENDS):
        return
    if workload.pod_spec.bool_at("shareProcessNamespace"):
        return
    yield Finding(
        container.title_node,
        f"`{workload.name}` does not end: container `{container.name}` goes on after the work",
        detail="the Job counts as running until its deadline, and as failed then",
    )
