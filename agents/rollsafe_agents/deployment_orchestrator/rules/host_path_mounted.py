"""A container mounts a directory of its node.

## What it does
Reports mounts of `hostPath` volumes that can be written to, once for each container and volume; they weigh more where
they hold what the node rests on (`/`, `/etc`, `/var/lib/kubelet` …). That a directory of the node is seen at all, and
what agents of nodes mount, is told to auditors only. Sockets of container engines are `engine-socket-mounted`.

## Why it matters
What is written there outlives the pod and is read by the node: a line in `/etc/cron.d` is a shell on it. And the
data is on that node only: when the pod moves, it finds another directory, or none.

## Bad
```yaml title="k8s/collector.yaml"
apiVersion: v1
kind: Pod
metadata:
  name: collector
spec:
  containers:
    - name: collector
      image: registry.example/collector:1.4.2
      resources:
        requests: {cpu: 100m, memory: 128Mi}
      volumeMounts:
        - name: settings  # <-
          mountPath: /host/settings
  volumes:
    - name: settings
      hostPath:
        path: /opt/settings
```

## Good
```yaml title="k8s/collector.yaml"
apiVersion: v1
kind: Pod
metadata:
  name: collector
spec:
  containers:
    - name: collector
      image: registry.example/collector:1.4.2
      resources:
        requests: {cpu: 100m, memory: 128Mi}
      volumeMounts:
        - name: settings
          mountPath: /host/settings
          readOnly: true
  volumes:
    - name: settings
      hostPath:
        path: /opt/settings
```

## Fix
Mounts it for reading only. Unsafe: a container that writes there fails. Nothing is offered for what is read-only.

## References
- [Kubernetes: hostPath volumes](https://kubernetes.io/docs/concepts/storage/volumes/#hostpath)

## Equivalent rules
- `kube-linter:sensitive-host-mounts`
- `kube-linter:writable-host-mount`
- `polaris:hostPathSet`
- `trivy:KSV-0023`
- `trivy:KSV-0121`
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import (
    Container,
    Volume,
    VolumeMount,
    Workload,
    is_engine_socket,
    is_sensitive,
)
from rollsafe.formats.yaml_edit import add_entry, set_value
from rollsafe.rules import Edit, Finding, Fix, Level, Related, Safety, Severity, rule
from rollsafe.rules.hardening import level_of
from rollsafe.rules.host_paths import mounts_of


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC, fix=Safety.UNSAFE)
def check(workload: Workload) -> Iterator[Finding]:
    """Yield a finding for each directory of the node that a container gets."""
    for volume in workload.volumes:
        path = volume.host_path
        if path is None or is_engine_socket(path):
            continue
        found = {id(container): (container, mount) for container, mount in mounts_of(workload, volume)}
        for container, mount in found.values():
            if not mount.is_read_only:
                yield _writable(container, mount, volume, path)
            yield _mounted(container, mount, volume, path)
        if not found:
            yield _unmounted(workload, volume, path)


def _writable(container: Container, mount: VolumeMount, volume: Volume, path: str) -> Finding:
    fix = Fix("Mount it for reading only", Safety.UNSAFE, edits=(_read_only(container, mount),))
    return Finding(
        mount.node.at("name") or mount.node,
        f"container `{container.name}` of `{container.workload.name}` can write to `{path}` of its node",
        fixes=(fix,),
        related=(Related(container.file, volume.node, f"volume `{volume.name}`"),),
        severity=None if is_sensitive(path) else Severity.INFO,
        level=level_of(container.workload),
        equivalents=("kube-linter:writable-host-mount",),
    )


def _mounted(container: Container, mount: VolumeMount, volume: Volume, path: str) -> Finding:
    return Finding(
        mount.node.at("name") or mount.node,
        f"container `{container.name}` of `{container.workload.name}` sees `{path}` of its node",
        related=(Related(container.file, volume.node, f"volume `{volume.name}`"),),
        severity=Severity.INFO,
        level=Level.AUDITOR,
        equivalents=_names(path),
    )


def _unmounted(workload: Workload, volume: Volume, path: str) -> Finding:
    return Finding(
        volume.node.at("name") or volume.node,
        f"volume `{volume.name}` of `{workload.name}` is `{path}` of its node, and nothing mounts it",
        severity=Severity.INFO,
        level=Level.AUDITOR,
        equivalents=_names(path),
    )


def _names(path: str) -> tuple[str, ...]:
    names = ("polaris:hostPathSet", "trivy:KSV-0023")
    return (*names, "kube-linter:sensitive-host-mounts", "trivy:KSV-0121") if is_sensitive(path) else names


def _read_only(container: Container, mount: VolumeMount) -> Edit:
    present = mount.node.at("readOnly")
    if present is not None and present.end > present.start:
        return set_value(present, "true")
    return add_entry(container.file.text, mount.node, "readOnly", "true")
