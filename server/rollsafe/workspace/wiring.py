"""Who calls whom: the questions about several files that more than one rule and the plans ask."""

from collections.abc import Iterable

from rollsafe.artefacts.kubernetes import (
    Container,
    HorizontalPodAutoscaler,
    Kustomization,
    Service,
    Workload,
)
from rollsafe.workspace.graph import Graph


def services_of(workload: Workload, graph: Graph) -> tuple[Service, ...]:
    """Return the Services whose selector finds the workload's pods, those beside it first."""
    found: dict[int, Service] = {}
    for key, value in workload.pod_labels.items():
        for service in graph.find(Service, f"selects:{key}={value}"):
            if service.selects(workload):
                found[id(service)] = service
    return tuple(sorted(found.values(), key=lambda s: (_distance(s.file.path, workload.file.path), s.start)))


def workloads_of(service: Service, graph: Graph) -> tuple[Workload, ...]:
    """Return the workloads whose pods the Service finds, those beside it first."""
    first = next(iter(service.selector.items()), None)
    if first is None:
        return ()
    found = [w for w in graph.find(Workload, f"label:{first[0]}={first[1]}") if service.selects(w)]
    return tuple(sorted(found, key=lambda w: _distance(w.file.path, service.file.path)))


def autoscalers_of(workload: Workload, graph: Graph) -> tuple[HorizontalPodAutoscaler, ...]:
    """Return the autoscalers that set the workload's number of replicas."""
    return graph.find(HorizontalPodAutoscaler, f"scales:{workload.kind}/{workload.name}")


def kustomizations_listing(path: str, graph: Graph) -> tuple[Kustomization, ...]:
    """Return the kustomizations that name the file at `path` among their files."""
    return graph.find(Kustomization, f"path:{path}")


def nearest_first(path: str, others: Iterable[str]) -> list[str]:
    """Return paths ordered by how many directories lie between them and `path`, then by name."""
    return sorted(others, key=lambda other: (_distance(other, path), other))


def _distance(one: str, other: str) -> int:
    mine, theirs = one.split("/")[:-1], other.split("/")[:-1]
    shared = 0
    for left, right in zip(mine, theirs, strict=False):
        if left != right:
            break
        shared += 1
    return len(mine) + len(theirs) - 2 * shared


def service_port_of(service: Service, container: Container) -> int | str | None:
    """Return the container's port the Service sends traffic to, as the probe would name it; else None.

    A container that declares no ports is taken to serve the Service's target when it is alone in its
    pod: declaring ports is optional.
    """
    for port in service.ports:
        target = port.target
        if isinstance(target, int | str) and container.listens_on(target):
            return target
        if isinstance(target, int) and not container.ports and len(container.workload.containers) == 1:
            return target
    return None
