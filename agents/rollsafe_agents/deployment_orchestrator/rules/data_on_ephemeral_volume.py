"""A database keeps its data where it is lost with the pod.

## What it does
Reports pods of long-running workloads that run a well-known database and keep its data on an `emptyDir`. Other
well-known images that keep data (queues, caches, search) are reported at level `pedantic`, as their data can often
be made again.

## Why it matters
An `emptyDir` lives as long as its pod. A drained node, an eviction or the next release makes a new pod, and the
database starts empty.

## Bad
```yaml title="k8s/db.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: db
spec:
  replicas: 1
  strategy:
    type: Recreate
  selector:
    matchLabels: {app: db}
  template:
    metadata:
      labels: {app: db}
    spec:
      containers:
        - name: postgres
          image: postgres:16.4
          volumeMounts:
            - name: db-data
              mountPath: /var/lib/postgresql/data
          resources:
            requests: {cpu: 100m, memory: 256Mi}
      volumes:
        - name: db-data
          emptyDir: {}  # <-
```

## Good
```yaml title="k8s/db.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: db
spec:
  replicas: 1
  strategy:
    type: Recreate
  selector:
    matchLabels: {app: db}
  template:
    metadata:
      labels: {app: db}
    spec:
      containers:
        - name: postgres
          image: postgres:16.4
          volumeMounts:
            - name: db-data
              mountPath: /var/lib/postgresql/data
          resources:
            requests: {cpu: 100m, memory: 256Mi}
      volumes:
        - name: db-data
          persistentVolumeClaim:
            claimName: db-data
```
```yaml title="k8s/db-data-claim.yaml"
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: db-data
spec:
  accessModes: [ReadWriteOnce]
  resources:
    requests:
      storage: 10Gi
```

## Fix
Claims a volume and creates the claim beside the workload. Manual: its size is for the author to say, and the data
that is there has to be moved by hand.

## References
- [Kubernetes: volumes](https://kubernetes.io/docs/concepts/storage/volumes/#emptydir)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from posixpath import relpath
from typing import Final

from rollsafe.artefacts.known_images import KnownImage, Layer, known_image
from rollsafe.artefacts.kubernetes import Container, Kustomization, Volume, Workload
from rollsafe.formats.nodes import Entry, Sequence
from rollsafe.formats.yaml_edit import add_item, column_of, deepened, eol_of, indent_of, indented
from rollsafe.rules import Edit, FileEdit, Finding, Fix, Level, NewFile, Related, Safety, Severity, Span, rule
from rollsafe.rules.manifest_edits import put
from rollsafe.workspace.graph import Graph

_CLAIM: Final = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: {name}
spec:
  accessModes: [ReadWriteOnce]
  resources:
    requests:
      storage: 10Gi
"""


@rule(severity=Severity.WARNING, since="0.1.0", fix=Safety.MANUAL)
def check(workload: Workload, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each volume that loses a database."""
    if not workload.is_long_running or workload.is_patch:
        return
    for container in workload.containers:
        known = known_image(container.image) if container.image is not None else None
        volume = _ephemeral(workload, container, known) if known is not None else None
        if known is not None and volume is not None:
            yield _finding(workload, container, known, volume, graph)


def _ephemeral(workload: Workload, container: Container, known: KnownImage) -> Volume | None:
    """Return the `emptyDir` the image's data directory lies on, if it does."""
    if known.data is None:
        return None
    names = {mount.volume for mount in container.mounts if _holds(mount.path, known.data)}
    volumes = (volume for volume in workload.volumes if volume.name in names)
    return next((volume for volume in volumes if volume.source == "emptyDir"), None)


def _holds(path: str, data: str) -> bool:
    return data == path or data.startswith(path.rstrip("/") + "/") or path.startswith(data + "/")


def _finding(
    workload: Workload, container: Container, known: KnownImage, volume: Volume, graph: Graph
) -> Finding:
    entry = volume.node.entry("emptyDir")
    return Finding(
        entry.key if entry is not None else volume.node,
        f"the data of {known.title} in `{workload.name}` is on an `emptyDir` and goes with the pod",
        fixes=tuple(_fixes(workload, volume, entry, graph)),
        related=(Related(workload.file, container.title_node, f"`{container.name}` keeps its data there"),),
        level=None if known.layer is Layer.DATABASE else Level.PEDANTIC,
        detail=f"a drained node, an eviction or the next release starts `{container.name}` with nothing in it",
    )


def _fixes(workload: Workload, volume: Volume, entry: Entry | None, graph: Graph) -> Iterator[Fix]:
    path = f"{volume.name}-claim.yaml"
    if workload.file.directory:
        path = f"{workload.file.directory}/{path}"
    if entry is None or graph.has_file(path) or volume.node.flow:
        return
    text = workload.file.text
    block = f"persistentVolumeClaim:\n  claimName: {volume.name}"
    block = indented(deepened(block, indent_of(text)), " " * column_of(text, entry.start))
    lines = block.lstrip(" ").replace("\n", eol_of(text))
    edit = Edit(Span(entry.start, entry.end), lines)
    claim = NewFile(path, _CLAIM.format(name=volume.name).replace("\n", eol_of(text)))
    title = f"Claim a volume `{volume.name}` (adjust its size)"
    edits = (edit, *_one_at_a_time(workload))
    yield Fix(title, Safety.MANUAL, edits, tuple(_listed(path, workload, graph)), (claim,))


def _one_at_a_time(workload: Workload) -> Iterator[Edit]:
    """Yield the edit that stops the old pod first, since two may not be able to mount the claim."""
    spec = workload.spec
    if workload.kind == "Deployment" and spec is not None and spec.entry("strategy") is None:
        edit = put(workload.file.text, spec, ("strategy", "type"), "Recreate")
        if edit is not None:
            yield edit


def _listed(path: str, workload: Workload, graph: Graph) -> Iterator[FileEdit]:
    """Yield the edit that names a new file in the kustomization that names the workload's."""
    for kustomization in graph.find(Kustomization, f"path:{workload.file.path}"):
        resources = kustomization.root.at("resources")
        if isinstance(resources, Sequence) and resources.items:
            name = relpath(path, kustomization.directory or ".")
            yield FileEdit(kustomization.file.path, add_item(kustomization.file.text, resources, name))
