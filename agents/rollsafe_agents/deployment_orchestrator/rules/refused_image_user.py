"""A pod insists on a user other than root, and its image does not give one that can be checked.

## What it does
Reports containers with `runAsNonRoot: true` and no `runAsUser` whose image, built in this repository, runs as root or
as a user written by name.

## Why it matters
The kubelet compares numbers and does not look into the image: for a name it answers `image has non-numeric user, cannot
verify user is non-root`, for root `image will run as root`. The pod stays in `CreateContainerConfigError` and the
rollout stalls.

## Bad
```yaml title="k8s/web.yaml"
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web  # <-
      image: registry.example/web:1.4.2
      resources:
        requests: {cpu: 100m, memory: 128Mi}
      securityContext:
        runAsNonRoot: true
```

```dockerfile title="web/Dockerfile"
FROM node:22.11.0-bookworm-slim
COPY server.js /srv/server.js
USER node
CMD ["node", "/srv/server.js"]
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
        runAsUser: 1000
```

```dockerfile title="web/Dockerfile"
FROM node:22.11.0-bookworm-slim
COPY server.js /srv/server.js
USER node
CMD ["node", "/srv/server.js"]
```

## Fix
Adds the number that the name stands for, where the Dockerfile or a known base image tells it. Safe: it is the same
user. For root it adds a free number; unsafe, since files belong to root.

## References
- [Kubernetes: security context](https://kubernetes.io/docs/tasks/configure-pod-container/security-context/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator
from typing import Final

from rollsafe.artefacts.dockerfile import Stage
from rollsafe.artefacts.dockerfile.users import default_user, known_number
from rollsafe.artefacts.kubernetes import Container
from rollsafe.rules import Confidence, Finding, Fix, Related, Safety, Severity, rule
from rollsafe.rules.hardening import put_settings, runs_on_windows
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.images import stage_of

_ROOT: Final = "root"
_RUN_AS_ROOT: Final = frozenset(
    {
        *("alpine", "amazoncorretto", "busybox", "debian", "eclipse-temurin", "golang", "node", "openjdk"),
        *("perl", "php", "python", "ruby", "rust", "scratch", "ubuntu"),
    }
)
"""Base images that are root unless somebody says otherwise."""


@rule(severity=Severity.ERROR, since="0.1.0", confidence=Confidence.MEDIUM, fix=Safety.SAFE)
def check(container: Container, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a container that the kubelet refuses to start."""
    security, image = container.security, container.image
    if security.flag("runAsNonRoot") is not True or not security.lacks("runAsUser"):
        return
    workload = container.workload
    if image is None or image.is_dynamic or workload.is_patch or runs_on_windows(workload):
        return
    stage = stage_of(image, graph)
    user = _unchecked_user(stage) if stage is not None else None
    if stage is not None and user is not None:
        yield _finding(container, stage, user)


def _unchecked_user(stage: Stage) -> str | None:
    """Return the name the image runs as; None for a number, and where nothing tells it."""
    if stage.user is not None:
        name = stage.user.name
        return None if not name or (name.isdigit() and name != "0") else name
    base = stage.root.image
    known = base is not None and base.registry is None and default_user(base) is None
    return _ROOT if known and base is not None and base.path in _RUN_AS_ROOT else None


def _finding(container: Container, stage: Stage, user: str) -> Finding:
    is_root = user in ("0", _ROOT)
    number = None if is_root else known_number(stage, user)
    safety = Safety.SAFE if number is not None else Safety.UNSAFE
    chosen = number or ("10001" if is_root else None)
    edits = put_settings(container, {"runAsUser": chosen}) if chosen is not None else ()
    fix = Fix(f"Run as user {chosen}", safety, edits=edits)
    words = "its image runs as root" if is_root else f"its image names the user `{user}`, not a number"
    place = stage.user.instruction if stage.user is not None else stage
    return Finding(
        container.title_node,
        f"container `{container.name}` of `{container.workload.name}` never starts: `runAsNonRoot`, and {words}",
        fixes=(fix,) if edits else (),
        related=(Related(stage.file, place, "the image is built here"),),
        detail="the kubelet answers `CreateContainerConfigError`, and the rollout stalls",
    )
