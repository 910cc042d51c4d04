"""A container gets the socket of its node's container engine.

## What it does
Reports `hostPath` volumes with the socket of Docker, containerd, CRI-O or Podman, or the directory that holds it.

## Why it matters
Whoever can write to the socket can start a privileged container with the node's whole file system mounted. It is
root on the node by one request, and read-only mounts do not help: a socket is written to all the same.

## Bad
```yaml title="k8s/builder.yaml"
apiVersion: v1
kind: Pod
metadata:
  name: builder
spec:
  containers:
    - name: builder
      image: registry.example/builder:1.4.2
      resources:
        requests: {cpu: 100m, memory: 128Mi}
      volumeMounts:
        - name: engine  # <-
          mountPath: /var/run/docker.sock
        - name: work
          mountPath: /work
  volumes:
    - name: engine
      hostPath:
        path: /var/run/docker.sock
    - name: work
      emptyDir: {}
```

## Good
```yaml title="k8s/builder.yaml"
apiVersion: v1
kind: Pod
metadata:
  name: builder
spec:
  containers:
    - name: builder
      image: registry.example/builder:1.4.2
      resources:
        requests: {cpu: 100m, memory: 128Mi}
      volumeMounts:
        - name: work
          mountPath: /work
  volumes:
    - name: work
      emptyDir: {}
```

## Fix
Removes the volume and its mounts. Manual: what used the engine has to build or look in another way, such as with
BuildKit, Kaniko or the cluster's own API.

## References
- [Docker: protect the daemon socket](https://docs.docker.com/engine/security/protect-access/)

## Equivalent rules
- `kube-linter:docker-sock`
- `kube-linter:container-runtime-sock`
- `polaris:hostPathSet`
- `checkov:CKV_K8S_27`
- `trivy:KSV-0006`
- `trivy:KSV-0023`
- `kubesec:DockerSock`
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Volume, Workload, is_engine_socket
from rollsafe.rules import Finding, Fix, Level, Safety, Severity, rule
from rollsafe.rules.hardening import level_of
from rollsafe.rules.host_paths import mounts_of, without_volume

_ANY = ("polaris:hostPathSet", "trivy:KSV-0023")
_DOCKER = ("kube-linter:docker-sock", "checkov:CKV_K8S_27", "trivy:KSV-0006", "kubesec:DockerSock")


@rule(severity=Severity.ERROR, since="0.1.0", level=Level.PEDANTIC, fix=Safety.MANUAL)
def check(workload: Workload) -> Iterator[Finding]:
    """Yield a finding for each volume with the engine's socket."""
    for volume in workload.volumes:
        path = volume.host_path
        if path is not None and is_engine_socket(path):
            yield _finding(workload, volume, path)


def _finding(workload: Workload, volume: Volume, path: str) -> Finding:
    where = [mount.node for _, mount in mounts_of(workload, volume)]
    edits = without_volume(workload, volume)
    fix = Fix(f"Remove the volume `{volume.name}` and its mounts", Safety.MANUAL, edits=edits)
    return Finding(
        (where[0].at("name") or where[0]) if where else (volume.node.at("name") or volume.node),
        f"`{workload.name}` gets the container engine of its node: volume `{volume.name}` is `{path}`",
        fixes=(fix,) if edits else (),
        level=level_of(workload),
        detail="a request to the engine starts a container that owns the node",
        equivalents=("kube-linter:container-runtime-sock", *(_DOCKER if "docker" in path else ()), *_ANY),
    )
