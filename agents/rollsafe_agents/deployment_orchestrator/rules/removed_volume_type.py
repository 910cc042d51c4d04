"""A pod uses a kind of volume that is gone or going.

## What it does
Reports volumes whose driver was inside of Kubernetes and has been removed or is deprecated (`gitRepo`, `flocker`,
`scaleIO`, `glusterfs`, `rbd`, `cephfs`, `awsElasticBlockStore` …), and, for auditors, those that name a server directly
(`nfs`, `iscsi`, `fc`).

## Why it matters
A node without the driver cannot mount the volume: the pod stays in `ContainerCreating`, from the upgrade of the cluster
on. Storage named in a pod is also bound to that one place, while a claim lets each cluster bring its own.

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
      volumeMounts:
        - name: files
          mountPath: /files
  volumes:
    - name: files
      glusterfs:  # <-
        endpoints: files
        path: files
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
      volumeMounts:
        - name: files
          mountPath: /files
  volumes:
    - name: files
      persistentVolumeClaim:
        claimName: files
```

## Fix
None: the storage has to be moved behind a CSI driver and a claim.

## References
- [Kubernetes: types of volumes](https://kubernetes.io/docs/concepts/storage/volumes/#volume-types)

## Equivalent rules
- `trivy:KSV-0028`
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.kubernetes import Workload
from rollsafe.rules import Finding, Level, Severity, rule

_GONE: Final = frozenset(
    {
        *("flocker", "quobyte", "storageos", "scaleIO", "glusterfs", "rbd", "cephfs", "photonPersistentDisk"),
        *("awsElasticBlockStore", "azureDisk", "azureFile", "cinder", "gcePersistentDisk", "vsphereVolume"),
        *("gitRepo", "portworxVolume", "flexVolume"),
    }
)
_DIRECT: Final = frozenset({"nfs", "iscsi", "fc"})


@rule(severity=Severity.WARNING, since="0.1.0", level=Level.PEDANTIC)
def check(workload: Workload) -> Iterator[Finding]:
    """Yield a finding for each volume of such a kind."""
    for volume in workload.volumes:
        is_gone = volume.source in _GONE
        if is_gone or volume.source in _DIRECT:
            what = "is gone or going" if is_gone else "names a server"
            yield Finding(
                volume.node.key_at(volume.source) or volume.node,
                f"volume `{volume.name}` of `{workload.name}` is of a kind that {what}: `{volume.source}`",
                severity=None if is_gone else Severity.INFO,
                level=None if is_gone else Level.AUDITOR,
            )
