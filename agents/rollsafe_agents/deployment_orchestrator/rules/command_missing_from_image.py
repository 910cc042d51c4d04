"""A probe or handler runs a program that the image does not have.

## What it does
Reports `exec` probes and lifecycle handlers that run a shell, `sleep`, `curl` or another program of a usual system in
an image without one: built in this repository from `scratch` or a distroless base, or a distroless image itself.
Programs named by an absolute path the Dockerfile copies are left alone.

## Why it matters
A readiness probe that cannot run never succeeds, a liveness probe kills the container again and again, and a
`preStop` handler fails at once, so that the pod stops without the pause it was written for.

## Bad
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
      containers:
        - name: web
          image: gcr.io/distroless/static-debian12:nonroot-amd64
          lifecycle:
            preStop:
              exec:
                command: [sleep, "10"]  # <-
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
      containers:
        - name: web
          image: gcr.io/distroless/static-debian12:nonroot-amd64
          lifecycle:
            preStop:
              sleep:
                seconds: 10
          resources:
            requests: {cpu: 100m, memory: 128Mi}
```

## Fix
Uses the `sleep` action where a handler only sleeps. Unsafe: it needs Kubernetes 1.30. Other programs have no fix: an
`httpGet` probe or the image has to change.

## References
- [Kubernetes: container lifecycle hooks](https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/)

## Equivalent rules
None known.
"""

from collections.abc import Iterator

from rollsafe.artefacts.kubernetes import Container
from rollsafe.artefacts.kubernetes.probes import sleep_seconds, words_at
from rollsafe.formats.nodes import Mapping, Node
from rollsafe.formats.yaml_edit import set_value
from rollsafe.rules import Edit, Finding, Fix, Safety, Severity, Span, rule
from rollsafe.workspace.graph import Graph
from rollsafe.workspace.images import lacks_programs

_PLACES = (
    ("readinessProbe", "its readiness probe never succeeds"),
    ("livenessProbe", "its liveness probe restarts it again and again"),
    ("startupProbe", "its startup probe restarts it again and again"),
)
_HANDLERS = (("preStop", "it stops without the pause"), ("postStart", "it is killed as it starts"))
_SYSTEM = frozenset(
    (
        *("sh", "bash", "ash", "sleep", "curl", "wget", "cat", "ls", "test", "nc", "grep", "echo", "kill"),
        *("ps", "pgrep", "pidof", "true", "stat"),
    )
)
_DIRECTORIES = ("/bin/", "/usr/bin/", "/usr/local/bin/", "/sbin/")


@rule(severity=Severity.ERROR, since="0.1.0", fix=Safety.UNSAFE)
def check(container: Container, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for a program that an image without a system is asked to run."""
    asked: list[tuple[str, tuple[str, ...], str]] = [(key, ("exec",), why) for key, why in _PLACES]
    asked += [("lifecycle", (key, "exec"), why) for key, why in _HANDLERS]
    image = container.image
    if image is None or not any(container.node.at(key, *path) is not None for key, path, _ in asked):
        return
    if not lacks_programs(image, graph):
        return
    for key, path, why in asked:
        node = container.node.at(key, *path, "command")
        words = words_at(container.node, key, *path, "command")
        if node is not None and words and _is_of_a_system(words[0]):
            yield Finding(
                node,
                f"`{words[0]}` is not in the image of `{container.name}`: {why}",
                fixes=tuple(_fixes(container, container.node.at(key, *path[:-1]), node)),
                detail=f"`{image.name}` has no shell and no programs but its own",
            )


def _is_of_a_system(word: str) -> bool:
    name = word
    for directory in _DIRECTORIES:
        name = name.removeprefix(directory)
    return name in _SYSTEM


def _fixes(container: Container, handler: Node | None, command: Node) -> Iterator[Fix]:
    if not isinstance(handler, Mapping) or handler.key_at("exec") is None:
        return
    seconds = sleep_seconds(handler)
    entry = handler.entry("exec")
    words = words_at(handler, "exec", "command")
    if seconds is None or entry is None or not 0 < len(words) <= 3 or container.node.at("lifecycle") is None:
        return
    is_alone = isinstance(entry.value, Mapping) and len(entry.value.entries) == 1
    inner = entry.value.key_at("command")
    if not is_alone or inner is None or "&&" in words[-1] or ";" in words[-1]:
        return
    edits: tuple[Edit, ...] = (
        Edit(Span.of(entry.key), "sleep"),
        Edit(Span.of(inner), "seconds"),
        _in_its_place(container.file.text, inner, command, str(seconds)),
    )
    yield Fix(f"Use the `sleep` action for {seconds} seconds", Safety.UNSAFE, edits=edits)


def _in_its_place(text: str, key: Node, value: Node, written: str) -> Edit:
    """Return the edit that writes a value behind its key, where the list may have stood below it."""
    between = text[key.end : value.start]
    return (
        Edit(Span(key.end, value.end), f": {written}")
        if not between.strip(" :\r\n")
        else set_value(value, written)
    )
